"""The review: what was rejected, what a reviewer says of it, and what comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from drafter.desk.intake import detect_language
from drafter.desk.masking import mask
from drafter.desk.turns import following, is_free
from drafter.domain import PENDING, Act, Person, ReviewFilter, ReviewItem, ReviewText, Tier
from drafter.errors import DrafterError, NotFoundError
from drafter.web.callers import Caller, Reviewer, person_of
from drafter.web.language import _, language_of, translator
from drafter.web.pages.diffs import Part, parts
from drafter.web.pages.forms import go
from drafter.web.pages.ruling import judgement_of, version_of
from drafter.web.pages.tabs import tabs
from drafter.web.problems import status_of
from drafter.web.rendering import page
from drafter.web.services import services_of
from drafter.web.words import rule_name
from guardrails.model import Value
from guardrails.policy import load_rules

router = APIRouter(prefix="/review", include_in_schema=False)


_TABS: Final[Mapping[str, tuple[str, ReviewFilter]]] = {
    "unassigned": (_("To review"), ReviewFilter(pending=True)),
    "mine": (_("Mine"), ReviewFilter(pending=True)),
    "appealed": (_("Appealed"), ReviewFilter(status="appealed")),
    "disputed": (_("Disputed"), ReviewFilter(status="disputed")),
    "overturned": (_("Overturned"), ReviewFilter(outcome="overturned")),
    "all": (_("All"), ReviewFilter()),
}
_REASONS: Final = {
    "context-missing": _("The context was not seen"),
    "rule-too-broad": _("The rule is too broad"),
    "wrong-span": _("The wrong words were marked"),
    "model-error": _("The classifier erred"),
    "law-outdated": _("The law has changed"),
}
_SENTENCES: Final = {
    "ruled": _("Your ruling was kept."),
    "claimed": _("You have this draft now."),
    "released": _("The draft is back in the queue."),
    "end": _("Your ruling was kept, and nothing else waits for you."),
}


class Asked(Value):
    """What the address of the queue asks for."""

    tab: str = "unassigned"
    rule: str = ""
    tier: str = ""
    cursor: str | None = None
    told: str = ""


@router.get("")
def queue(request: Request, caller: Reviewer, asked: Annotated[Asked, Depends()]) -> Response:
    services, person, say = services_of(request), person_of(caller), translator(request)
    chosen = asked.tab if asked.tab in _TABS else "unassigned"
    found = services.reviews.page(_wanted(chosen, asked, person), cursor=asked.cursor)
    progress = services.reviews.progress()
    return page(
        request,
        "review.html",
        tabs=tabs(request, _TABS, services.reviews.counts(person)),
        chosen=chosen,
        page=found,
        texts={item.draft_id: _shown(services.store.review.text(item.draft_id, item.version)) for item in found.items},
        names=_names(request),
        progress=progress,
        mine=next((one for one in progress.reviewers if one.person == person.id), None),
        rules=_rules(request),
        rule=asked.rule,
        tier=asked.tier,
        query=urlencode({"tab": chosen, "rule": asked.rule, "tier": asked.tier}),
        now=services.clock.now(),
        told=say(_SENTENCES.get(asked.told, "")),
    )


@router.get("/{draft_id}")
def show(draft_id: str, request: Request, caller: Reviewer, told: str = "") -> Response:
    return _item_page(request, person_of(caller), draft_id, told=told)


@router.post("/{draft_id}/claim")
def claim(draft_id: str, request: Request, caller: Reviewer) -> Response:
    """Take a draft over."""
    reviews = services_of(request).reviews
    return _after(request, caller, draft_id, reviews.claim, go(f"/review/{draft_id}", told="claimed"))


@router.post("/{draft_id}/release")
def release(draft_id: str, request: Request, caller: Reviewer) -> Response:
    """Give a draft back to the queue."""
    reviews = services_of(request).reviews
    return _after(request, caller, draft_id, reviews.release, go("/review", told="released"))


@router.post("/{draft_id}/reveal")
def reveal(draft_id: str, request: Request, caller: Reviewer) -> Response:
    """Show names and numbers for once; the journal tells who looked."""
    services = services_of(request)
    services.store.review.item(draft_id)
    act = Act(at=services.clock.now(), actor=caller.id, action="draft.reveal", subject=draft_id)
    services.store.journal.add(act)
    return _item_page(request, person_of(caller), draft_id, revealed=True)


@router.post("/{draft_id}/ruling")
async def rule(draft_id: str, request: Request, caller: Reviewer) -> Response:
    """Keep a ruling and go on to the next draft; the form has a field for each finding."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return await run_in_threadpool(_rule, draft_id, request, person_of(caller), form)


