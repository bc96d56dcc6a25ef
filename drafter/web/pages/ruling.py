"""A ruling as its form brings it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import ValidationError

from drafter.desk.veiling import Veiled
from drafter.domain import FindingRuling, Judgement, Miss
from drafter.errors import InputError

MISSES: Final = 3
"""How many things that were missed the form has room for."""
_DIGITS: Final = 6


def version_of(form: Mapping[str, str]) -> int:
    """Return the version that was read.

    Raises:
        InputError: it is no number.
    """
    try:
        return int(form.get("version", "1"))
    except ValueError as error:
        raise InputError("This page is out of date; reload it and try again.") from error


def judgement_of(form: Mapping[str, str], text: str, veiled: Veiled) -> Judgement:
    """Return what a reviewer says; the form has a field for each finding.

    Args:
        form: as it was filled in.
        text: what is ruled on.
        veiled: the same as it is shown to whoever has not asked for names and numbers.

    Raises:
        InputError: something is missing, or is none of what can be chosen.
    """
    outcome = form.get("outcome", "")
    named = [name.removeprefix("finding-") for name in form if name.startswith("finding-") and form[name]]
    numbers = [int(n) for n in named if n.isdecimal() and len(n) <= _DIGITS]
    misses = tuple(_misses(form, text, veiled)) if outcome == "missed" else ()
    try:
        return Judgement(
            outcome=outcome,
            findings=tuple(
                FindingRuling.model_validate(
                    {"number": n, "ruling": form[f"finding-{n}"], "comment": form.get(f"comment-{n}", "")}
                )
                for n in numbers
            ),
            misses=misses,
            reason=(form.get("reason") or None) if outcome == "overturned" else None,
            scope=(form.get("scope") or "this-text") if outcome == "overturned" else "this-text",
            unless=form.get("unless", "") if outcome == "overturned" else "",
            note=form.get("note", ""),
        )
    except ValidationError as error:
        raise InputError("Choose upheld, overturned or missed, and fill in what belongs to it.") from error


def _misses(form: Mapping[str, str], text: str, veiled: Veiled) -> Iterator[Miss]:
    """Yield what was missed: a rule, and the words that break it as they stand on the page."""
    for number in range(MISSES):
        rule, words = form.get(f"missed-{number}", ""), form.get(f"words-{number}", "").replace("\r\n", "\n")
        if not rule and not words.strip():
            continue
        if not rule:
            raise InputError("Choose the rule that the words break; nothing was done.")
        if not words.strip():
            yield Miss(rule=rule)
            continue
        start, end = _place(words, form.get(f"at-{number}", ""), text, veiled)
        yield Miss(rule=rule, start=start, end=end)


def _place(words: str, at: str, text: str, veiled: Veiled) -> tuple[int, int]:
    """Return where words stand in the text, given as it is or as it is shown."""
    near = int(at) if at.isdecimal() and len(at) <= _DIGITS else 0
    for shown in (veiled.text, text):
        start = near if shown.startswith(words, near) else shown.find(words)
        if start >= 0:
            end = start + len(words)
            return veiled.true(start, end) if shown is veiled.text else (start, end)
    raise InputError("The words that were missed do not stand in the text; select them again. Nothing was done.")
