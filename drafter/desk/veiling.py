"""Cases as those see them who may not read names and numbers: with tokens, and findings where they belong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from drafter.desk.intake import detect_language
from drafter.desk.masking import Masked, mask, replaced
from drafter.domain import Case, Draft, FollowUp, QueueRow, Triage, Undelivered
from guardrails import Facts, Finding
from guardrails.model import Language, Verdict

_ENOUGH = 400  # of a message in a list; what is shown of it ends well before


@dataclass(frozen=True)
class Veiled:
    """A text with tokens in it.

    Attributes:
        text: as it is shown.
        places: where which token stands, in the text as it is: start, end, token.
    """

    text: str
    places: tuple[tuple[int, int, str], ...] = field(repr=False)

    def shown(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of the text as it is stands in what is shown, in whole tokens."""
        pairs = list(self._pairs())
        return _moved(start, pairs, last=False), _moved(end, pairs, last=True)

    def true(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of what is shown stands in the text as it is, in whole tokens."""
        pairs = [(shown, place) for place, shown in self._pairs()]
        return _moved(start, pairs, last=False), _moved(end, pairs, last=True)

    def _pairs(self) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        longer = 0
        for start, end, token in self.places:
            yield (start, end), (start + longer, start + longer + len(token))
            longer += len(token) - (end - start)


class Veil:
    """Hides what several texts of one case say of persons: the same value behind the same token in all of them.

    Args:
        texts: what names and numbers are looked for in.
        lang: of the tokens.
        facts: of the account.
    """

    def __init__(self, texts: Iterable[str], *, lang: Language, facts: Facts) -> None:
        self._masked: Masked = mask("\n".join(texts), lang=lang, facts=facts)

    @classmethod
    def of(cls, case: Case, drafts: Iterable[Draft] = ()) -> Veil:
        said = [*(turn.text for turn in case.conversation), case.message.text, *(draft.text for draft in drafts)]
        return cls(said, lang=case.message.lang, facts=case.facts)

    @property
    def hides(self) -> bool:
        """Tell whether names and numbers are hidden."""
        return True

    def text(self, text: str) -> str:
        return self._masked.conceal(text)

    def over(self, text: str) -> Veiled:
        """Return a text with its tokens and their places."""
        places = tuple(self._masked.places(text))
        return Veiled(replaced(text, places), places)

    def case(self, case: Case) -> Case:
        return case.model_copy(
            update={
                "message": case.message.model_copy(update={"text": self.text(case.message.text)}),
                "conversation": tuple(
                    turn.model_copy(update={"text": self.text(turn.text)}) for turn in case.conversation
                ),
                "facts": self.facts(case.facts),
                "promises": tuple(
                    promise.model_copy(update={"quote": self.text(promise.quote)}) for promise in case.promises
                ),
            }
        )

    def facts(self, facts: Facts) -> Facts:
        """Return facts without names, numbers of accounts and telephones."""
        tokens = {one.value: one.token for one in self._masked.known}
        told = {name: value for name, value in facts if isinstance(value, str) and name != "currency"}
        hidden: dict[str, object] = {name: tokens.get(value) or self.text(value) for name, value in told.items()}
        words = {name: tuple(map(self.text, value)) for name, value in facts if isinstance(value, tuple)}
        return facts.model_copy(update={**hidden, **words, "account_last4": None})

    def triage(self, triage: Triage, message: str) -> Triage:
        """Return what triage saw in a message, where it stands in the message as it is shown."""
        veiled = self.over(message)
        moved = []
        for one in triage.evidence:
            start, end = veiled.shown(one.start, one.end)
            moved.append(one.model_copy(update={"start": start, "end": end, "quote": veiled.text[start:end]}))
        return triage.model_copy(update={"evidence": tuple(moved)})

    def draft(self, draft: Draft) -> Draft:
        return draft.model_copy(
            update={
                "text": self.text(draft.text),
                "verdict": self.verdict(draft.verdict, draft.text),
                "added": draft.added.model_copy(
                    update={
                        "authorised_offers": tuple(map(self.text, draft.added.authorised_offers)),
                        "actions_taken": tuple(map(self.text, draft.added.actions_taken)),
                    }
                ),
            }
        )

    def verdict(self, verdict: Verdict, text: str) -> Verdict:
        """Return a verdict whose findings stand in the text as it is shown."""
        veiled = self.over(text)
        return verdict.model_copy(update={"findings": tuple(self._finding(one, veiled) for one in verdict.findings)})

    def follow_up(self, follow_up: FollowUp) -> FollowUp:
        return follow_up.model_copy(update={"quote": self.text(follow_up.quote)})

    def row(self, row: QueueRow) -> QueueRow:
        """Return a row of the queue, of whatever case."""
        return veiled_row(row)

    def undelivered(self, one: Undelivered) -> Undelivered:
        """Return a row of what was not delivered, of whatever case."""
        return one.model_copy(update={"debtor": _veiled_name(one.debtor)})

    def _finding(self, finding: Finding, veiled: Veiled) -> Finding:
        start, end = veiled.shown(finding.start, finding.end)
        return finding.model_copy(
            update={
                "start": start,
                "end": end,
                "quote": veiled.text[start:end],
                "reason": self.text(finding.reason),
                "suggestion": None if finding.suggestion is None else self.text(finding.suggestion),
            }
        )


class NoVeil(Veil):
    """Hides nothing: for those who answer the debtor, and for those who asked and were noted."""

    def __init__(self) -> None:
        super().__init__((), lang="zh", facts=Facts())

    @property
    def hides(self) -> bool:
        return False

    def text(self, text: str) -> str:
        return text

    def over(self, text: str) -> Veiled:
        return Veiled(text, ())

    def facts(self, facts: Facts) -> Facts:
        return facts

    def row(self, row: QueueRow) -> QueueRow:
        return row

    def undelivered(self, one: Undelivered) -> Undelivered:
        return one


def veiled_row(row: QueueRow) -> QueueRow:
    """Return a row of the queue without names and numbers."""
    begun = row.message[:_ENOUGH]
    veil = Veil([begun], lang=detect_language(begun), facts=Facts(debtor_name=row.debtor or None))
    return row.model_copy(update={"message": veil.text(begun), "debtor": veil.text(row.debtor)})


def _veiled_name(debtor: str) -> str:
    named = Facts(debtor_name=debtor or None)
    return Veil((), lang=detect_language(debtor), facts=named).facts(named).debtor_name or ""


def _moved(place: int, pairs: list[tuple[tuple[int, int], tuple[int, int]]], *, last: bool) -> int:
    """Return where a place of the one text is in the other; within a token, its beginning or its end."""
    moved = place
    for (start, end), (other_start, other_end) in pairs:
        if place <= start:
            break
        if place < end:
            return other_end if last else other_start
        moved = place + other_end - end
    return moved
