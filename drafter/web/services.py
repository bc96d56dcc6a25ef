"""What the routes work with, put together once at the start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from fastapi import Request

from drafter.bootstrap import SystemClock, open_desk, open_store
from drafter.channels import Outfit, channels
from drafter.desk.approval import Approvals
from drafter.desk.casework import Casework
from drafter.desk.conditions import FourEyes
from drafter.desk.delivery import Deliveries
from drafter.desk.drafting import Desk
from drafter.desk.people import Accounts
from drafter.desk.review import Reviews
from drafter.durable import durable_deliveries
from drafter.ports import Clock
from drafter.settings import Settings
from drafter.store.repository import SqlStore
from drafter.web.cookies import Cookies, secret_of
from drafter.web.jobs import Jobs
from drafter.web.reading import triaged
from guardrails.model import Language

Deliver = Callable[[Deliveries, str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Services:
    """The desk as the web reaches it."""

    settings: Settings
    clock: Clock
    store: SqlStore
    desk: Desk
    casework: Casework
    approvals: Approvals
    accounts: Accounts
    deliveries: Deliveries
    reviews: Reviews
    jobs: Jobs
    cookies: Cookies


@asynccontextmanager
async def open_services(
    settings: Settings, *, warm: tuple[Language, ...] = (), deliver: Deliver = durable_deliveries
) -> AsyncIterator[Services]:
    """Give the services as the settings describe them; drafts under way are stopped at the end.

    Args:
        settings: where model and database are, and the limits.
        warm: languages whose prompt the embedded model has in its cache once it is open.
        deliver: lets approved texts leave while the services are open.

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
            casework=Casework(store=store, queue=store.queue, triage=partial(triaged, desk.triager), clock=clock),
            approvals=approvals,
            deliveries=Deliveries(
                drafts=store.drafts,
                approvals=approvals,
                clock=clock,
                channels=channels(Outfit(settings=settings, case=store.case, clock=clock)),
            ),
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
        delivering = deliver(services.deliveries, settings.database)
        await asyncio.to_thread(delivering.__enter__)
        stack.push_async_callback(asyncio.to_thread, delivering.__exit__, None, None, None)
        yield services


def services_of(request: Request) -> Services:
    """Return the services of the app that answers a request."""
    return request.app.state.services  # type: ignore[no-any-return] # the state is untyped
