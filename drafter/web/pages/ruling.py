"""A ruling as its form brings it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from drafter.domain import FindingRuling, Judgement, Miss
from drafter.errors import InputError


def version_of(form: Mapping[str, str]) -> int:
    """Return the version that was read.

    Raises:
        InputError: it is no number.
    """
    try:
        return int(form.get("version", "1"))
    except ValueError as error:
        raise InputError("This page is out of date; reload it and try again.") from error


def judgement_of(form: Mapping[str, str]) -> Judgement:
    """Return what a reviewer says; the form has a field for each finding.

    Raises:
        InputError: something is missing, or is none of what can be chosen.
    """
    outcome = form.get("outcome", "")
    found = tuple(
        {"number": name.removeprefix("finding-"), "ruling": value}
        for name, value in form.items()
        if name.startswith("finding-") and value
    )
    try:
        return Judgement(
            outcome=outcome,
            findings=tuple(FindingRuling.model_validate(one) for one in found),
            misses=(Miss(rule=form["missed"]),) if outcome == "missed" and form.get("missed") else (),
            reason=(form.get("reason") or None) if outcome == "overturned" else None,
            scope=form.get("scope") or "this-text",
            unless=form.get("unless", ""),
            note=form.get("note", ""),
        )
    except ValidationError as error:
        raise InputError("Choose upheld, overturned or missed, and fill in what belongs to it.") from error
