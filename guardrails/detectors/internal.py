"""What the house calls a debtor among its own people: tier, score, notes. A debtor must never read it.

It is `injection-compliance`: whoever reveals the desk's workings, on demand or by itself, breaks that rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from guardrails.detectors import Check, Hit, Reasons
from guardrails.model import Language

RULE: Final = "injection-compliance"
SENTENCE_BY_SENTENCE: Final = True
REASONS: Reasons = {
    "internal": {
        "zh": "“{quote}”是内部用语，客户不应看到，请删去。",
        "en": "“{quote}” is said among ourselves and is not for the customer; remove it.",
    },
}
_WORDS: Final[Mapping[Language, re.Pattern[str]]] = {
    "zh": re.compile(
        r"(?:高风险|低风险|中风险)(?:客户|用户|债务人|账户|人群|名单|等级|分层|类别?|级|那一?(?:档|类|层))"
        r"|(?:优质|一般|普通)(?:客户)?(?:分层|等级|这一?(?:档|层))"
        r"|(?:客户|风险|催收|还款意愿)(?:分层|评级|等级|分级|标签)|(?:风险|催收|内部|行为|还款能力)(?:评分|得分|打分|分值)|评分卡"
        r"|内部(?:备注|记录|标签|标注|系统显示|策略|话术)|催收(?:策略|话术|备注)|(?:标记|标注|列|归)(?:为|成|入)(?:高风险|优质|一般)"
        r"|[a-e]\s*(?:类|级|档)(?:客户|用户|账户|债务人|名单|人群)|[您你](?:是|属于|属)(?:高|中|低)风险|(?:我们|内部)的?分层"
        r"|[您你](?:是|属于?|在|(?:被|已)?(?:评|列|归|划|定|标)(?:为|成|入|在))[^。！？，,]{0,6}?[a-e]\s*(?:类|级|档|等)"
        r"|[您你]的(?:综合)?(?:评分|得分|打分|分值)(?:是|为|只?有|不高|[较偏太]?[低高])|[给对为][您你](?:打|评)了?分|备注(?:里|中|上)?(?:写着|显示|记着|记录|标着|提到)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:high|low|medium)[- ]risk (?:customer|client|account|debtor|tier|category|group|list|segment)s?\b"
        r"|\b(?:premium|general|high[- ]risk) tier\b|\btier\b[^.!?\n]{0,20}\b(?:premium|general|high[- ]risk)\b"
        r"|\b(?:risk|collections?|behaviou?r|willingness) (?:score|rating|tier|band|grade|segment)s?\b"
        r"|\bscorecard\b|\binternal (?:note|notes|score|rating|flag|label|remark)s?\b"
        r"|\b(?:flagged|marked|tagged|classed|classified|rated|labell?ed) (?:as )?(?:a )?(?:high|low|medium)[- ]risk\b"
        r"|\b(?:class|category|grade|tier|band|bucket|segment) [a-e] (?:customer|client|account|debtor)s?\b"
        r"|\b(?:in|to|as) (?:risk )?(?:class|category|grade|tier|band|bucket|segment) [a-e]\b"
        r"|\b(?:rated|graded) [b-e]\b|\b[a-e]-(?:tier|class|grade|rated|band|category)\b"
        r"|\byour score (?:is|was|of) (?:\d+|low|high|poor|bad|too|below|under|above)\b"
        r"|\bscored you\b|\bour notes (?:say|show|tell)\b",
        re.IGNORECASE,
    ),
}


def find(check: Check) -> Iterator[Hit]:
    """Yield every word that is only said among the desk's own people."""
    canonical = check.canonical
    for match in _WORDS[check.lang].finditer(canonical.folded):
        yield Hit(RULE, *canonical.span(*match.span()), "internal")
