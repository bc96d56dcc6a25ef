"""A fact that an agent adds for one reply: the reply rests on it until it has left, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, cast

import pytest

from drafter.bootstrap import guard_for
from drafter.desk.approval import Approvals
from drafter.desk.delivery import Deliveries
from drafter.desk.intake import read_added
from drafter.domain import AddedFacts, Tier, Wish, Writing
from drafter.errors import FactsError, NotApprovableError
from drafter.store.repository import SqlStore
from guardrails import Guard
from guardrails.model import Language
from tests.approved import ANN, BEN, KIND, Clock, acts, approvals_of, approve, keep, last_act
from tests.desk.test_wishes import laid_out

OFFER = AddedFacts(authorised_offers=("分三期归还，每期1560元",))
PROMISED = "欧阳静您好，谢谢您告诉我近况。可以为您办理：分三期归还，每期1560元。您看方便吗？"
DEED = AddedFacts(actions_taken=("已为您提交了分期申请",))
DONE = "欧阳静您好，谢谢您告诉我近况，已为您提交了分期申请，您看什么时候方便聊一聊？"


def grounded(approvals: Approvals, store: SqlStore, text: str, added: AddedFacts) -> str:
    (draft_id,) = keep(store, KIND)
    approvals.ground(draft_id, text, added, version=1, by=ANN)
    return draft_id


@pytest.mark.parametrize(("text", "added"), [(PROMISED, OFFER), (DONE, DEED)])
def test_a_text_that_names_what_an_agent_added_passes_and_without_it_does_not(
    either_store: SqlStore, text: str, added: AddedFacts
) -> None:
    approvals = approvals_of(either_store)
    (draft_id,) = keep(either_store, KIND)
    assert not approvals.check(either_store.drafts.draft(draft_id), text).passed
    draft = approvals.ground(draft_id, text, added, version=1, by=ANN)
    assert (draft.status, draft.version, draft.added) == ("awaiting_approval", 2, added)
    assert acts(either_store, draft_id) == ["draft.edit"]
    assert last_act(either_store, draft_id).detail["added"] == ", ".join(added.names)
    assert approve(approvals, draft, BEN).status == "approved"
    assert either_store.case("case-1").facts.authorised_offers == ()


def test_the_added_fact_stays_with_its_draft_at_every_further_edit_and_with_no_other(
    store: SqlStore, approvals: Approvals
) -> None:
    first, second = keep(store, KIND, KIND)
    approvals.ground(first, KIND, OFFER, version=1, by=ANN)
    assert approvals.edit(first, PROMISED, version=2, by=ANN).status == "awaiting_approval"
    assert approvals.edit(second, PROMISED, version=1, by=ANN).status == "rejected"


def test_a_fact_that_is_taken_out_again_no_longer_carries_the_text(store: SqlStore, approvals: Approvals) -> None:
    draft_id = grounded(approvals, store, PROMISED, OFFER)
    bare = approvals.ground(draft_id, PROMISED, AddedFacts(), version=2, by=ANN)
    assert (bare.status, bare.added) == ("rejected", AddedFacts())
    with pytest.raises(NotApprovableError):
        approve(approvals, bare)


def test_a_day_that_an_agent_names_takes_the_place_of_the_planned_one_until_it_is_taken_out(
    store: SqlStore, approvals: Approvals
) -> None:
    (draft_id,) = keep(store, KIND)
    dated = approvals.ground(draft_id, KIND, AddedFacts(follow_up_date=date(2026, 3, 20)), version=1, by=ANN)
    assert dated.facts is not None
    assert dated.facts.follow_up_date == date(2026, 3, 20)
    bare = approvals.ground(draft_id, KIND, AddedFacts(), version=2, by=ANN)
    assert bare.facts is not None
    assert bare.facts.follow_up_date not in (None, date(2026, 3, 20))


def test_what_leaves_is_checked_against_the_facts_it_was_made_with(store: SqlStore) -> None:
    seen: list[tuple[str, ...]] = []
    approvals = approvals_of(store, noting(seen))
    draft_id = grounded(approvals, store, PROMISED, OFFER)
    approve(approvals, store.drafts.draft(draft_id))
    seen.clear()
    by_hand = cast("Any", type("ByHand", (), {"name": "clipboard", "by_hand": True})())
    clock = Clock()
    clock.at = clock.at.replace(hour=12)
    Deliveries(drafts=store.drafts, approvals=approvals, clock=clock, channels={"clipboard": by_hand}).release()
    assert store.drafts.draft(draft_id).status == "queued"
    assert seen == [OFFER.authorised_offers]


def noting(seen: list[tuple[str, ...]]) -> Callable[[str], Guard]:
    """Return the real guards, which note what offers each text is checked against."""

    class Noting:
        def __init__(self, guard: Guard) -> None:
            self._guard = guard
            self.policy = guard.policy

        def check(self, text: str, **given: Any) -> object:
            seen.append(given["facts"].authorised_offers)
            return self._guard.check(text, **given)

    return lambda jurisdiction: cast("Guard", Noting(guard_for(jurisdiction)))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("writing", ["woven", "whole"])
def test_a_reply_is_written_with_what_was_added_and_passes(lang: Language, writing: Writing) -> None:
    told = {"zh": "已为您提交了分期申请", "en": "I have passed your request on to the hardship team"}[lang]
    offer = {"zh": "分三期归还", "en": "three monthly instalments"}[lang]
    added = AddedFacts(actions_taken=(told,), authorised_offers=(offer,), follow_up_date=date(2026, 3, 20))
    brief = laid_out(lang, Tier.GENERAL, Wish(added=added), writing=writing)
    assert told in brief.wish.sentence
    assert offer in brief.wish.sentence
    assert brief.wish.sentence in brief.fallback() or writing == "whole"
    assert told[:6] in "".join(message.content for message in brief.prompt().messages) or writing == "woven"


def test_what_was_added_in_one_language_is_not_put_into_a_reply_in_another() -> None:
    added = AddedFacts(actions_taken=("已为您提交了分期申请",), authorised_offers=("分三期归还",))
    brief = laid_out("zh", Tier.GENERAL, Wish(lang="en", added=added))
    assert brief.wish.sentence == ""
    assert "分期" not in brief.fallback()


def test_facts_are_read_line_by_line_without_what_is_no_text() -> None:
    added = read_added(offers=" 分三期 \n\n减免利息\0\x07", done="", follow_up=" 2026-03-20 ")
    assert added == AddedFacts(authorised_offers=("分三期", "减免利息"), follow_up_date=date(2026, 3, 20))
    for wrong in ({"offers": "x" * 501}, {"done": "x\n" * 11}, {"follow_up": "2026-02-30"}):
        with pytest.raises(FactsError, match="nothing was kept"):
            read_added(**{"offers": "", "done": "", "follow_up": "", **wrong})
