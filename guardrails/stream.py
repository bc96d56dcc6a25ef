"""The check of a text that is still being written: what is certain to be found is told before the text is whole."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Protocol

from guardrails.checks import Check, Hit
from guardrails.classifier.sentences import MOST, sentences
from guardrails.detectors import phrases
from guardrails.model import Facts, Finding, Language, Verdict

_log = logging.getLogger(__name__)


class Guard(Protocol):
    """What a stream asks of the guard that made it."""

    @property
    def detectors(self) -> Mapping[str, ModuleType]: ...
    def check(self, text: str, *, lang: Language | None, facts: Facts | None, inbound: str | None) -> Verdict: ...
    def read(self, text: str, *, lang: Language | None, facts: Facts | None, inbound: str | None) -> Check: ...
    def finding(self, check: Check, detector: str, hit: Hit) -> Finding: ...


class Stream:
    """Watches one text grow.

    Args:
        guard: whose rules apply.
        lang, facts, inbound: as `Guard.check` takes them.
    """

    def __init__(self, guard: Guard, *, lang: Language | None, facts: Facts | None, inbound: str | None) -> None:
        self._guard = guard
        self._lang: Language | None = lang
        self._facts = facts
        self._inbound = inbound
        self._whole_sentences = 0
        self._told: set[tuple[str, int, int]] = set()

    def see(self, text: str) -> tuple[Finding, ...]:
        """Take the text as far as it is written; return what is new and certain to reject it.

        A finding is certain once its sentence is whole and nothing that may follow can excuse it.

        Args:
            text: everything so far; each time the text of the time before, and more.

        Where a detector cannot run, nothing is told: `close` rejects the text for it.
        """
        ends = [end for _, end in sentences(text)[:-1]]
        if len(ends) == self._whole_sentences:
            return ()
        self._whole_sentences = len(ends)
        if not ends or len(ends) >= MOST - 1:
            return ()
        try:
            found = self._found(text[: ends[-1]])
        except Exception as error:  # noqa: BLE001 - the check of the whole text meets the same and rejects
            _log.error("a growing text could not be read: %s", type(error).__name__)
            return ()
        new = [one for one in found if (one.rule, one.start, one.end) not in self._told]
        self._told.update((one.rule, one.start, one.end) for one in new)
        return tuple(new)

    def close(self, text: str) -> Verdict:
        """Return the verdict on the whole text: that of `Guard.check`."""
        return self._guard.check(text, lang=self._lang, facts=self._facts, inbound=self._inbound)

    def _found(self, text: str) -> list[Finding]:
        check = self._guard.read(text, lang=self._lang, facts=self._facts, inbound=self._inbound)
        return [self._guard.finding(check, name, hit) for name, hit in self._certain(check)]

    def _certain(self, check: Check) -> Iterator[tuple[str, Hit]]:
        for name, module in self._guard.detectors.items():
            if module is phrases:
                yield from ((name, hit) for hit in phrases.find_certain(check))
            elif getattr(module, "SENTENCE_BY_SENTENCE", False):
                yield from ((name, hit) for hit in module.find(check) if not hit.advice)
