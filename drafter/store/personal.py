"""What is personal in each table: which rows tell of a case, and what stands there once its texts are erased.

Every column of a table with rows about debtors is named here, as erased or as kept; a test holds that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, select

from drafter.store import review_tables as review
from drafter.store import tables

ERASED: Final = "[erased]"
"""Stands where a text may not be empty."""

Ids = Collection[str]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Personal:
    """A table with rows about debtors.

    Attributes:
        of: the condition for the rows of some cases, given by id.
        erased: what stands in a column once the row is erased, given what stood in the row before.
        kept: the columns that stay: ids, times, actors, hashes, and what is counted.
    """

    table: Table
    of: Callable[[Ids], ColumnElement[bool]]
    kept: frozenset[str]
    erased: Mapping[str, Callable[[Row], object]] = field(default_factory=dict)


WITHOUT_DEBTORS: Final = frozenset(
    {"journal", "journal_end", "people", "sessions", "sign_in_links", "sign_in_failures", "api_keys", "desk_settings"}
)
"""Tables that hold nothing of a debtor; the journal names cases and drafts by id alone."""
ANSWERS: Final = tables.answered_requests
"""Copies of answers, found by the ids in them and deleted whole."""


def _nothing(_row: Row) -> None:
    return None


def _empty(_row: Row) -> str:
    return ""


def _erased(_row: Row) -> str:
    return ERASED


def _no_items(_row: Row) -> list[object]:
    return []


def _no_fields(_row: Row) -> dict[str, object]:
    return {}


def _bare(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """Return a verdict that tells what was found where, and quotes nothing."""
    found = verdict.get("findings", ())
    findings = [{**one, "quote": "", "reason": ""} for one in found]
    for one in findings:
        one.pop("suggestion", None)
    return {**verdict, "findings": findings}


def _bare_verdict(row: Row) -> dict[str, Any]:
    return _bare(row["verdict"])


def _mark_of_a_lead(row: Row) -> str | None:
    """Return the reason without its words: that there is one means that the case is before a lead."""
    return None if row["escalated_because"] is None else ""


def _bare_findings(row: Row) -> list[dict[str, Any]]:
    return [{**one, "comment": ""} for one in row["findings"]]


def _in_force(column: str) -> Callable[[Row], object]:
    """Return what keeps a column of a change that is in force: its phrase is a rule of the house by now."""

    def keep(row: Row) -> object:
        return row[column] if row["status"] == "approved" else type(row[column])()

    return keep


def _status_of_a_change(row: Row) -> str:
    return "withdrawn" if row["status"] == "proposed" else str(row["status"])


def _drafts_of(ids: Ids) -> Select[Any]:
    return select(tables.draft_states.c.draft_id).where(tables.draft_states.c.case_id.in_(ids))


def _suggestions_of(ids: Ids) -> Select[Any]:
    return select(tables.suggestions.c.id).where(tables.suggestions.c.case_id.in_(ids))


def _by_case(table: Table) -> Callable[[Ids], ColumnElement[bool]]:
    return table.c.case_id.in_


def _by_draft(table: Table) -> Callable[[Ids], ColumnElement[bool]]:
    return lambda ids: table.c.draft_id.in_(_drafts_of(ids))


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


PERSONAL: Final = (
    Personal(
        tables.cases,
        of=tables.cases.c.id.in_,
        erased={
            "external_id": _nothing,
            "message": _erased,
            "facts": _no_fields,
            "triage": _no_fields,
            "conversation": _no_items,
            "promises": _no_items,
            "time_zone": _nothing,
            "escalated_because": _mark_of_a_lead,
        },
        kept=_names(
            "id lang tier jurisdiction created_at channel message_number message_at status route assignee "
            "erased_at erased_because erased_salt"
        ),
    ),
    Personal(
        tables.suggestions,
        of=_by_case(tables.suggestions),
        erased={"text": _nothing, "triage": _no_fields, "promises": _no_items, "handover": _no_items},
        kept=_names("id case_id draft_id status source moves next_step created_at may_go_out_at"),
    ),
    Personal(
        tables.attempts,
        of=lambda ids: tables.attempts.c.suggestion_id.in_(_suggestions_of(ids)),
        erased={"text": _empty, "verdict": _bare_verdict},
        kept=_names(
            "suggestion_id number passed policy model prompt_version prompt_tokens completion_tokens cached_tokens "
            "latency_ms first_token_ms draft_id"
        ),
    ),
    Personal(
        tables.drafts,
        of=_by_case(tables.drafts),
        erased={"text": _empty, "verdict": _bare_verdict},
        kept=_names("id version case_id text_sha256 created_at edited_by"),
    ),
    Personal(
        tables.draft_states,
        of=_by_case(tables.draft_states),
        erased={"facts": _nothing, "added": _nothing},
        kept=_names("draft_id case_id suggestion_id version status source message_number created_at changed_at"),
    ),
    Personal(
        tables.decisions,
        of=_by_draft(tables.decisions),
        erased={"reason": _nothing},
        kept=_names("id draft_id version outcome decided_by decided_at text_sha256 policy"),
    ),
    Personal(
        tables.deliveries,
        of=_by_case(tables.deliveries),
        kept=_names("id draft_id version case_id channel status not_before tries failure delivered_at"),
    ),
    Personal(
        tables.follow_ups,
        of=_by_case(tables.follow_ups),
        erased={"due": _nothing, "amount": _nothing, "currency": _nothing, "quote": _empty},
        kept=_names("id case_id kind status created_at"),
    ),
    Personal(
        review.review_items,
        of=_by_case(review.review_items),
        # Another revision: whoever is about to rule on what was read is told that it is gone.
        erased={
            "erased": lambda _row: True,
            "revision": lambda row: row["revision"] + 1,
            "escalated_because": _mark_of_a_lead,
        },
        kept=_names(
            "draft_id case_id version rejected lot created_at tier model prompt_version status outcome ruled_at "
            "assignee escalated_by"
        ),
    ),
    Personal(review.review_rules, of=_by_draft(review.review_rules), kept=_names("draft_id rule severity")),
    Personal(
        review.rulings,
        of=_by_draft(review.rulings),
        erased={"findings": _bare_findings, "unless": _empty, "note": _empty},
        kept=_names("draft_id stage version by at outcome misses reason scope about"),
    ),
    Personal(
        review.appeals,
        of=_by_draft(review.appeals),
        erased={"reason": _erased},
        kept=_names("draft_id by at"),
    ),
    Personal(
        review.proposals,
        of=_by_draft(review.proposals),
        erased={
            "quote": _empty,
            "note": _empty,
            "decision_note": _empty,
            "entries": _in_force("entries"),
            "unless": _in_force("unless"),
            "status": _status_of_a_change,
        },
        kept=_names(
            "id draft_id version rule lang jurisdiction scope proposed_by proposed_at decided_by decided_at altered "
            "decisions"
        ),
    ),
)
