from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from drafter.catalogues import catalogue
from drafter.domain import SYSTEM, Act, DebtorMessage, QueueFilter, Triage
from drafter.errors import InputError, NotFoundError
from drafter.store.cursors import cursor_after
from drafter.store.repository import SqlStore
from guardrails import Facts
from tests.store.test_store import AT, a_case

OPEN = QueueFilter(status="open")
HUMAN = Triage(signals=("suicide_risk",), route="human")


def keep(store: SqlStore, name: str, *, minutes: int = 0, human: bool = False, **facts: object) -> None:
    case = a_case(id=name, created_at=AT + timedelta(minutes=minutes), facts=Facts.model_validate(facts))
    store.add_case(case, HUMAN if human else Triage())


def read(store: SqlStore, wanted: QueueFilter, *, most: int) -> list[str]:
    found, cursor = [], None
    while True:
        page = store.queue.page(wanted, cursor=cursor, most=most)
        found += [row.case_id for row in page.rows]
        cursor = page.next
        if cursor is None:
            return found


@pytest.mark.parametrize("most", [1, 2, 3, 50])
def test_open_cases_that_a_person_must_answer_come_first_page_by_page(either_store: SqlStore, most: int) -> None:
    for name, minutes, human in (
        ("a", 9, False),
        ("b", 1, True),
        ("c", 5, False),
        ("d", 1, True),
        ("e", 5, False),
        ("f", 3, True),
    ):
        keep(either_store, name, minutes=minutes, human=human)
    assert read(either_store, OPEN, most=most) == ["f", "d", "b", "a", "e", "c"]
    assert read(either_store, QueueFilter(status="open", human=True), most=most) == ["f", "d", "b"]
    assert read(either_store, QueueFilter(status="open", human=False), most=most) == ["a", "e", "c"]
    assert read(either_store, QueueFilter(), most=most) == ["a", "e", "c", "f", "d", "b"]


def test_a_page_goes_on_where_it_ended_though_the_case_it_ended_with_has_moved(either_store: SqlStore) -> None:
    for name, minutes in (("a", 3), ("b", 2), ("c", 1)):
        keep(either_store, name, minutes=minutes, human=True)
    first = either_store.queue.page(OPEN, most=2)
    assert [row.case_id for row in first.rows] == ["a", "b"]
    message = DebtorMessage(text="谢谢，我明天就还。", lang="zh")
    act = Act(at=AT + timedelta(minutes=9), actor=SYSTEM, action="case.message", subject="b")
    either_store.queue.add_message(either_store.case("b"), message, Triage(), act)
    rest = either_store.queue.page(OPEN, cursor=first.next, most=2)
    assert [row.case_id for row in rest.rows] == ["c", "b"]


@pytest.mark.parametrize("row_id", ["x", "nobody~x", "human"])
def test_a_cursor_of_another_order_is_refused(sqlite_store: SqlStore, row_id: str) -> None:
    with pytest.raises(InputError):
        sqlite_store.queue.page(OPEN, cursor=cursor_after(AT, row_id))


def test_every_order_of_the_queue_is_read_by_an_index(sqlite_store: SqlStore) -> None:
    for number in range(4):
        keep(sqlite_store, f"case-{number}", minutes=number, human=number % 2 == 0)
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if "FROM cases" in statement and "draft_states" not in statement:
            asked.append((statement, parameters))

    event.listen(sqlite_store._engine, "before_cursor_execute", note)
    for wanted in (OPEN, QueueFilter(status="answered")):
        first = sqlite_store.queue.page(wanted, most=2)
        if first.next:
            sqlite_store.queue.page(wanted, cursor=first.next, most=2)
    event.remove(sqlite_store._engine, "before_cursor_execute", note)
    assert len(asked) == 3
    with sqlite_store._engine.connect() as connection:
        plans = [
            [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in asked
        ]
    for plan in plans:
        assert any("USING INDEX ix_cases_status" in step for step in plan), plan
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan, plan
    assert not any("TEMP B-TREE" in step for plan in plans[:2] for step in plan), plans


def test_a_row_tells_what_is_owed_and_for_how_long(either_store: SqlStore) -> None:
    keep(either_store, "owed", minutes=1, amount_due="4680.00", currency="CNY", days_past_due=22)
    keep(either_store, "unknown")
    owed, unknown = either_store.queue.page(OPEN).rows
    assert (owed.amount_due, owed.currency, owed.days_past_due) == (Decimal("4680.00"), "CNY", 22)
    assert (unknown.amount_due, unknown.currency, unknown.days_past_due) == (None, None, None)


def test_a_name_is_found_only_for_whoever_may_read_names(either_store: SqlStore) -> None:
    case = a_case(id="named", facts=Facts(debtor_name="周晓_一"), message=DebtorMessage(text="还不上。", lang="zh"))
    either_store.add_case(case, Triage())
    keep(either_store, "other", debtor_name="周晓二一")
    wanted = QueueFilter(search="周晓_一")
    assert [row.case_id for row in either_store.queue.page(wanted, names=True).rows] == ["named"]
    assert either_store.queue.page(wanted).rows == ()


@pytest.mark.parametrize(("typed", "told"), [("none", "none"), ("a\nb\x1b[31m", r"a\nb\x1b[31m")])
def test_an_unknown_case_is_named_as_it_was_typed(sqlite_store: SqlStore, typed: str, told: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        sqlite_store.case(typed)
    assert f"编号为 {told} 的案件" in caught.value.told(catalogue("zh").gettext)
