"""Links to sites that are neither the facts' nor public ones of the jurisdiction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from guardrails.clauses import Stance
from guardrails.detectors import Check, Hit, Reasons

RULE: Final = "improper-payment-channel"
SENTENCE_BY_SENTENCE: Final = True
REASONS: Reasons = {
    "link": {
        "zh": "“{quote}”不是事实中的官方渠道，请删去这个链接。",
        "en": "“{quote}” is no official channel of the facts; remove the link.",
    },
}
# A host after http:// and its disguises, or a bare one with an ending that no sentence has by chance.
_LINK: Final = re.compile(
    r"(?:h[tx]{2}ps?\s?:\s?/\s?/\s?)(?P<host>[a-z0-9][a-z0-9.-]*[a-z0-9])(?:[/:?#][^\s，。；！？）)\"”]*)?"
    r"|(?<![a-z0-9@.-])(?P<bare>(?:[a-z0-9-]+\.)+"
    r"(?:com|cn|net|org|cc|top|xyz|vip|info|co|io|me|ly|link|site|shop|club|app|uk|us|gov))"
    r"(?![a-z0-9-])(?:/[^\s，。；！？）)\"”]*)?"
)


def find(check: Check) -> Iterator[Hit]:
    """Yield every link to a site that the reply must not send anyone to; a link warned of is none."""
    text = check.canonical.folded
    if "." not in text:
        return
    known = [channel.lower() for channel in check.facts.official_channels]
    for match in _LINK.finditer(text):
        host = match["host"] or match["bare"]
        public = any(host == site or host.endswith(f".{site}") for site in check.policy.file.public_sites)
        if public or any(host in channel for channel in known):
            continue
        if not check.reader.stances([match.span()]) & {Stance.DENIED, Stance.QUOTED, Stance.REPORTED}:
            yield Hit(RULE, *check.canonical.span(*match.span()), "link")
