"""What the routes work with, put together once at the start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from fastapi import Request

from drafter.bootstrap import Models, SystemClock, open_desk, open_models, open_store
from drafter.channels import Outfit, channels
from drafter.desk.adjusting import Adjusting
from drafter.desk.approval import Approvals
from drafter.desk.casework import Casework
from drafter.desk.conditions import FourEyes
from drafter.desk.delivery import Deliveries
from drafter.desk.drafting import Desk
from drafter.desk.looking import Looks
from drafter.desk.measuring import Measures
from drafter.desk.people import Accounts
from drafter.desk.review import Reviews
from drafter.durable import durable_deliveries
from drafter.ports import Clock
from drafter.settings import Choice, Settings
from drafter.store.repository import SqlStore
from drafter.web.cookies import Cookies, secret_of
from drafter.web.jobs import Jobs
from drafter.web.presence import Presence
from drafter.web.provider import OpenIdProvider
from drafter.web.reading import triaged
from guardrails.model import Language

Deliver = Callable[[Deliveries, str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Services:
    """The desk as the web reaches it.

    Attributes:
        settings: those in force.
        choice: what administrators have set of them.
    """

    settings: Settings
    choice: Choice
    adjusting: Adjusting
    models: Models
    clock: Clock
    store: SqlStore
    desk: Desk
    casework: Casework
    approvals: Approvals
    accounts: Accounts
    deliveries: Deliveries
    reviews: Reviews
    measures: Measures
    looks: Looks
    jobs: Jobs
    cookies: Cookies
    provider: OpenIdProvider | None = None
    presence: Presence = field(default_factory=Presence)

    def under(self, choice: Choice) -> Services:
        """Return the services with what administrators have set by now; drafts under way end as they began."""
        settings = self.adjusting.environment.overlaid(choice.chosen)
        desk = self.desk
        if _writer(settings) != _writer(self.settings):
            desk = replace(desk, model=partial(self.models.drafting, settings), writing=settings.how_written)
            self.jobs.use(desk)
        return replace(
            self,
            settings=settings,
            choice=choice,
            desk=desk,
            approvals=replace(
                self.approvals,
                undo=timedelta(seconds=settings.undo_s),
                four_eyes=FourEyes(settings.four_eyes_from),
            ),
            reviews=replace(
                self.reviews,
                sample=settings.review_sample,
                double=settings.review_double,
                appeal=timedelta(days=settings.appeal_days),
            ),
        )


def _writer(settings: Settings) -> tuple[object, ...]:
    return settings.endpoint, settings.api_key, settings.model, settings.model_deadline_s, settings.how_written


@asynccontextmanager
async def open_services(
    settings: Settings, *, warm: tuple[Language, ...] = (), deliver: Deliver = durable_deliveries
) -> AsyncIterator[Services]:
    """Give the services as the settings describe them; drafts under way are stopped at the end.

    Args:
        settings: the environment's: where model and database are, and the limits.
        warm: languages whose prompt the embedded model has in its cache once it is open.
        deliver: lets approved texts leave while the services are open.

    Raises:
        SettingsError: a setting cannot be used.
        StorageError: the database cannot be opened.
        PolicyError: a rule or a signal cannot be used.
    """
    known = settings.identity_provider()
    async with AsyncExitStack() as stack:
        store = stack.enter_context(open_store(settings))
        environment, choice = settings, store.choices.newest()
        settings = environment.overlaid(choice.chosen)
        models = await stack.enter_async_context(open_models(warm=warm))
        desk = await stack.enter_async_context(open_desk(settings, warm=warm, store=store, models=models))
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
            choice=choice,
            adjusting=Adjusting(store.choices, store.journal, environment, clock),
            models=models,
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
            measures=Measures(store.measures, clock),
            looks=Looks(store.journal, clock),
            jobs=Jobs(desk),
            cookies=Cookies(secret_of(settings)),
            provider=None if known is None else OpenIdProvider(known, clock),
        )
        stack.push_async_callback(services.jobs.close)
        delivering = deliver(services.deliveries, settings.database)
        await asyncio.to_thread(delivering.__enter__)
        stack.push_async_callback(asyncio.to_thread, delivering.__exit__, None, None, None)
        yield services


def services_of(request: Request) -> Services:
    """Return the services of the app that answers a request."""
    return request.app.state.services  # type: ignore[no-any-return] # the state is untyped
