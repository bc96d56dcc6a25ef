"""Kept texts with all that they are judged by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, RowMapping, select

from drafter.domain import ReviewText
from drafter.store.review_tables import review_items
from drafter.store.tables import cases, draft_states, drafts


def texts(
    connection: Connection,
    *,
    draft_id: str | None = None,
    version: int | None = None,
    reviewed_of: Sequence[str] | None = None,
    most: int | None = None,
) -> Iterator[ReviewText]:
    """Yield versions of drafts, the newest first.

    Args:
        connection: an open one.
        draft_id: only of this draft.
        version: only this version.
        reviewed_of: only of these drafts, and of each only the version that is reviewed.
        most: how many at most.
    """
    query = (
        select(
            drafts.c.id,
            drafts.c.version,
            drafts.c.case_id,
            drafts.c.text,
            drafts.c.verdict,
            draft_states.c.facts,
            draft_states.c.message_number,
            cases.c.facts.label("case_facts"),
            cases.c.message,
            cases.c.message_number.label("newest_message"),
            cases.c.conversation,
            cases.c.jurisdiction,
            review_items.c.outcome,
            review_items.c.version.label("reviewed"),
        )
        .join(draft_states, draft_states.c.draft_id == drafts.c.id)
        .join(cases, cases.c.id == drafts.c.case_id)
        .join(review_items, review_items.c.draft_id == drafts.c.id)
        .where(cases.c.erased_at.is_(None))
        .order_by(drafts.c.created_at.desc(), drafts.c.id, drafts.c.version.desc())
    )
    if draft_id is not None:
        query = query.where(drafts.c.id == draft_id)
    if version is not None:
        query = query.where(drafts.c.version == version)
    if reviewed_of is not None:
        query = query.where(drafts.c.id.in_(reviewed_of), drafts.c.version == review_items.c.version)
    if most is not None:
        query = query.limit(most)
    for row in connection.execute(query).mappings():
        yield _text(row)


def _text(row: RowMapping) -> ReviewText:
    facts = row["case_facts"] if row["facts"] is None else row["facts"]
    return ReviewText.model_validate(
        {
            "draft_id": row["id"],
            "inbound": _answered(row),
            "facts": facts,
            "outcome": row["outcome"] if row["version"] == row["reviewed"] else None,
            **{name: row[name] for name in ("version", "case_id", "text", "verdict", "jurisdiction")},
        }
    )


def _answered(row: RowMapping) -> str:
    """Return the debtor's message that the draft answers; what the debtor wrote since stands behind it."""
    behind = row["newest_message"] - row["message_number"]
    if behind <= 0:
        return str(row["message"])
    said = [turn["text"] for turn in row["conversation"] if turn["by"] == "debtor"]
    return str(said[-behind] if behind <= len(said) else row["message"])
