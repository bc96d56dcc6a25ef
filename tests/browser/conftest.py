"""A real browser, from the distribution, and the desk in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.desks import SLOWEST_MS, Desk, chromium, open_desk

expect.set_options(timeout=SLOWEST_MS)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start Chromium; where there is none, every test fails and says why, and nothing is skipped.

    For the package and not for the session: the driver keeps an event loop on this thread, on which no other
    asynchronous test could run.
    """
    with sync_playwright() as driver:
        try:
            started = chromium(driver)
        except LookupError as error:
            pytest.fail(str(error), pytrace=False)
        yield started
        started.close()


@pytest.fixture
def desk(browser: Browser, tmp_path: Path, upgraded_file: Path) -> Iterator[Desk]:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    with open_desk(browser, tmp_path) as running:
        yield running
