"""What the card of a reply shows: the draft, the versions beside it, and what has become of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import Request

from drafter.desk.handover import handover_cards
from drafter.desk.veiling import Veil
from drafter.domain import AddedFacts, Case, Delivery, Draft, DraftStatus, Triage
from drafter.errors import NotFoundError
from drafter.web.callers import Caller
from drafter.web.failures import failure_told
from drafter.web.language import language_of, translator
from drafter.web.pages.diffs import changes, parts, together
from drafter.web.services import Services, services_of
from drafter.web.veils import veil_for

# Of several drafts of a message the one that has come furthest is shown first.
_LIVE: Final[tuple[DraftStatus, ...]] = (
    "approved",
    "queued",
    "failed",
    "awaiting_approval",
    "escalated",
    "delivered",
    "rejected",
)
_CHOICE: Final[frozenset[DraftStatus]] = frozenset({"awaiting_approval", "escalated", "rejected"})


@dataclass(frozen=True)
class Made:
    """By what a draft was made, and how long that took; nothing of it for a person's or the house's."""

    policy: str
    model: str = ""
    prompt: str = ""
    seconds: str = ""


@dataclass(frozen=True)
class Reviewed:
    """What became of a draft in the review, until when an agent may appeal, and whether this one may."""

    status: str
    outcome: str | None
    until: datetime | None
    may_appeal: bool
    late: bool


def card(request: Request, caller: Caller, case_id: str, draft_id: str, *, lifted: bool = False) -> dict[str, Any]:
    """Return the values of the card's template.

    Args:
        request: whose answer it is.
        caller: who looks.
        case_id: the case.
        draft_id: the draft to show; the one that matters most when empty.
        lifted: whoever looks has asked for names and numbers.
    """
    services, say = services_of(request), translator(request)
    case = services.store.case(case_id)
    kept = services.store.drafts.of_case(case_id)
    veil = veil_for(caller, case, kept, lifted=lifted)
    triage = veil.triage(services.casework.triage(case.message), case.message.text)
    case, drafts = veil.case(case), [veil.draft(one) for one in kept]
    draft = shown_draft(drafts, draft_id)
    delivery = services.store.drafts.delivery(draft.id) if draft else None
    channel = (delivery.channel if delivery else case.channel) or "clipboard"
    choice = versions(drafts, draft)
    by_hand = channel == "clipboard"
    held = draft is not None and (draft.before_lead or draft.status == "escalated") and "lead" not in caller.rights
    return {
        "case": case,
        "triage": triage,
        "cards": _cards(services, request, case, triage),
        "draft": draft,
        "versions": choice,
        "earlier": [one for one in drafts if one not in (draft, *choice) and _shown_to_somebody(one)],
        "added": draft.added if draft else AddedFacts(),
        "verdict": draft.verdict if draft else None,
        "parts": parts(draft.text, draft.verdict.findings) if draft else (),
        "findings": together(draft.verdict.findings) if draft else (),
        "veil": veil,
        "changes": _changes(services, draft, veil),
        "delivery": delivery,
        "to_copy": by_hand and any(_leaves(one) and not one.stale for one in drafts),
        "by_law": _held_by_law(services, delivery),
        "failure": failure_told(delivery.failure or "", say) if delivery and delivery.status == "failed" else None,
        "reviewed": _reviewed(services, draft, caller),
        "channel": say("copy and paste") if by_hand else channel,
        "by_hand": by_hand,
        "made": _made(services, draft),
        "today": services.clock.now().date(),
        "may_draft": "draft" in caller.rights,
        "may_approve": "approve" in caller.rights,
        "may_edit": draft is not None and draft.status in _CHOICE and "draft" in caller.rights and not held,
        "held": held,
    }


def shown_draft(drafts: Sequence[Draft], draft_id: str) -> Draft | None:
    """Return the draft that was asked for, or the one that matters most: on its way out, else the newest that waits."""
    named = next((one for one in drafts if one.id == draft_id), None)
    if named is not None:
        return named
    ranked = [one for one in drafts if one.status in _LIVE]
    newest = max((one.message_number for one in ranked), default=0)
    current = [one for one in ranked if one.message_number == newest]
    seen = [one for one in current if _shown_to_somebody(one)] or current
    return min(seen, key=lambda one: _LIVE.index(one.status), default=None)


def versions(drafts: Sequence[Draft], shown: Draft | None) -> list[Draft]:
    """Return the replies to one message that can be chosen from, the oldest first; none where there is no choice."""
    if shown is None or shown.status not in _CHOICE:
        return []
    beside = [
        one
        for one in drafts
        if one.message_number == shown.message_number and one.status in _CHOICE and _shown_to_somebody(one)
    ]
    chosen = beside if shown in beside else [*beside, shown]
    return sorted(chosen, key=lambda one: (one.created_at, one.id)) if len(chosen) > 1 else []


def _shown_to_somebody(draft: Draft) -> bool:
    """Tell whether a draft is more than an attempt that was mended or bettered before anybody saw it."""
    return draft.offered or draft.edited_by is not None


def _reviewed(services: Services, draft: Draft | None, caller: Caller) -> Reviewed | None:
    """Return what the review made of a draft; None where it is not among the reviewed."""
    if draft is None:
        return None
    try:
        item = services.store.review.item(draft.id)
    except NotFoundError:
        return None
    until = services.reviews.appeal_until(item)
    late = until is not None and services.clock.now() > until
    may_appeal = caller.person is not None and services.reviews.may_appeal(item, caller.person)
    return Reviewed(item.status, item.outcome, until, may_appeal, late)


def _changes(services: Services, draft: Draft | None, veil: Veil) -> object:
    if draft is None or draft.version == 1:
        return ()
    return changes(veil.text(services.store.drafts.versions(draft.id)[0][1]), draft.text)


def _cards(services: Services, request: Request, case: Case, triage: Triage) -> object:
    if triage.route != "human":
        return ()
    policy = services.desk.guard(case.jurisdiction).policy.file
    return handover_cards(
        triage, services.desk.triager.signals, policy, reader=language_of(request), debtor=case.message.lang
    )


def _leaves(draft: Draft) -> bool:
    return draft.status in ("approved", "queued")


def _held_by_law(services: Services, delivery: Delivery | None) -> bool:
    """Tell whether contact hours hold a text back: for nothing else does a first try wait beyond the time to undo."""
    if delivery is None or delivery.tries:
        return False
    return delivery.not_before > services.clock.now() + services.approvals.undo


def _made(services: Services, draft: Draft | None) -> Made | None:
    if draft is None:
        return None
    attempt = services.store.attempt_of(draft.id)
    if attempt is None or attempt.model == "house":
        return Made(draft.verdict.policy)
    return Made(draft.verdict.policy, attempt.model, attempt.prompt_version, f"{attempt.latency_ms / 1000:.1f}")
