from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from drafter.errors import InputError
from drafter.store.repository import SqlStore
from drafter.store.tables import cases
from tests.approved import AT, write_again
from tests.desk.posting import DRAFT, Sending, approved_for_post, refused
from tests.undelivered import fail


def undelivered(store: SqlStore) -> Sending:
    sending = approved_for_post(store)
    sending.post.answers = [refused()]
    sending.leave()
    assert sending.status == ("failed", "failed")
    return sending


def test_a_draft_whose_delivery_was_given_up_is_told_with_channel_tries_time_and_why(either_store: SqlStore) -> None:
    sending = undelivered(either_store)
    (row,) = either_store.undelivered.page().rows
    assert (row.draft_id, row.case_id, row.debtor, row.channel, row.tries) == (DRAFT, "case-1", "欧阳静", "post", 1)
    assert (row.failure, row.failed_at, row.stale) == ("The receiver answered 410.", sending.clock.at, False)
    assert either_store.undelivered.count() == 1


def test_what_is_on_its_way_has_left_or_was_stopped_is_not_told(either_store: SqlStore) -> None:
    sending = approved_for_post(either_store)
    assert either_store.undelivered.count() == 0
    sending.leave()
    assert sending.status == ("delivered", "delivered")
    assert either_store.undelivered.count() == 0
    assert either_store.undelivered.page().rows == ()


def test_it_tells_where_the_debtor_has_written_again(either_store: SqlStore) -> None:
    undelivered(either_store)
    write_again(either_store)
    (row,) = either_store.undelivered.page().rows
    assert row.stale


def test_pages_go_on_where_the_last_ended_and_tell_each_once_the_newest_first(either_store: SqlStore) -> None:

    names = fail(either_store, 5, at=lambda number: AT + timedelta(minutes=number // 2))
    told, cursor = [], None
    while True:
        found = either_store.undelivered.page(cursor=cursor, most=2)
        told += [row.draft_id for row in found.rows]
        cursor = found.next
        if cursor is None:
            break
    assert sorted(told) == sorted(names)
    assert told == sorted(told, key=lambda name: (names.index(name) // 2, name), reverse=True)
    assert either_store.undelivered.count() == 5


@pytest.mark.parametrize("cursor", ["", "x", "~", "2026-99-99~a"])
def test_a_cursor_of_elsewhere_is_refused(sqlite_store: SqlStore, cursor: str) -> None:
    with pytest.raises(InputError):
        sqlite_store.undelivered.page(cursor=cursor)


def test_a_debtor_without_a_name_has_none(sqlite_store: SqlStore) -> None:
    undelivered(sqlite_store)
    with sqlite_store._engine.begin() as connection:
        connection.execute(update(cases).values(facts={}))
    assert sqlite_store.undelivered.page().rows[0].debtor == ""
