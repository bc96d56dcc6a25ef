"""What the classifier makes of a reply and of its sentences, where it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from guardrails.book import Match
from guardrails.classifier.sentences import sentences
from guardrails.model import Language


@dataclass(frozen=True, slots=True)
class Part:
    """One sentence, in canonical offsets, and how probable it is that it breaks a rule."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Opinion:
    """The classifier's view of one reply.

    Attributes:
        probability: that the reply as a whole breaks any rule.
        parts: its sentences.
        rejects: the whole or one of its sentences is too probable.
        doubtful: it is not rejected, but a second look is worth its cost.
        clears_below: a pattern in a sentence below this, in a reply that is not rejected, is advice and no rejection.
        likely: the rules, the likeliest first.
    """

    probability: float
    parts: tuple[Part, ...]
    rejects: bool
    doubtful: bool
    clears_below: float
    likely: tuple[str, ...]

    def clears(self, start: int) -> bool:
        """Tell whether a pattern that begins at a canonical offset is no more than advice."""
        return not self.rejects and not self.confirms(start)

    def confirms(self, start: int) -> bool:
        """Tell whether the sentence at a canonical offset is by itself too probable to be cleared."""
        here = (part.probability for part in self.parts if part.start <= start < part.end)
        return max(here, default=1.0) >= self.clears_below


@cache
def installed() -> bool:
    """Tell whether the classifier can be used: it needs numpy, which is optional."""
    return find_spec("numpy") is not None


def opinion(folded: str, lang: Language, inbound: str | None, readings: Sequence[Match]) -> Opinion | None:
    """Return the classifier's view of a reply, or None where it is not installed.

    The arguments are those of `features`.

    Raises:
        Exception: it is installed and could not run; then the text must not pass.
    """
    if not installed():
        return None
    from guardrails.classifier.features import features, of_part  # noqa: PLC0415 - numpy is optional
    from guardrails.classifier.weights import Weights  # noqa: PLC0415 - the same

    weights = Weights.load(lang)
    card = weights.card
    scores = weights.scores(*features(folded, lang, inbound, readings))
    parts = tuple(
        Part(start, end, weights.probability(*of_part(folded, lang, readings, start, end)))
        for start, end in sentences(folded)
    )
    worst = max((part.probability for part in parts), default=0.0)
    rejects = scores.any >= card.blocks_at or worst >= card.sentence_blocks_at
    return Opinion(
        probability=scores.any,
        parts=parts,
        rejects=rejects,
        doubtful=not rejects and scores.any >= card.doubts_from,
        clears_below=card.clears_below,
        likely=tuple(sorted(scores.rules, key=lambda rule: -scores.rules[rule])),
    )
