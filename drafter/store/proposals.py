"""Proposals to change a rule, in and out of the tables."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from drafter.domain import Act, Proposal, ProposalStatus, ReviewText, Ruling
from drafter.errors import ConflictError, NotFoundError
from drafter.store.engine import reading, writing
from drafter.store.journal import append
from drafter.store.review_tables import proposals, rulings
from drafter.store.review_texts import texts


class SqlProposals:
    """Proposals on an SQL database.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def proposal(self, proposal_id: str) -> Proposal:
        """Return a proposal.

        Raises:
            NotFoundError: there is none of this id.
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(proposals).where(proposals.c.id == proposal_id)).mappings().first()
        if row is None:
            raise NotFoundError(
                "There is no proposal {id}; `drafter review proposals` shows them all.", id=repr(proposal_id)
            )
        return _proposal(row)

    def all(self, *, status: ProposalStatus | None = None, draft_id: str | None = None) -> tuple[Proposal, ...]:
        """Return proposals, the newest first.

        Args:
            status: only of this status.
            draft_id: only those that came of this draft.

        Raises:
            StorageError: the database did not answer.
        """
        query = select(proposals).order_by(proposals.c.proposed_at.desc(), proposals.c.id)
        if status is not None:
            query = query.where(proposals.c.status == status)
        if draft_id is not None:
            query = query.where(proposals.c.draft_id == draft_id)
        with reading(self._engine) as connection:
            return tuple(_proposal(row) for row in connection.execute(query).mappings())

    def decide(self, decided: Proposal, act: Act) -> Proposal:
        """Keep what was decided about a proposal that waited.

        Raises:
            ConflictError: it no longer waits.
            StorageError: nothing was written.
        """
        waits = (proposals.c.id == decided.id) & (proposals.c.status == "proposed")
        fields = {"status", "decided_by", "decided_at", "decision_note", "altered", "decisions"}
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(proposals).where(waits).values({name: getattr(decided, name) for name in fields})
            )
            if changed.rowcount != 1:
                raise ConflictError("This proposal is decided already; nothing was done.")
            append(connection, act)
        return decided

    def past(self, most: int) -> list[ReviewText]:
        """Return the texts that were judged last, the newest first.

        Args:
            most: how many at most.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            return list(texts(connection, most=most))


def add_proposal(connection: Connection, proposal: Proposal, act: Act) -> None:
    """Keep a proposal, in the transaction of the ruling that it comes of."""
    values = proposal.model_dump(mode="json") | {"proposed_at": proposal.proposed_at}
    connection.execute(insert(proposals).values(values))
    told = {"proposal": proposal.id, "rule": proposal.rule, "scope": proposal.scope}
    append(connection, act.model_copy(update={"action": "review.propose", "detail": told}))


def withdraw_proposals(connection: Connection, draft_id: str, act: Act) -> None:
    """Let the undecided proposals of a draft fall, since its verdict was right after all."""
    waits = (proposals.c.draft_id == draft_id) & (proposals.c.status == "proposed")
    ids = connection.execute(select(proposals.c.id).where(waits)).scalars().all()
    connection.execute(update(proposals).where(proposals.c.id.in_(ids)).values(status="withdrawn"))
    for proposal_id in ids:
        told = {"proposal": proposal_id}
        append(connection, act.model_copy(update={"action": "review.withdraw_proposal", "detail": told}))


def take_back_proposals(connection: Connection, ruling: Ruling, act: Act) -> None:
    """Let the proposal of a ruling that is taken back fall, and let rise again what fell when it was given.

    Raises:
        ConflictError: the proposal is decided already.
    """
    of_draft = proposals.c.draft_id == ruling.draft_id
    asked = connection.execute(
        select(proposals.c.id, proposals.c.status).where(of_draft, proposals.c.proposed_at == ruling.at)
    ).all()
    if any(one.status in ("approved", "declined") for one in asked):
        raise ConflictError("What the ruling asked of the rules is decided already; nothing was taken back.")
    for one in asked:
        connection.execute(update(proposals).where(proposals.c.id == one.id).values(status="withdrawn"))
        told = {"proposal": one.id}
        append(connection, act.model_copy(update={"action": "review.withdraw_proposal", "detail": told}))
    # What is withdrawn though its ruling is still there fell with the verdict that is taken back now.
    stand = select(rulings.c.at).where(rulings.c.draft_id == ruling.draft_id)
    fell = of_draft & (proposals.c.status == "withdrawn") & proposals.c.proposed_at.in_(stand)
    connection.execute(update(proposals).where(fell).values(status="proposed"))


def _proposal(row: RowMapping) -> Proposal:
    return Proposal.model_validate(dict(row))
