"""The words around a figure that tell what it is there for: a due date, a deadline, an echo of the debtor's words."""

from __future__ import annotations

import re
from typing import Final

SENTENCE_END: Final = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
CLAUSE_END: Final = re.compile(r"[，,：:]")

# A reply takes up a figure of the debtor's without making it its own.
ECHOES: Final = re.compile(
    r"(?<![跟向和对给同与为替帮])(?:您|你)[^，。]{0,8}(?:提|说|表示|希望|想|打算|计划|能|建议|认为|觉得|告知|告诉|写|方案|请求|申请|收入|工资)"
    r"|转达|反映|提交|申请|记下|登记|得知|不符|不一致|出入|差异"
    r"|\byou(?:'ve|'d| have| would| could| are| were)? (?:\w+ )?(?:said|say|mentioned|asked|suggested|proposed|offer\w*"
    r"|told|wrote|written|believe|think|paid|like|afford|manage|plan\w*|hop\w+|able|expect\w*|get paid)\b"
    r"|\byour (?:offer|proposal|suggestion|request|plan|message|figure|payment|idea|wages?|pay"
    r"|payday|salary|benefits?)\b|\bpass\w* |\brequest|\bdiffer|n't match|not match|rather than|instead of"
)
# The same, plainly said to be the debtor's words: enough where the debtor's message is not at hand.
ATTRIBUTED: Final = re.compile(
    r"(?<![跟向和对给同与为替帮])(?:您|你)[^，。]{0,8}(?:提到|提出|提议|说|表示|希望|想要?|打算|计划|建议|认为|觉得|告知|告诉|写到|询问|问)"
    r"|\byou(?:'ve|'d| have| had| also)? (?:said|mentioned|asked|suggested|proposed|offered|told|wrote|believe|think"
    r"|hope[ds]?)\b|\bthan(?:ks|k you) for (?:offering|suggesting|telling|proposing)"
    r"|\byour (?:offer|proposal|suggestion|request|idea) (?:of|to)\b"
)
# A sentence with these speaks for the creditor: what it says of a sum or a date must be the facts'.
ASSERTS: Final = re.compile(
    r"应还|欠款|余额|金额|账户|账单|记录|显示|到期|还款日|截止|逾期|结清|只需|仅需|确认|同意|批准|免除|清零|减免"
    r"|\b(?:balance|owe[ds]?|amount due|account|records?|due|deadline|overdue"
    r"|confirm\w*|agree\w*|approv\w*|accept\w*|settle\w*|waiv\w*)\b"
)
# The reply says itself that a figure is wrong, foreign to it or not to be had.
NOT_SO_BEFORE: Final = re.compile(
    r"(?:并非|绝非|均非|不是|而非|并不是|没有|没|并无|不存在|不会(?:再?加收|另收|变成|改成|调整为|要您)|不收"
    r"|不用[付交给]|无需[付交给]|看不到|没看到|没见过|没听说|不可能(?:有|是)"
    r"|\b(?:not|isn't|wasn't|aren't|no|never|rather than|instead of|don't have|do not have|there is no|there's no))"
    r"[^，。只仅请就但]{0,9}$"
)
NOT_SO_AFTER: Final = re.compile(
    r"[^，。；;.!?]{0,12}?(?:是错的|错了|有误|不对|均?非我|并非|都不是|不属实|是假|不存在|无法确认|不能确认"
    r"|看不到|没看到|没见过|没有(?![收还付到处结按])|未见|之类|的说法"
    r"|(?:is|was|are|were) (?:wrong|incorrect|a mistake|a typo|not (?:ours|right|correct|mine))|isn't|wasn't|doesn't)"
)
COUNTED_BEFORE: Final = re.compile(r"(?:计|共|合计|满|已达|晚了?|拖了|超过)\s?$")
CERTAINLY: Final = re.compile(r"\s?的?(?:理解|确定|肯定|尊重|保密|真诚|sure|certain|confidential|understand|committed)")

MINIMUM: Final = re.compile(r"最低|minimum")
MINIMUM_BEFORE: Final = re.compile(
    r"(?:最低还款额?|最低应还|minimum(?: payment)?(?: due)?)(?:为|是|[:：]|\s(?:is|of))*\s?$"
)
WHOLE_BEFORE: Final = re.compile(
    r"(?:总额|总欠款|欠款总[额计]|全部欠款|全额|一共欠|总共欠"
    r"|(?:total|whole|full|entire|outstanding) (?:balance|amount|debt)(?: due)?|balance|you owe(?: us)?)"
    r"(?:为|是|[:：]|\s(?:is|of|now|currently))*\s?$"
)

