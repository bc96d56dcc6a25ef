"""Changes of the rules that overturned verdicts ask for: what each would alter, and a second person's decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request, Response

from drafter.bootstrap import amendments_folder
from drafter.desk.intake import detect_language
from drafter.desk.proposing import Proposals
from drafter.desk.veiling import Veil
from drafter.domain import Effect, Person, Proposal, ReviewText
from drafter.errors import DrafterError, NotFoundError
from drafter.web.callers import Reviewer, ReviewLead, person_of
from drafter.web.language import _, translator
from drafter.web.pages.forms import Line, go
from drafter.web.pages.review import names_of
from drafter.web.problems import status_of
from drafter.web.rendering import page
from drafter.web.services import Services, services_of
from guardrails import Facts

router = APIRouter(prefix="/review/proposals", include_in_schema=False)

_SENTENCES: Final = {
    "approved": _("Approved. The change applies to every text checked from now on."),
    "declined": _("The change was declined."),
    "published": _("Every approved change was written to the folder of rules again."),
}
_SHOWN: Final = 100


@router.get("")
def listed(request: Request, caller: Reviewer, told: str = "") -> Response:
    services, say = services_of(request), translator(request)
    found = services.store.proposals.all()
    texts = services.store.review.texts([one.draft_id for one in found])
    shown = [_veiled(one, texts.get(one.draft_id)) for one in found]
    return page(
        request,
        "proposals.html",
        waiting=[one for one in shown if one.status == "proposed"],
        decided=[one for one in shown if one.status != "proposed"],
        names=names_of(services),
        leads="review-lead" in caller.rights,
        now=services.clock.now(),
        told=say(_SENTENCES.get(told, "")),
    )


@router.post("/publish")
def publish(request: Request, caller: ReviewLead) -> Response:
    """Write every approved change to the folder of rules again, where that was not possible before."""
    del caller
    _proposals(services_of(request)).publish()
    return go("/review/proposals", told="published")


@router.get("/{proposal_id}")
def show(proposal_id: str, request: Request, caller: Reviewer) -> Response:
    return _one(request, person_of(caller), proposal_id)


@router.post("/{proposal_id}/approve")
def approve(proposal_id: str, request: Request, caller: ReviewLead) -> Response:
    """Let a change go live, as a second person."""
    act = _proposals(services_of(request)).approve
    return _decided(request, person_of(caller), proposal_id, "approved", lambda by: act(proposal_id, by=by))


@router.post("/{proposal_id}/decline")
def decline(proposal_id: str, request: Request, caller: ReviewLead, reason: Line = "") -> Response:
    """Decline a change."""
    act = _proposals(services_of(request)).decline
    return _decided(
        request,
        person_of(caller),
        proposal_id,
        "declined",
        lambda by: act(proposal_id, reason=reason, by=by),
        reason=reason,
    )


def _decided(
    request: Request,
    person: Person,
    proposal_id: str,
    told: str,
    act: Callable[[Person], Proposal],
    *,
    reason: str = "",
) -> Response:
    """Decide and go back to the list, or tell on the page of the proposal why it was not done."""
    try:
        act(person)
    except NotFoundError:
        raise
    except DrafterError as error:
        return _one(request, person, proposal_id, error=error, reason=reason)
    return go("/review/proposals", told=told)


def _one(
    request: Request, person: Person, proposal_id: str, *, error: DrafterError | None = None, reason: str = ""
) -> Response:
    services = services_of(request)
    proposals, proposal = _proposals(services), services.store.proposals.proposal(proposal_id)
    known = services.store.review.texts([proposal.draft_id]).get(proposal.draft_id)
    effect = (
        proposals.effect(proposal_id)
        if proposal.status == "proposed"
        else Effect(proposal_id=proposal_id, decisions=proposal.decisions or 0, altered=())
    )
    texts = services.store.review.texts([one.draft_id for one in effect.altered[:_SHOWN]])
    return page(
        request,
        "proposal.html",
        status_code=status_of(error) if error else 200,
        one=_veiled(proposal, known),
        effect=effect,
        altered=[(one, _begun(texts.get(one.draft_id))) for one in effect.altered[:_SHOWN]],
        names=names_of(services),
        may_decide="review-lead" in person.rights and proposal.proposed_by != person.id,
        is_own=proposal.proposed_by == person.id,
        reason=reason,
        told=error.told(translator(request)) if error else "",
    )


def _proposals(services: Services) -> Proposals:
    return Proposals(
        store=services.store.proposals,
        guard=services.desk.guard,
        clock=services.clock,
        rules=amendments_folder(services.settings),
    )


def _veiled(proposal: Proposal, text: ReviewText | None) -> Proposal:
    """Return a proposal without names and numbers in what it quotes and says."""
    said = [proposal.quote, proposal.note, proposal.decision_note]
    veil = Veil(said, lang=proposal.lang, facts=Facts() if text is None else text.facts)
    quote, note, decision = (veil.text(one) for one in said)
    return proposal.model_copy(update={"quote": quote, "note": note, "decision_note": decision})


def _begun(text: ReviewText | None) -> str:
    if text is None:
        return ""
    return Veil([text.text], lang=detect_language(text.text), facts=text.facts).text(text.text)
