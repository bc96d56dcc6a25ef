"""The settings as the form of their page brings them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field, ValidationError

from drafter.desk.adjusting import written
from drafter.settings import Choice, Chosen, Task
from drafter.web.language import _
from guardrails.model import Value

Typed = Annotated[str, Field(max_length=400)]
PERCENT: Final = frozenset({"review_sample", "review_double"})
_PLAIN: Final = ("model_deadline_s", "judge_deadline_s", "undo_s", "review_sample", "review_double", "appeal_days")
_OF_TASK: Final[dict[Task, tuple[str, ...]]] = {
    "drafting": ("base_url", "model", "send_key", "model_deadline_s"),
    "judging": ("judge_base_url", "judge_model", "judge_send_key", "judge_deadline_s"),
}
_FAULTS: Final = {
    "base_url": _("An https address up to and with /v1, or http on this machine, without name, password or ?."),
    "model": _("The model's name there, without blanks."),
    "deadline_s": _("A number of seconds above 0, 3600 at most."),
    "undo_s": _("A number of seconds from 0 to 3600."),
    "four_eyes_from": _("An amount of 0 or more, with two decimals at most."),
    "review_sample": _("A number from 0 to 100."),
    "review_double": _("A number from 0 to 100."),
    "appeal_days": _("A whole number of days from 0 to 365."),
}


class SettingsForm(Value):
    """The form as it was filled in; an empty field leaves its value to the environment.

    Attributes:
        where, judge_where: "environment", "built-in" or "endpoint".
        four_eyes: "environment", "amount" or "off".
    """

    csrf: Typed = ""
    version: Annotated[int, Field(ge=0)] = 0
    where: Typed = "environment"
    base_url: Typed = ""
    model: Typed = ""
    send_key: Typed = ""
    model_deadline_s: Typed = ""
    judge_where: Typed = "environment"
    judge_base_url: Typed = ""
    judge_model: Typed = ""
    judge_send_key: Typed = ""
    judge_deadline_s: Typed = ""
    undo_s: Typed = ""
    four_eyes: Typed = "environment"
    four_eyes_from: Typed = ""
    review_sample: Typed = ""
    review_double: Typed = ""
    appeal_days: Typed = ""


@dataclass(frozen=True)
class Read:
    """What a form says: what it sets, and what is wrong with it by field."""

    chosen: Chosen = field(default_factory=Chosen)
    faults: dict[str, str] = field(default_factory=dict)


def read(form: SettingsForm, *, task: Task | None = None) -> Read:
    """Return what a form sets.

    Args:
        form: as filled in.
        task: only what belongs to this task.
    """
    given = {name: value for name, value in _given(form) if task is None or name in _OF_TASK[task]}
    missing = {
        name: _FAULTS["model"]
        for url, name in (("base_url", "model"), ("judge_base_url", "judge_model"))
        if given.get(url) is not None and not given.get(name)
    }
    try:
        chosen = Chosen.model_validate(given)
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors() if one["loc"]}
        return Read(faults={name: _fault(name) for name in Chosen.model_fields if name in wrong} | missing)
    return Read(chosen)


def filled(choice: Choice) -> SettingsForm:
    """Return the form as it shows what is set."""
    chosen = choice.chosen
    known = chosen.model_dump(exclude_unset=True)
    texts = {
        name: shown_value(name, value)
        for name, value in known.items()
        if value is not None and not isinstance(value, bool)
    }
    return SettingsForm(
        version=choice.version,
        where=_where(known, "base_url"),
        judge_where=_where(known, "judge_base_url"),
        four_eyes=("amount" if known["four_eyes_from"] is not None else "off")
        if "four_eyes_from" in known
        else "environment",
        send_key="yes" if chosen.send_key else "",
        judge_send_key="yes" if chosen.judge_send_key else "",
        **texts,
    )


def shown_value(name: str, value: object) -> str:
    """Return a value as its field shows it."""
    if name in PERCENT:
        return written(Decimal(str(value)) * 100)
    return "" if value is None else written(value)


def _given(form: SettingsForm) -> Iterator[tuple[str, object]]:
    for prefix in ("", "judge_"):
        where = getattr(form, f"{prefix}where")
        if where == "endpoint":
            yield f"{prefix}base_url", getattr(form, f"{prefix}base_url").strip()
            yield f"{prefix}model", getattr(form, f"{prefix}model").strip()
            yield f"{prefix}send_key", getattr(form, f"{prefix}send_key") == "yes"
        elif where == "built-in" and not prefix:
            yield "base_url", None
    if form.four_eyes != "environment":
        yield "four_eyes_from", form.four_eyes_from.strip() if form.four_eyes == "amount" else None
    for name in _PLAIN:
        typed = getattr(form, name).strip()
        if typed:
            yield name, _share(typed) if name in PERCENT else typed


def _share(typed: str) -> str:
    try:
        return str(Decimal(typed.removesuffix("%").strip()) / 100)
    except ArithmeticError:  # no number, or one beyond all measure
        return typed


def _where(known: dict[str, object], name: str) -> str:
    if name not in known:
        return "environment"
    return "built-in" if known[name] is None else "endpoint"


def _fault(name: str) -> str:
    return _FAULTS.get(name) or _FAULTS[name.removeprefix("judge_").removeprefix("model_")]