DUE: Final = re.compile(r"到期|逾期|还款日|\bdue\b|overdue")
DUE_BEFORE: Final = re.compile(
    r"(?:到期日|还款日|到期时间|还款期限|due date|(?:was|is|were|fell|falls|payment|balance) due)"
    r"(?:期|为|是|在|于|[:：]|\s(?:is|was|of|on|by))*\s?$"
)
LATE: Final = re.compile(r"逾期|到期|拖欠|未还|没还|欠|since|overdue|behind|\bdue\b|missed")
OVERDUE_BEFORE: Final = re.compile(
    r"(?:逾期|拖欠|超期|过期|欠款?)(?:已经|已|了|达|时间|天数|大约|约|近|共|为|是|长达|超过|逾|将近|[:：])*\s?$"
    r"|(?:overdue|past due|late|behind|delinquent|in arrears)"
    r"(?: by| for|:| about| nearly| over| more than| some| is)*\s?$"
)
OVERDUE_AFTER: Final = re.compile(
    r"的?逾期|未还|没还|没有还|[\s-](?:past due|overdue|late\b|behind|delinquent|in arrears)|(?P<since>\s?(?:ago\b|前))"
)
# "Payments over 30 days late may be reported" is no word about this account.
IN_GENERAL_BEFORE: Final = re.compile(r"\b(?:payments|accounts|bills|debts|anything|if|once|when)\b[^.;]{0,24}$")
IN_GENERAL_AFTER: Final = re.compile(r"(?:以上|及以上)?的(?:账户|账款|款项|贷款|借款|记录)|以上")
LAW_IN_FORCE: Final = re.compile(r"施行|实施|生效|颁布|发布|took effect|in force|effective")

WITHIN_AFTER: Final = re.compile(r"\s?(?:之内|以内|内)")
WITHIN_BEFORE: Final = re.compile(r"(?:within|in the next|\bhave|in under)(?: just| only| the next)*\s?$")
BY_AFTER: Final = re.compile(
    r"(?:[上下中]午|晚上?|凌晨)?(?:\d{1,2}[点时:：]\d{0,2})?(?:（[^）]*）)?"
    r"(?:之前|以前|前|之内|以内|内|截止|为止|到期|还清|下班)"
)
BY_BEFORE: Final = re.compile(
    r"(?:\b(?:by|before|until|no later than|not later than|due|deadline(?: is| of)?|expires?|ends)"
    r"(?: the| end of| close of business| \d\S*(?: [ap]\.?m\.?)?| noon| midnight| on)*"
    r"|截止到?|最迟|最晚|限期|限|不晚于)\s?$"
)
PAYING: Final = re.compile(
    r"[还付缴]|结清|清偿|转账|处理|回电|回复我|答复我|联系我|确认"
    r"|\b(?:pay|repay|settle|clear|send|transfer|payments?|respond|reply|call|contact|act|decide|accept|confirm|resolve)\b"
)
PAY_BEFORE: Final = re.compile(r"(?:^\s*|\b(?:must|to|please) )(?:pay|settle|clear)\b")
DEMANDING: Final = re.compile(
    r"请|务必|必须|需要?|应当?|要(?!求)|得在|尽快"
    r"|\b(?:please|must|need to|have to|has to|should|required|expect you|want you|ask you|make sure)\b"
)
OWN_DEED: Final = re.compile(
    r"(?:我|我们|本行|我行|我司|专员|同事|工作人员|客服|部门)[^，。请]{0,6}(?:会|将|再|争取|尽量|预计|一般|通常)"
    r"|\b(?:i|we|someone|they|colleague|specialist|team|adviser|advisor)"
    r"(?:'ll| will| aim| usually| normally| can| plan| hope| may| might)\b"
)
RIGHTS: Final = re.compile(
    r"异议|投诉|争议|退款|到账|入账|更新|disput|complain|validat|verif|refund|show on|to post|ombudsman|hardship"
)
ASKING: Final = re.compile(r"[？?]|吗|呢|方便|是否|可否|能否")
