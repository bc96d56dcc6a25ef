"""Approved texts leave when their time has come, and a run that was killed is begun again at the next start.

The desk's own rows say what is still to leave; DBOS keeps which runs are under way, so that each is begun once, by
one process, and taken up again where that process died. Its rows name deliveries and hold no text. On PostgreSQL it
keeps them in the schema "dbos" of the desk's database. Beside a SQLite database it keeps a file of its own, named like
the desk's with "-dbos" behind it. One file would do: writers take their turns in it and none was refused, and two are
no faster. But DBOS changes its tables by its own migrations, with which an upgrade, a check or a backup of the desk's
file should have nothing to do. What stands in two files is never written as one, and need not be: a run only tells to
look at the desk's rows, so that the file of DBOS may be lost, or be older or newer than the desk's, as after a
restored backup.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

from drafter.desk.delivery import Deliveries
from drafter.errors import ChannelError, ConflictError, SettingsError, StorageError

_LOG: Final = logging.getLogger("drafter.durable")
_UNDER_WAY: Final = frozenset({"PENDING", "ENQUEUED", "DELAYED"})
# Of the runs, not of the desk: what an older desk has begun a newer one must finish.
_VERSION: Final = "1"
# The same for every process: whichever starts next takes up what another has left.
_EXECUTOR: Final = "desk"
_POOL: Final = 10
# After a fault that is not the channel's, such as a policy that cannot be read.
_REST_S: Final = 30.0
# Longer than a channel may take to answer.
_LAST_RUNS_S: Final = 20

_one_at_a_time = threading.Lock()


@contextmanager
def durable_deliveries(
    deliveries: Deliveries, database: str, *, every_s: float = 1.0, at_once: int = 4
) -> Iterator[None]:
    """Let approved texts leave while the context is open; runs under way are finished at its end.

    What people carry is handed over, and what a channel sends is sent; no other caller of `release` is needed.

    Args:
        deliveries: what may leave, and how.
        database: the SQLAlchemy URL of the desk's database, which is at this version's schema.
        every_s: seconds between two looks at what is due.
        at_once: how many texts are given to channels at the same time; more leave no faster by SQLite, whose other
            writers wait longer then.

    Raises:
        SettingsError: the database cannot be used for this.
        StorageError: what is under way cannot be kept.
        RuntimeError: it is open in this process already.
    """
    config = _config(database, at_once)
    if not _one_at_a_time.acquire(blocking=False):
        raise RuntimeError("Durable deliveries are open in this process already.")
    try:
        sweeper = _Sweeper(deliveries, every_s)
        try:
            DBOS(config=config)
            sweeper.register()
            DBOS.launch()
            sweeper.start()
        except Exception as error:
            DBOS.destroy(destroy_registry=True)
            raise StorageError(
                "What leaves cannot be kept durably ({kind}); nothing was sent. Check the disk's space and rights.",
                kind=type(error).__name__,
            ) from error
        try:
            yield
        finally:
            sweeper.stop()
            DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=sweeper.unfinished_s())
    finally:
        _one_at_a_time.release()


def _config(database: str, at_once: int) -> DBOSConfig:
    return DBOSConfig(
        name="drafter",
        system_database_url=_system_database(database),
        application_version=_VERSION,
        executor_id=_EXECUTOR,
        max_executor_threads=at_once,
        sys_db_pool_size=_POOL,
        # Nothing that is kept is ever run, as a pickle would be.
        serializer=DBOSPortableJSONSerializer(),
        log_level="WARNING",
        enable_otlp=False,
    )


def _system_database(database: str) -> str:
    if not database.startswith("sqlite"):
        return database
    file, question, query = database.partition("?")
    if file.endswith((":", "/", ":memory:")):
        raise SettingsError("DRAFTER_DATABASE_URL names no file; what leaves durably needs one.")
    return f"{file}-dbos{question}{query}"


class _Sweeper:
    """Begins a run for whatever is due and has none under way."""

    def __init__(self, deliveries: Deliveries, every_s: float) -> None:
        self._deliveries = deliveries
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._sweep_on, name="deliveries", daemon=True)
        self._resting: dict[str, float] = {}
        self._last_run = float("-inf")
        self._runs = 0
        self._counting = threading.Lock()

    def register(self) -> None:
        leave = self._leave

        @DBOS.workflow(name="deliver")
        def deliver(delivery_id: str) -> None:
            DBOS.run_step({"name": "leave"}, leave, delivery_id)

        self._deliver = deliver

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def unfinished_s(self) -> int:
        """Return how long to wait for runs: DBOS notes the end of one a moment after the text has left."""
        return _LAST_RUNS_S if self._runs or time.monotonic() < self._last_run + 1 else 0

    def _sweep_on(self) -> None:
        while not self._stopping.is_set():
            try:
                self._deliveries.release()
                for delivery_id in self._deliveries.due():
                    self._begin(delivery_id)
            except Exception as error:  # noqa: BLE001 - whatever fails now is looked at again
                _LOG.warning("approved texts wait: %s", _kind(error))
            self._stopping.wait(self._every_s)

    def _begin(self, delivery_id: str) -> None:
        """Begin the delivery's run, or another behind those that have ended while it was still to leave."""
        if self._stopping.is_set() or time.monotonic() < self._resting.get(delivery_id, 0):
            return
        for number in count(1):
            run = delivery_id if number == 1 else f"{delivery_id}~{number}"
            known = DBOS.get_workflow_status(run)
            if known is None:
                with SetWorkflowID(run):
                    DBOS.start_workflow(self._deliver, delivery_id)
            if known is None or known.status in _UNDER_WAY:
                return

    def _leave(self, delivery_id: str) -> None:
        if self._stopping.is_set():
            return
        with self._counting:
            self._runs += 1
        try:
            self._deliveries.leave(delivery_id)
            self._resting.pop(delivery_id, None)
        except (ChannelError, ConflictError) as error:
            _LOG.info("delivery %s: %s", delivery_id, error.code)
        except Exception as error:  # noqa: BLE001 - a run that ends by an error would tell nobody
            self._resting[delivery_id] = time.monotonic() + _REST_S
            _LOG.warning("delivery %s waits: %s", delivery_id, _kind(error))
        finally:
            with self._counting:
                self._runs -= 1
                self._last_run = time.monotonic()


def _kind(error: Exception) -> str:
    """Return what went wrong without the words of it, which may hold personal data."""
    return type(error).__name__
