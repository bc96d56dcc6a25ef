"""What administrators set while the desk runs, and whether the models answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool

from drafter.desk.adjusting import shown
from drafter.errors import (
    ConflictError,
    DrafterError,
    ModelError,
    ModelRejectedKeyError,
    ModelRequestError,
    ModelUnavailableError,
    NotFoundError,
)
from drafter.settings import Chosen, Settings, Task
from drafter.web.callers import Administrator, person_of
from drafter.web.inforce import EVERY_S, put_in_force
from drafter.web.language import _, translator
from drafter.web.pages.adjusting import SettingsForm, filled, read, shown_value
from drafter.web.pages.forms import go
from drafter.web.problems import status_of
from drafter.web.rendering import page
from drafter.web.services import Services, services_of

router = APIRouter(prefix="/settings", include_in_schema=False)

_SENTENCES: Final = {
    "saved": _("Saved, and in force from now on."),
    "same": _("Nothing was otherwise than before."),
}
_HINTS: Final[dict[type[ModelError], str]] = {
    ModelRejectedKeyError: _(
        "It does not accept the key, or wants one: set the right key in the environment, or let the key go there."
    ),
    ModelRequestError: _(
        "The address answers, but knows no model named {model}, or is no chat endpoint: check the name, and that the "
        "address ends as its maker says, mostly in /v1."
    ),
    ModelUnavailableError: _(
        "Check the address, and that the machine which serves this desk can reach it; a slow model needs more time."
    ),
}


@dataclass(frozen=True)
class Tested:
    """What came of asking a task's model."""

    task: Task
    good: bool
    told: str


@router.get("")
def show(request: Request, caller: Administrator, told: str = "") -> Response:
    del caller
    services = services_of(request)
    # What another process was told of a moment ago is shown, and put in force, here too.
    put_in_force(request.app, services.store.choices.newest())
    return _page(request, filled(services_of(request).choice), told=translator(request)(_SENTENCES.get(told, "")))


@router.post("")
def save(request: Request, caller: Administrator, form: Annotated[SettingsForm, Form()]) -> Response:
    """Set what the form says from now on."""
    services, say = services_of(request), translator(request)
    found = read(form)
    if found.faults:
        told = say("Something is not right in the fields that are marked; nothing was changed.")
        return _page(request, form, faults=found.faults, told=told, status=422)
    try:
        choice = services.adjusting.change(found.chosen, version=form.version, by=person_of(caller))
    except ConflictError as error:
        return _page(request, form, told=error.told(say), status=status_of(error))
    put_in_force(request.app, choice)
    return go("/settings", told="same" if choice.version == form.version else "saved")


@router.post("/test/{task}")
async def test(task: str, request: Request, caller: Administrator, form: Annotated[SettingsForm, Form()]) -> Response:
    """Ask a task's model as the form names it, which is not saved."""
    known: Task | None = "drafting" if task == "drafting" else "judging" if task == "judging" else None
    if known is None:
        raise NotFoundError("There is no task {task}; test drafting or judging.", task=repr(task))
    services, say = services_of(request), translator(request)
    found = read(form, task=known)
    if found.faults:
        told = Tested(known, good=False, told=say("Mend what is marked below, then test again; nothing was asked."))
        return await run_in_threadpool(_page, request, form, faults=found.faults, tested=told, status=422)
    asked, good, outcome = services.adjusting.environment.overlaid(found.chosen), True, "answered"
    try:
        answered = await services.models.probe(asked, known)
        sentence = say("{model} answered after {ms} ms.").format(model=answered.model, ms=answered.ms)
    except DrafterError as error:
        good, outcome = False, error.code
        model = (asked.model if known == "drafting" else asked.judge_model) or ""
        sentence = _plain(error, model, request)
    by = person_of(caller)
    await run_in_threadpool(services.adjusting.note_test, known, asked, outcome=outcome, by=by)
    return await run_in_threadpool(_page, request, form, tested=Tested(known, good=good, told=sentence))


def _plain(error: DrafterError, model: str, request: Request) -> str:
    say = translator(request)
    hint = next((words for kind, words in _HINTS.items() if isinstance(error, kind)), None)
    if hint is None or "why" not in error.params:
        return error.told(say)
    lead = DrafterError("The model at {where} {why}.", **error.params).told(say)
    return f"{lead} {say(hint).format(model=model)}"


def _page(
    request: Request,
    form: SettingsForm,
    *,
    faults: dict[str, str] | None = None,
    tested: Tested | None = None,
    told: str = "",
    status: int = 200,
) -> Response:
    services, say = services_of(request), translator(request)
    environment, choice = services.adjusting.environment, services.choice
    return page(
        request,
        "settings.html",
        status_code=status,
        given=form,
        faults=defaultdict(str, {name: say(words) for name, words in (faults or {}).items()}),
        tested=tested,
        told=told,
        told_bad=status != 200,  # noqa: PLR2004 - the status is its name
        outdated=form.version < choice.version,
        sources={name: environment.source(name, choice.chosen) for name in Chosen.model_fields},
        now={name: _value(services.settings, name) for name in _SHOWN},
        otherwise={name: _value(environment, name) for name in _SHOWN},
        keys={"drafting": environment.api_key is not None, "judging": environment.judge_api_key is not None},
        changed_by=_name(services, choice.set_by),
        changed_at=choice.set_at,
        every_s=int(EVERY_S),
    )


_SHOWN: Final = tuple(name for name in Chosen.model_fields if not name.endswith("send_key"))


def _value(settings: Settings, name: str) -> str:
    """Return a setting as the page shows it, without what may be secret in an address; empty for none."""
    if name == "base_url":
        return shown(settings.endpoint) or ""
    if name == "judge_base_url":
        return shown(settings.judge_base_url) or ""
    if name == "model" and settings.embedded:
        return ""
    return shown_value(name, getattr(settings, name))


def _name(services: Services, person_id: str) -> str:
    if not person_id:
        return ""
    try:
        return services.store.people.person(person_id).shown_as
    except NotFoundError:
        return person_id
