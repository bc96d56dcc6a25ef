"""The queue: which cases wait, for whom, and what the debtor wrote last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Engine, RowMapping, and_, case, func, select, update

from drafter.domain import (
    Act,
    Case,
    DebtorMessage,
    DraftMark,
    Pulse,
    QueueCounts,
    QueueFilter,
    QueuePage,
    QueueRow,
    Standing,
    Tier,
    Triage,
    Turn,
)
from drafter.store.engine import reading, writing
from drafter.store.escalating import hand_back, put_before_lead
from drafter.store.gone import hold_unerased, no_case, refuse_erased
from drafter.store.journal import append
from drafter.store.queue_order import behind, conditions, cursor_of, order_of
from drafter.store.tables import cases, decisions, draft_states, drafts

PAGE: Final = 50
# Of several drafts of a case, the queue tells the one that has come furthest.
_FURTHEST: Final = ("delivered", "failed", "queued", "approved", "awaiting_approval", "escalated", "rejected")


class SqlQueue:
    """The queue on an SQL database.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(
        self, wanted: QueueFilter, *, cursor: str | None = None, most: int = PAGE, names: bool = False
    ) -> QueuePage:
        """Return cases, those whose debtor wrote last first; of open ones, those that a person must answer before all.

        Args:
            wanted: which.
            cursor: the `next` of the page before.
            most: how many.
            names: search the debtors' names and messages too; only for whoever may read them.

        Raises:
            InputError: the cursor is none.
            StorageError: the database did not answer.
        """
        routed = wanted.status == "open"
        query = select(cases).where(*conditions(wanted, names=names))
        if cursor is not None:
            query = query.where(behind(cursor, routed=routed))
        query = query.order_by(*order_of(routed=routed)).limit(most + 1)
        with reading(self._engine) as connection:
            found = connection.execute(query).mappings().all()
            furthest = _furthest(connection, [row["id"] for row in found])
        rows = tuple(_row(row, furthest.get(row["id"])) for row in found[:most])
        return QueuePage(rows=rows, next=cursor_of(rows[-1], routed=routed) if len(found) > most else None)

    def counts(self, person_id: str) -> QueueCounts:
        """Return how many cases are where.

        Raises:
            StorageError: the database did not answer.
        """
        is_open = cases.c.status == "open"
        with reading(self._engine) as connection:
            row = (
                connection.execute(
                    select(
                        _count(is_open).label("open"),
                        _count(is_open & (cases.c.route == "human")).label("human"),
                        _count(is_open & (cases.c.tier == Tier.HIGH_RISK.value)).label("high_risk"),
                        _count(cases.c.status == "answered").label("answered"),
                        _count(cases.c.status == "escalated").label("escalated"),
                        _count(is_open & (cases.c.assignee == person_id)).label("mine"),
                    ).where(cases.c.erased_at.is_(None))
                )
                .mappings()
                .one()
            )
        return QueueCounts.model_validate(dict(row))

    def status(self, case_id: str) -> Standing:
        """Return where a case stands.

        Raises:
            NotFoundError: there is none of this id.
        """
        with reading(self._engine) as connection:
            shown = (cases.c.status, cases.c.assignee, cases.c.escalated_because, cases.c.message_at)
            row = connection.execute(select(*shown).where(cases.c.id == case_id)).first()
        if row is None:
            raise no_case(case_id)
        return Standing(*row)

    def pulse(self, case_id: str) -> Pulse:
        """Return what tells whether anything has happened in a case; cheap, since open pages ask for it all the time.

        Raises:
            NotFoundError: there is none of this id.
            StorageError: the database did not answer.
        """
        query = (
            select(
                cases.c.message_number,
                cases.c.status,
                cases.c.assignee,
                cases.c.erased_at,
                draft_states.c.draft_id,
                draft_states.c.version,
                draft_states.c.status.label("draft"),
            )
            .join(draft_states, draft_states.c.case_id == cases.c.id, isouter=True)
            .where(cases.c.id == case_id)
            .order_by(draft_states.c.draft_id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        if not rows:
            raise no_case(case_id)
        refuse_erased(rows[0].erased_at)
        drafts = tuple(DraftMark(row.draft_id, row.version, row.draft) for row in rows if row.draft_id is not None)
        return Pulse(rows[0].message_number, rows[0].status, rows[0].assignee, drafts)

    def add_message(self, known: Case, message: DebtorMessage, triage: Triage, act: Act) -> int:
        """Keep what the debtor wrote next; drafts of before become stale. Return its number.

        Args:
            known: the case.
            message: the new message.
            triage: what is in it.
            act: how the journal tells it.

        Raises:
            NotFoundError: there is no such case.
            StorageError: nothing was written.
        """
        with writing(self._engine) as connection:
            row = connection.execute(select(cases).where(cases.c.id == known.id).with_for_update()).mappings().first()
            if row is None:
                raise no_case(known.id)
            refuse_erased(row["erased_at"])
            number = row["message_number"]
            said = Turn(by="debtor", text=row["message"], at=row["message_at"])
            turns = [said, *_answers(connection, known.id, number)]
            connection.execute(
                update(cases)
                .where(cases.c.id == known.id)
                .values(
                    message=message.text,
                    lang=message.lang,
                    triage=triage.model_dump(mode="json"),
                    route=triage.route,
                    status="open",
                    escalated_because=None,
                    message_at=act.at,
                    message_number=number + 1,
                    conversation=[*row["conversation"], *(turn.model_dump(mode="json") for turn in turns)],
                )
            )
            append(connection, act)
            return int(number) + 1

    def assign(self, case_id: str, act: Act, *, to: str) -> None:
        """Give a case to a person.

        Raises:
            NotFoundError: there is none of this id.
            StorageError: nothing was written.
        """
        self._change(case_id, act, {"assignee": to})

    def escalate(self, case_id: str, act: Act, *, reason: str) -> None:
        """Put a case and the drafts that wait in it before a lead, who reads why.

        Raises:
            NotFoundError: there is none of this id.
            ConflictError: an approved reply is about to leave.
            StorageError: nothing was written.
        """
        with writing(self._engine) as connection:
            put_before_lead(connection, case_id, act, reason=reason)

    def hand_back(self, case_id: str, act: Act) -> None:
        """Give a case that is before a lead back to the agents.

        Raises:
            NotFoundError: there is none of this id.
            ConflictError: it is not before a lead.
            StorageError: nothing was written.
        """
        with writing(self._engine) as connection:
            hand_back(connection, case_id, act)

    def _change(self, case_id: str, act: Act, values: Mapping[str, object]) -> None:
        with writing(self._engine) as connection:
            hold_unerased(connection, case_id)
            changed = connection.execute(update(cases).where(cases.c.id == case_id).values(dict(values)))
            if changed.rowcount != 1:
                raise no_case(case_id)
            append(connection, act)


def _furthest(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    states = connection.execute(
        select(draft_states.c.case_id, draft_states.c.status)
        .join(cases, cases.c.id == draft_states.c.case_id)
        .where(draft_states.c.case_id.in_(ids), draft_states.c.message_number == cases.c.message_number)
    )
    found: dict[str, str] = {}
    for case_id, status in states:
        if status in _FURTHEST and (case_id not in found or _FURTHEST.index(status) < _FURTHEST.index(found[case_id])):
            found[case_id] = status
    return found


def _row(row: RowMapping, draft: str | None) -> QueueRow:
    return QueueRow.model_validate(
        {
            "case_id": row["id"],
            "external_id": row["external_id"],
            "debtor": row["facts"].get("debtor_name") or "",
            **{name: row["facts"].get(name) for name in ("amount_due", "currency", "days_past_due")},
            "message": row["message"],
            "tier": row["tier"],
            "status": row["status"],
            "human": row["route"] == "human",
            "signals": row["triage"].get("signals", ()),
            "message_at": row["message_at"],
            "assignee": row["assignee"],
            "draft": draft,
        }
    )


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _answers(connection: Connection, case_id: str, number: int) -> list[Turn]:
    """Return the replies to a message that have left, oldest first."""
    query = (
        select(drafts.c.text, decisions.c.decided_at)
        .join(draft_states, and_(draft_states.c.draft_id == drafts.c.id, draft_states.c.version == drafts.c.version))
        .join(decisions, and_(decisions.c.draft_id == drafts.c.id, decisions.c.version == drafts.c.version))
        .where(
            draft_states.c.case_id == case_id,
            draft_states.c.message_number == number,
            draft_states.c.status.in_(("approved", "queued", "delivered")),
            decisions.c.outcome == "approved",
        )
        .order_by(decisions.c.id)
    )
    return [Turn(by="desk", text=row.text, at=row.decided_at) for row in connection.execute(query)]
