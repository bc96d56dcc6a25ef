"""What an administrator sets comes into force while the desk runs, also where another process was told of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from fastapi import FastAPI

from drafter.errors import StorageError
from drafter.settings import Choice
from drafter.web.services import Services

_LOG: Final = logging.getLogger("drafter.web")
EVERY_S: Final = 5.0


def put_in_force(app: FastAPI, choice: Choice) -> None:
    """Let every request from the next one on be answered under these settings, unless newer ones are in force."""
    services: Services = app.state.services
    if choice.version > services.choice.version:
        app.state.services = services.under(choice)


@asynccontextmanager
async def kept_in_force(app: FastAPI, *, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Look again and again for settings that another process was told of."""
    looking = asyncio.create_task(_look_on(app, every_s))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look_on(app: FastAPI, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            put_in_force(app, await asyncio.to_thread(app.state.services.store.choices.newest))
        except StorageError as error:
            _LOG.warning("settings are not looked for: %s", error.code)
