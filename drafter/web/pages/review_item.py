"""One draft under review: what a reviewer reads of it, says of it, and does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from drafter.desk.intake import detect_language
from drafter.desk.turns import following, is_free
from drafter.desk.veiling import Veil
from drafter.domain import PENDING, Act, Person, ReviewFilter, ReviewItem, ReviewText
from drafter.errors import DrafterError, NotFoundError
from drafter.web.callers import Reviewer, person_of
from drafter.web.language import _, translator
from drafter.web.pages.diffs import changes, parts
from drafter.web.pages.review import names_of, rules_of, undo_of
from drafter.web.pages.review_filters import Asked
from drafter.web.pages.ruling import MISSES, judgement_of, version_of
from drafter.web.problems import status_of
from drafter.web.rendering import page
from drafter.web.services import Services, services_of

router = APIRouter(prefix="/review", include_in_schema=False)
Where = Annotated[Asked, Depends()]
Form = Mapping[str, str]

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
    "escalated": _("The draft was escalated to the QA lead."),
    "undone": _("Your ruling was taken back; you have the draft again."),
}
_LIKE_IT: Final = 5
_LONGEST: Final = 4_000


@router.get("/{draft_id}")
def show(draft_id: str, request: Request, caller: Reviewer, asked: Where) -> Response:
    return _item_page(request, person_of(caller), draft_id, asked)


@router.post("/{draft_id}/claim")
def claim(draft_id: str, request: Request, caller: Reviewer, asked: Where) -> Response:
    """Take a draft over."""
    done = asked.back(f"/review/{draft_id}", told="claimed")
    return _after(request, person_of(caller), draft_id, asked, act=services_of(request).reviews.claim, done=done)


@router.post("/{draft_id}/release")
def release(draft_id: str, request: Request, caller: Reviewer, asked: Where) -> Response:
    """Give a draft back to the queue."""
    done = asked.back("/review", told="released")
    return _after(request, person_of(caller), draft_id, asked, act=services_of(request).reviews.release, done=done)


@router.post("/{draft_id}/undo")
def undo(draft_id: str, request: Request, caller: Reviewer, asked: Where) -> Response:
    """Take one's last ruling back."""
    done = asked.back(f"/review/{draft_id}", told="undone")
    return _after(request, person_of(caller), draft_id, asked, act=services_of(request).reviews.take_back, done=done)


@router.post("/{draft_id}/reveal")
async def reveal(draft_id: str, request: Request, caller: Reviewer, asked: Where) -> Response:
    """Show names and numbers for once; the journal tells who looked."""
    form = await _form(request)
    return await run_in_threadpool(
        _item_page, request, person_of(caller), draft_id, asked, given={**form, "revealed": "yes"}
    )


@router.post("/{draft_id}/escalate")
async def escalate(draft_id: str, request: Request, caller: Reviewer, asked: Where) -> Response:
    """Put a draft before the lead and go on to the next."""
    return await run_in_threadpool(_escalate, draft_id, request, person_of(caller), asked, await _form(request))


@router.post("/{draft_id}/ruling")
async def rule(draft_id: str, request: Request, caller: Reviewer, asked: Where) -> Response:
    """Keep a ruling and go on to the next draft; the form has a field for each finding."""
    return await run_in_threadpool(_rule, draft_id, request, person_of(caller), asked, await _form(request))


async def _form(request: Request) -> Form:
    given = (await request.form()).items()
    form = {name: value.replace("\0", "")[:_LONGEST] for name, value in given if isinstance(value, str)}
    return {name: value for name, value in form.items() if name != "csrf"}


def _after(
    request: Request,
    person: Person,
    draft_id: str,
    asked: Asked,
    *,
    act: Callable[..., ReviewItem],
    done: Response,
) -> Response:
    """Do something with a draft and go on, or tell on its page why it was not done."""
    try:
        act(draft_id, by=person)
    except NotFoundError:
        raise
    except DrafterError as error:
        return _item_page(request, person, draft_id, asked, error=error)
    return done


