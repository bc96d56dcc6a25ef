"""Everything kept about one debtor as one document: for the debtor, or for an authority."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from drafter.domain import Person, Records
from drafter.domain.privacy import Row

Document = dict[str, JsonValue]
# Of the desk's own making: they tell nothing about the debtor, and how to check a reason without the reason.
_INNER = frozenset({"erased_salt", "lot", "revision"})
_MESSAGES = ("conversation", "message", "message_at", "message_number")


def dossier(records: Iterable[Records], people: Iterable[Person], heading: Mapping[str, JsonValue]) -> Document:
    """Return the document.

    Args:
        records: one for each case.
        people: everybody with an account; named by role are those alone who had a hand in one of the cases.
        heading: what it is, in words.
    """
    told = [_case(one) for one in records]
    written = json.dumps(told)
    hands: Document = {one.id: one.role.value for one in people if f'"{one.id}"' in written}
    return {"document": dict(heading), "people": hands, "cases": list(told)}


def _case(records: Records) -> Document:
    (case,) = records.rows("cases", id=records.case_id)
    drafts = records.rows("draft_states")
    return {
        **_without(case, *_MESSAGES),
        "messages": _messages(case),
        "suggestions": [
            {**_without(one), "attempts": _all(records.rows("attempts", suggestion_id=one["id"]), "suggestion_id")}
            for one in records.rows("suggestions")
        ],
        "drafts": [_draft(records, one) for one in drafts],
        "follow_ups": _all(records.rows("follow_ups"), "case_id"),
        "journal": [entry.model_dump(mode="json") for entry in records.journal],
    }


def _messages(case: Row) -> list[JsonValue]:
    """Return what was said, the newest message last."""
    before = case["conversation"]
    newest: JsonValue = {"by": "debtor", "text": case["message"], "at": case["message_at"]}
    return [*(before if isinstance(before, list) else ()), newest]


def _draft(records: Records, state: Row) -> Document:
    of_it = {"draft_id": state["draft_id"]}
    return {
        **_without(state, "case_id"),
        "versions": _all(records.rows("drafts", id=state["draft_id"]), "id", "case_id"),
        "decisions": _all(records.rows("decisions", **of_it), "draft_id"),
        "deliveries": _all(records.rows("deliveries", **of_it), "draft_id", "case_id"),
        "review": {
            "state": _all(records.rows("review_items", **of_it), "draft_id", "case_id"),
            "rules": _all(records.rows("review_rules", **of_it), "draft_id"),
            "rulings": _all(records.rows("rulings", **of_it), "draft_id"),
            "appeals": _all(records.rows("appeals", **of_it), "draft_id"),
            "proposals": _all(records.rows("proposals", **of_it), "draft_id"),
        },
    }


def _all(rows: Iterable[Row], *but: str) -> list[JsonValue]:
    return [_without(row, *but) for row in rows]


def _without(row: Row, *but: str) -> Document:
    return {name: value for name, value in row.items() if name not in _INNER and name not in but}
