"""The application: routes, what stands around them, and what is open while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final, Protocol

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from drafter.settings import Settings
from drafter.web.api import routers as api_routers
from drafter.web.describing import described
from drafter.web.inforce import kept_in_force
from drafter.web.metrics import Measured
from drafter.web.pages import routers as page_routers
from drafter.web.problems import tell_errors
from drafter.web.routes import allowed
from drafter.web.security import Bounds, RateLimit, SafeHeaders
from drafter.web.services import Services, open_services
from drafter.web.tracing import Traced
from guardrails.model import Language

STATIC: Final = Path(__file__).parent / "static"
_MOST_BYTES: Final = 1_000_000
_DESCRIPTION: Final = """The reply desk for collection agents: a case goes in, a checked draft comes out, a named
human approves it, and only then it leaves. Errors are problem details (RFC 9457)."""


class Opener(Protocol):
    """Gives the services; `open_services` says what it raises."""

    def __call__(
        self, settings: Settings, *, warm: tuple[Language, ...] = ()
    ) -> AbstractAsyncContextManager[Services]: ...


def create_app(settings: Settings, *, warm: tuple[Language, ...] = (), opener: Opener = open_services) -> FastAPI:
    """Return the console and the API as one ASGI application.

    Args:
        settings: where model and database are, and the limits.
        warm: languages whose prompt the embedded model reads before the first draft is asked for.
        opener: gives the services while the application runs.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opener(settings, warm=warm) as services:
            app.state.services = services
            async with kept_in_force(app):
                yield

    app = FastAPI(
        title="drafter",
        version=version("drafter"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        # The framework's own traces hold whole addresses, and its logs what an error says.
        telemetry={"tracing": False, "logs": False},
    )
    app.openapi = described(app)  # type: ignore[method-assign] # as the framework has it
    tell_errors(app, allowed)
    for router in (*api_routers(), *page_routers()):
        app.include_router(router, max_body_size=_MOST_BYTES)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Bounds, most_bytes=_MOST_BYTES)
    app.add_middleware(RateLimit, a_minute=settings.requests_a_minute)
    app.add_middleware(SafeHeaders)
    app.add_middleware(Measured)
    app.add_middleware(Traced)
    return app
