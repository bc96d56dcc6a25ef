"""What the routes work with, put together once at the start."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import Request

from drafter.bootstrap import SystemClock, open_desk, open_store
from drafter.channels import channels
from drafter.desk.approval import Approvals
from drafter.desk.conditions import FourEyes
from drafter.desk.delivery import Deliveries
from drafter.desk.drafting import Desk
from drafter.desk.people import Accounts
from drafter.desk.review import Reviews
from drafter.errors import StorageError
from drafter.ports import Clock
from drafter.settings import Settings
from drafter.store.repository import SqlStore
from drafter.web.cookies import Cookies, secret_of
from drafter.web.jobs import Jobs
from guardrails.model import Language

_LOG: Final = logging.getLogger("drafter.web")
_RELEASE_EVERY_S: Final = 1.0


@dataclass(frozen=True)
class Services:
    """The desk as the web reaches it."""

    settings: Settings
    clock: Clock
    store: SqlStore
    desk: Desk
    approvals: Approvals
    accounts: Accounts
    deliveries: Deliveries
    reviews: Reviews
    jobs: Jobs
    cookies: Cookies


@asynccontextmanager
async def open_services(settings: Settings, *, warm: tuple[Language, ...] = ()) -> AsyncIterator[Services]:
    """Give the services as the settings describe them; drafts under way are stopped at the end.

    Raises:
        SettingsError: a setting cannot be used.
        StorageError: the database cannot be opened.
        PolicyError: a rule or a signal cannot be used.
    """
    async with AsyncExitStack() as stack:
        store = stack.enter_context(open_store(settings))
        desk = await stack.enter_async_context(open_desk(settings, warm=warm, store=store))
        clock = SystemClock()
        approvals = Approvals(
            drafts=store.drafts,
            case=store.case,
            guard=desk.guard,
            clock=clock,
            undo=timedelta(seconds=settings.undo_s),
            four_eyes=FourEyes(settings.four_eyes_from),
        )
        services = Services(
            settings=settings,
            clock=clock,
            store=store,
            desk=desk,
            approvals=approvals,
            deliveries=Deliveries(drafts=store.drafts, approvals=approvals, clock=clock, channels=channels()),
            accounts=Accounts(store=store.people, clock=clock),
            reviews=Reviews(
                store=store.review,
                guard=desk.guard,
                clock=clock,
                sample=settings.review_sample,
                double=settings.review_double,
                appeal=timedelta(days=settings.appeal_days),
            ),
            jobs=Jobs(desk),
            cookies=Cookies(secret_of(settings)),
        )
        stack.push_async_callback(services.jobs.close)
        releasing = asyncio.create_task(_release(services.deliveries))
        stack.callback(releasing.cancel)
        yield services


async def _release(deliveries: Deliveries) -> None:
    """Let approved texts leave when their time has come; a database that does not answer is asked again."""
    while True:
        try:
            await asyncio.to_thread(deliveries.release)
        except StorageError as error:
            _LOG.warning("approved texts wait: %s", error.code)
        await asyncio.sleep(_RELEASE_EVERY_S)


def services_of(request: Request) -> Services:
    """Return the services of the app that answers a request."""
    return request.app.state.services  # type: ignore[no-any-return] # the state is untyped
