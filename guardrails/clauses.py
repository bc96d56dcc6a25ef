"""How a stretch of text is meant where it stands: denied, quoted, reported as a warning, offered, asked.

The same words threaten in one clause and reassure in the next; settling that here, for all rules at once, keeps every
rule short.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from guardrails.boundaries import Boundaries
from guardrails.model import Language


class Stance(StrEnum):
    """How the writer stands to the words."""

    DENIED = "denied"  # we will not ...
    QUOTED = "quoted"  # you asked whether ...
    REPORTED = "reported"  # anyone who claims to be ... is a scammer
    ASKED = "asked"  # would you like ...?


@dataclass(frozen=True, slots=True)
class _Marks:
    """The words of one language that tell stances apart."""

    sentence_end: re.Pattern[str]
    clause_end: re.Pattern[str]
    negator: re.Pattern[str]
    affirmed_anyway: re.Pattern[str]
    scope_end: re.Pattern[str]
    denied_after: re.Pattern[str]
    quoted: re.Pattern[str]
    reported: re.Pattern[str]
    offering: re.Pattern[str]


_ZH: Final = _Marks(
    sentence_end=re.compile(r"[。！？!?；;\n]"),
    clause_end=re.compile(r"[，,：:]"),
    negator=re.compile(
        r"(?:绝|决|从|并|也|都|均|暂|一定|肯定|坚决)?(?:不会|不得|不能|不可以|不应|不允许|不需要|不必|不用|不要|不再|不曾|不是|不存在|不支持|不代表|不等于"
        r"|没有|查不到|看不到|找不到|没见到|没看到|从未|从没|未曾|并未|尚未|无需|无须|请勿|切勿|禁止|严禁|避免|防止|并非|绝非|杜绝|拒绝|不对|不向|不给|不把|不将|不因|不以|不做|不提供|不接受|不收取|不索取|不"
        r"要求|不建议|不影响|不限制|不上门|不通知|不告知|不联系|不透露|不泄露|不发送|不采取|不构成|不属于|不作为|不涉及|不安排|不计划|不打算|无权|无法|别)"
        # Whatever else is not done; but 不还 and its like begin a threat, and 不仅, 不久 deny nothing.
        r"|不(?![还处付交缴接回理配解给来出露听想信怕怪客手留保敢好排知一见管论仅只光单但如过然久少到止断停同够了行说清良希愿犯])"
        r"|没(?![还付处交缴收结钱完准那这商法得看见能])|未(?![还付处交缴收结必来能按婚成接回])|非(?!常|法|要|得)"
    ),
    affirmed_anyway=re.compile(
        r"不得不|不能不|不会不|不是不|(?:不会|不再|绝不|决不)(?:停|放弃|罢休|收手|善罢|放过|手软|留情|客气|轻易)|不可能不|没有不|(?:别|不要)(?:以为|指望|觉得|妄想|想着)|除非|不是(?:吓|开玩笑|闹着玩)"
        r"|(?:不能|无法|不)(?:保证|担保|确保|排除)"
    ),
    # A negated condition ends before its consequence: 没有还款就起诉 threatens.
    scope_end=re.compile(
        r"(?:就(?![您你此本该贵其这那])|则|便|否则|不然|要不|只好|只能|只得|将会|我们将|我方将|本行将|我司将|但|可是|不过|而是|届时|立即|马上)"
    ),
    denied_after=re.compile(
        r"^[^，。！？；\n]{0,12}?(?:(?:是|都是|均|均是|都|属于|行为)?(?:违法|违规|不允许|被禁止|不合规|禁止的|诈骗|骗局|骗子|不实|不属实|谣言|误解|误会)|不会发生|的情况不存在|不存在|没有道理|没道理|不归|不管|管不着|管不了|无关|没有关系|没关系"
        r"|(?:是|属|系|为)?(?:假的|假冒|冒充|冒用|冒名|虚假|伪造|骗人|骗术|假冒的)|不是我们|非我|并非我|请勿|别点|别信|不要信|不要点)"
    ),
    quoted=re.compile(
        r"(?<![跟向和对给同与为替帮])(?:您|你)[^，。！？；\n]{0,6}?(?:希望(?:我们|我行|本行|我司|我中心)|来函要求|来信要求|要求我[们行司]|附来|问|提到|提及|说到|担心|担忧|害怕|听说|以为|反映|表示|说的|说|写道|询问|咨询|疑问|顾虑|来信|来函|来电|质疑|提出|转述|引用|收到)"
    ),
    reported=re.compile(
        r"如有人|若有人|如果有人|有人(?:自称|冒充|假冒|声称|向您|要求|以)|任何人|任何(?:自称|要求|索要)|冒充|假冒|自称|骗子|诈骗分子|不法分子|谨防|警惕|凡是|如接到|如收到|如遇"
        r"|若遇|若收到|若接到|他人(?:以|自称)|第三方以|陌生人|声称|谎称|伪称|所谓的?|写有|写着|扬言|冒用|收到写|误传|网传|骗术|骗局"
    ),
    offering=re.compile(
        r"(?:您|你)(?:如|若|也|随时|仍|均|都)?(?:可以|可|有权|能够|是否|愿意|希望|需要|方便|想)|是否(?:愿意|需要|方便|希望|同意|授权)|如您(?:愿意|需要|希望|同意)"
    ),
)

_EN: Final = _Marks(
    sentence_end=re.compile(r"[!?;\n]|\.(?=\s|$)"),
    clause_end=re.compile(r"[,:]| (?:but|and then|so) "),
    negator=re.compile(
        r"\b(?:not|never|no|nobody|no one|none|nothing|neither|nor|without|cannot|can't|won't|don't|doesn't"
        r"|didn't|isn't|aren't|wasn't|weren't"
        r"|wouldn't|shouldn't|couldn't|mustn't|haven't|hasn't|hadn't|dont|wont|cant|refuse to|avoid"
        r"|rather than|instead of|stop short of)\b"
    ),
    affirmed_anyway=re.compile(
        r"\b(?:no choice but|not only|don't think|do not think|never say|can't promise|cannot promise"
        r"|can't guarantee|cannot guarantee"
        r"|won't stop|will not stop|not hesitate|nothing (?:else )?but|can't rule out|no doubt|why not"
        r"|not joking|not kidding)\b"
    ),
    scope_end=re.compile(
        r"\b(?:until|unless|or else|otherwise|then|we will|we'll|we are going to|i will|i'll|instead)\b"
    ),
    denied_after=re.compile(
        r"^[^.!?;\n]{0,24}?\b(?:is|are|would be|will be)? ?(?:illegal|unlawful|not allowed|against the law"
        r"|prohibited|a scam|scams|not true"
        r"|not how we work|will not happen|won't happen|is not planned|are not planned|not something we)"
    ),
    quoted=re.compile(
        r"\b(?:you (?:asked|ask|said|say|mentioned|wrote|told us|heard|were told|fear|worry|are worried"
        r"|are afraid|were worried)"
        r"|you're (?:worried|afraid|asking)|your (?:question|worry|concern|fear))\b"
    ),
    reported=re.compile(
        r"\b(?:if (?:anyone|someone|anybody|somebody|a caller|you (?:get|receive))|anyone who|anybody who"
        r"|anyone claiming|someone claiming"
        r"|scam\w*|impostor\w*|imposter\w*|fraudsters?|beware|be wary|pretend\w*)\b"
    ),
    offering=re.compile(
        r"\b(?:you (?:can|may|could|are free to|have the right to|are entitled to|are welcome to|might)"
        r"|would you like|do you want"
        r"|if you (?:would like|want|wish|prefer)|feel free to|you're welcome to)\b"
    ),
)
_MARKS: Final[dict[Language, _Marks]] = {"zh": _ZH, "en": _EN}
_OPENING: Final = '“‘「『"《'
_CLOSING: Final = '”’」』"》'


class Reader:
    """Reads one canonical text; asked about many stretches, it looks at each sentence only when needed.

    Args:
        folded: the canonical text in lower case.
        lang: its language.
        inbound: the debtor's message in the same form, to recognise words quoted from it.
    """

    def __init__(self, folded: str, lang: Language, inbound: str | None = None) -> None:
        self._text = folded
        self._marks = _MARKS[lang]
        self._inbound = inbound

    @cached_property
    def _sentences(self) -> Boundaries:
        return Boundaries(self._marks.sentence_end, self._text)

    @cached_property
    def _clauses(self) -> Boundaries:
        return Boundaries(self._marks.clause_end, self._text)

    def stances(self, words: Sequence[tuple[int, int]]) -> frozenset[Stance]:
        """Return how a phrase is meant; empty means plainly affirmed.

        Args:
            words: where the phrase's words stand, in order, in canonical offsets.
        """
        marks = self._marks
        start, end = words[0][0], words[-1][1]
        sentence_start, sentence_end = self._sentences.begin(start), self._sentences.end(end)
        clause_start = max(sentence_start, self._clauses.begin(start))
        stances = set()
        if self._denied(words, sentence_end):
            stances.add(Stance.DENIED)
        if self._quoted(sentence_start, clause_start, start, end, sentence_end):
            stances.add(Stance.QUOTED)
        if marks.reported.search(self._text, sentence_start, end):
            stances.add(Stance.REPORTED)
        if marks.offering.search(self._text, clause_start, start):
            stances.add(Stance.ASKED)
        return frozenset(stances)

    def _denied(self, words: Sequence[tuple[int, int]], sentence_end: int) -> bool:
        marks, text = self._marks, self._text
        if marks.denied_after.match(text[words[-1][1] : sentence_end]):
            return True
        for start, end in words:
            clause_start = max(self._sentences.begin(start), self._clauses.begin(start))
            if clause_start == start or marks.affirmed_anyway.search(text, clause_start, end):
                continue
            for negator in marks.negator.finditer(text, clause_start, end):
                if negator.start() >= start:
                    break
                # 不 in 不要变卖 denies even where 要 is a word of the phrase; a word that is itself a negator does not.
                part_of_phrase = any(s <= negator.start() and negator.end() <= e for s, e in words)
                if not part_of_phrase and not marks.scope_end.search(text, negator.end(), start):
                    return True
        return False

    def _quoted(self, sentence_start: int, clause_start: int, start: int, end: int, sentence_end: int) -> bool:
        text = self._text
        opened = max(text.rfind(mark, sentence_start, start) for mark in _OPENING)
        if opened >= 0 and any(mark in text[end:sentence_end] for mark in _CLOSING):
            if self._marks.quoted.search(text, sentence_start, opened):
                return True
            inner = text[opened + 1 : end].strip()
            if self._inbound and len(inner) > 1 and inner in self._inbound:
                return True
        return bool(self._marks.quoted.search(text, clause_start, start))