def _escalate(draft_id: str, request: Request, person: Person, asked: Asked, form: Form) -> Response:
    reviews = services_of(request).reviews
    try:
        reviews.escalate(draft_id, reason=form.get("because", ""), by=person)
    except NotFoundError:
        raise
    except DrafterError as error:
        return _item_page(request, person, draft_id, asked, error=error, given=form)
    upcoming = following(reviews, person, disputed=False, wanted=asked.narrowing)
    return asked.back(f"/review/{upcoming}" if upcoming else "/review", told="escalated")


def _rule(draft_id: str, request: Request, person: Person, asked: Asked, form: Form) -> Response:
    services = services_of(request)
    reviews, final = services.reviews, bool(form.get("final"))
    try:
        version = version_of(form)
        text = services.store.review.text(draft_id, services.store.review.item(draft_id).version)
        judge = reviews.settle if final else reviews.rule
        judge(draft_id, judgement_of(form, text.text, _veil(text).over(text.text)), by=person, version=version)
    except NotFoundError:
        raise
    except DrafterError as error:
        return _item_page(request, person, draft_id, asked, error=error, given=form)
    upcoming = following(reviews, person, disputed=final, wanted=asked.narrowing)
    where, told = (f"/review/{upcoming}", "ruled") if upcoming else ("/review", "end")
    return asked.back(where, told=told, last=draft_id)


def _item_page(
    request: Request,
    person: Person,
    draft_id: str,
    asked: Asked,
    *,
    error: DrafterError | None = None,
    given: Form | None = None,
) -> Response:
    """Return the page of a draft.

    Args:
        request: whose answer it is.
        person: who looks.
        draft_id: the draft.
        asked: the list that the draft was come to from.
        error: what did not work.
        given: what was typed; it is kept. Where it was typed with names and numbers shown, they stay shown, and the
            journal tells it again.
    """
    services, say = services_of(request), translator(request)
    form = given or {}
    item = services.store.review.item(draft_id)
    text = services.store.review.text(draft_id, item.version)
    services.looks.at_draft(draft_id, by=person.id)
    revealed = form.get("revealed") == "yes"
    if revealed:
        act = Act(at=services.clock.now(), actor=person.id, action="draft.reveal", subject=draft_id)
        services.store.journal.add(act)
    final_text = services.store.drafts.versions(draft_id)[-1][1]
    veil = _veil(text, final_text)
    read: Callable[[str], str] = str if revealed else veil.text
    verdict = text.verdict if revealed else veil.verdict(text.verdict, text.text)
    free = is_free(services.reviews, person, item)
    newer, older = services.reviews.beside(asked.wanted(person), item)
    return page(
        request,
        "review_item.html",
        status_code=status_of(error) if error else 200,
        asked=asked,
        newer=newer,
        older=older,
        item=item,
        verdict=verdict,
        inbound=read(text.inbound),
        parts=parts(read(text.text), verdict.findings),
        changes=changes(read(text.text), read(final_text)),
        read=read,
        revealed=revealed,
        given=form,
        misses=range(MISSES),
        rulings=services.reviews.rulings(draft_id, by=person),
        appeal=services.store.review.appeal(draft_id),
        like_it=_like_it(services, item),
        names=names_of(services),
        reasons=[(key, say(label)) for key, label in _REASONS.items()],
        rules=rules_of(request),
        final=free and item.status in ("disputed", "appealed") and "review-lead" in person.rights,
        may_rule=free and item.status in PENDING and item.assignee in (None, person.id),
        is_mine=item.assignee == person.id,
        undo=undo_of(services, person, asked),
        told=error.told(say) if error else say(_SENTENCES.get(asked.told, "")),
        told_bad=error is not None,
    )


def _veil(text: ReviewText, *others: str) -> Veil:
    return Veil([text.inbound, text.text, *others], lang=detect_language(text.text), facts=text.facts)


def _like_it(services: Services, item: ReviewItem) -> list[tuple[ReviewItem, str]]:
    """Return what was ruled on before about the same rule, with how the texts begin."""
    if not item.rules:
        return []
    ruled = services.reviews.page(ReviewFilter(rule=item.rules[0], pending=False), most=_LIKE_IT + 1).items
    others = [one for one in ruled if one.outcome is not None and one.draft_id != item.draft_id][:_LIKE_IT]
    texts = services.store.review.texts([one.draft_id for one in others])
    return [(one, _veil(texts[one.draft_id]).text(texts[one.draft_id].text)) for one in others if one.draft_id in texts]
