"""Identity, card and personal phone numbers and number plates written out in full."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from guardrails.detectors import Check, Hit, Reasons

SENTENCE_BY_SENTENCE: Final = True
REASONS: Reasons = {
    "identity-number": {
        "zh": "“{quote}”是完整的证件号码，消息里不应写出。",
        "en": "“{quote}” is a full identity number, which a message must not spell out.",
    },
    "card-number": {
        "zh": "“{quote}”是完整的卡号或账号，最多只能写尾号。",
        "en": "“{quote}” is a full card or account number; the last digits at most may be written.",
    },
    "phone-number": {
        "zh": "“{quote}”不是事实中的官方电话，个人号码不应写在消息里。",
        "en": "“{quote}” is no official number of the facts, and a personal one must not be written in a message.",
    },
    "number-plate": {
        "zh": "“{quote}”是车牌号，消息里不应写出。",
        "en": "“{quote}” is a vehicle registration, which a message must not spell out.",
    },
}

# GB 11643 identity numbers; US social security and ITIN numbers; UK National Insurance numbers (HMRC NIM39110).
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "identity-number": re.compile(
        r"(?<!\d)[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
        r"|(?<![\d-])\d{3}-\d\d-\d{4}(?![\d-])"
        r"|(?<![A-Za-z])[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D](?![A-Za-z])"
    ),
    "card-number": re.compile(
        r"(?<![\d.,])(?:\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,4})?|\d{4}[ -]\d{6}[ -]\d{5}|\d{13,19})(?![.,]?\d)"
    ),
    "phone-number": re.compile(
        r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"
        r"|(?<![\d-])(?:\+?1[ .-]?)?\(?(?!8(?:00|33|44|55|66|77|88))[2-9]\d\d\)?[ .-]\d{3}[ .-]\d{4}(?![\d-])"
        r"|(?<!\d)(?:\+44 ?|0)7\d{3} ?\d{6}(?!\d)"
    ),
    "number-plate": re.compile(
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]·?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警](?![A-Za-z0-9])"
    ),
}
# Every shape above holds one of these; most texts hold none, and looking for it costs a tenth of looking for them all.
_PROBE: Final = re.compile(
    r"\d[\d .()+-]{7}|[A-Z]{2} ?\d\d|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]"
)
_NOT_DIGIT: Final = re.compile(r"\D")
_PHONE_DIGITS: Final = 7  # fewer are too few to tell an official number by


def find(check: Check) -> Iterator[Hit]:
    """Yield every number of a personal kind, unless it is an official one of the facts or the policy."""
    text = check.canonical.text
    if not _PROBE.search(text):
        return
    official = _official(check)
    taken: list[tuple[int, int]] = []
    for reason, shape in _SHAPES.items():
        for match in shape.finditer(text):
            start, end = match.span()
            digits = _NOT_DIGIT.sub("", match.group())
            known = len(digits) >= _PHONE_DIGITS and any(digits in line for line in official)
            if known or any(s < end and start < e for s, e in taken):
                continue
            taken.append((start, end))
            yield Hit("privacy-leak", *check.canonical.span(start, end), reason)


def _official(check: Check) -> list[str]:
    """Return the digits of every channel and line that may be written."""
    facts, file = check.facts, check.policy.file
    lines = [line[check.lang] for line in (*file.crisis_lines, *file.complaint_lines)]
    return [_NOT_DIGIT.sub("", line) for line in (*lines, *facts.official_channels, facts.contact_phone or "")]
