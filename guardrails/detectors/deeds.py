"""Deeds that go beyond the recorded ones: with one call recorded, a letter or three calls still are invented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from guardrails.detectors import Check, Hit, Reasons
from guardrails.normalise import normalise
from guardrails.numerals import ARABIC, ZH_NUMERAL, number
from guardrails.quantities import numbers
from guardrails.recorded import unrecorded

SENTENCE_BY_SENTENCE: Final = True
REASONS: Reasons = {
    "beyond-record": {
        "zh": "“{quote}”没有记录，记录在案的只有：{deeds}",
        "en": "“{quote}” is not on record; what is recorded: {deeds}",
    },
    "other-count": {
        "zh": "“{quote}”与记录的次数不符，记录在案的是：{deeds}",
        "en": "“{quote}” is not the number on record; what is recorded: {deeds}",
    },
}

_RULE = "invented-action"
_TIMES = re.compile(
    rf"(?P<zh>{ARABIC}|[{ZH_NUMERAL}]+)(?:次|遍|通电话|封信|封函|条短信|个电话)"
    rf"|(?P<en>{ARABIC}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty) "
    r"(?:times|calls|letters|messages|voicemails|emails|texts|notices|reminders|visits)"
)


def find(check: Check) -> Iterator[Hit]:
    """Yield every claimed deed of a kind, or a count of deeds, that the record does not hold."""
    record = check.facts.actions_taken
    told = {"deeds": ("；" if check.lang == "zh" else "; ").join(record)}
    for match in unrecorded(check, _RULE, "actions_taken"):
        yield Hit(_RULE, *check.canonical.span(match.start, match.end), "beyond-record", told)
    if not record:
        return
    known = {value for line in record for value in numbers(normalise(line).folded)}
    for stated in _TIMES.finditer(check.canonical.folded):
        if _count(stated) not in known:
            yield Hit(_RULE, *check.canonical.span(stated.start(), stated.end()), "other-count", told)


def _count(stated: re.Match[str]) -> Decimal | None:
    if stated["zh"]:
        return number(stated["zh"])
    return next(iter(numbers(stated["en"])), None)