def _after(request: Request, caller: Caller, draft_id: str, act: Callable[..., ReviewItem], done: Response) -> Response:
    """Do something with a draft and go on, or tell on its page why it was not done."""
    person = person_of(caller)
    try:
        act(draft_id, by=person)
    except DrafterError as error:
        return _item_page(request, person, draft_id, error=error)
    return done


def _rule(draft_id: str, request: Request, person: Person, form: Mapping[str, str]) -> Response:
    reviews = services_of(request).reviews
    try:
        judge = reviews.settle if form.get("final") else reviews.rule
        judge(draft_id, judgement_of(form), by=person, version=version_of(form))
    except NotFoundError:
        raise
    except DrafterError as error:
        return _item_page(request, person, draft_id, error=error)
    upcoming = following(reviews, person, disputed=bool(form.get("final")))
    return go(f"/review/{upcoming}", told="ruled") if upcoming else go("/review", told="end")


def _item_page(
    request: Request,
    person: Person,
    draft_id: str,
    *,
    told: str = "",
    error: DrafterError | None = None,
    revealed: bool = False,
) -> Response:
    services, say = services_of(request), translator(request)
    item = services.store.review.item(draft_id)
    text = services.store.review.text(draft_id, item.version)
    cut = parts(text.text, text.verdict.findings)
    free = is_free(services.reviews, person, item)
    inbound, shown = (text.inbound, cut) if revealed else _masked(text, cut)
    return page(
        request,
        "review_item.html",
        status_code=status_of(error) if error else 200,
        item=item,
        text=text,
        inbound=inbound,
        parts=shown,
        revealed=revealed,
        rulings=services.reviews.rulings(draft_id, by=person),
        appeal=services.store.review.appeal(draft_id),
        names=_names(request),
        reasons=[(key, say(label)) for key, label in _REASONS.items()],
        rules=_rules(request),
        final=free and item.status in ("disputed", "appealed") and "review-lead" in person.rights,
        may_rule=free and item.status in PENDING and item.assignee in (None, person.id),
        is_mine=item.assignee == person.id,
        told=error.told(say) if error else say(_SENTENCES.get(told, "")),
        told_bad=error is not None,
    )


def _shown(text: ReviewText) -> str:
    return mask(text.text, lang=detect_language(text.text), facts=text.facts).text


def _masked(text: ReviewText, cut: tuple[Part, ...]) -> tuple[str, tuple[Part, ...]]:
    """Return message and draft without names and numbers, the draft still cut at its findings where that is safe."""
    both = mask(f"{text.inbound}\n{text.text}", lang=detect_language(text.text), facts=text.facts)
    whole, pieces = both.conceal(text.text), [both.conceal(part.text) for part in cut]
    if "".join(pieces) != whole:  # a finding begins or ends within a name
        return both.conceal(text.inbound), (Part(whole),)
    hidden = tuple(replace(part, text=piece) for part, piece in zip(cut, pieces, strict=True))
    return both.conceal(text.inbound), hidden


def _wanted(chosen: str, asked: Asked, person: Person) -> ReviewFilter:
    wanted = _TABS[chosen][1].model_copy(update={"rule": asked.rule or None})
    if asked.tier in tuple(Tier):
        wanted = wanted.model_copy(update={"tier": Tier(asked.tier)})
    return wanted.model_copy(update={"assignee": person.id}) if chosen == "mine" else wanted


def _names(request: Request) -> dict[str, str]:
    return {person.id: person.shown_as for person in services_of(request).store.people.all()}


def _rules(request: Request) -> list[tuple[str, str]]:
    lang = language_of(request)
    return sorted((rule, rule_name(rule, lang)) for rule in load_rules())
