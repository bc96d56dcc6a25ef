"""A stranger runs `make serve` and opens the link that it prints; the model is the real one."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from drafter.bootstrap import embedded_model_path
from drafter.settings import load_settings
from tests.browser.desks import SLOWEST_MS

pytestmark = pytest.mark.model
# The first draft of a desk waits until the model has read its prompt, on whatever else the machine does.
_MODEL_MS = 180_000


@pytest.fixture
def links(tmp_path: Path) -> Iterator[list[str]]:
    """Serve a new desk and give the sign-in links that it prints."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    given = {
        "DRAFTER_DATA_DIR": str(tmp_path),
        "DRAFTER_MODEL_PATH": str(embedded_model_path(load_settings())),
        "DRAFTER_LANG": "en",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "drafter", "serve", "--port", str(port)]
    # Sends nothing anywhere, so its errors may go to the test's own.
    with subprocess.Popen(command, env=os.environ | given, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        told = ""
        for line in desk.stdout:
            told += line
            if line.startswith("The desk is at"):
                break
        found = re.findall(r"http://\S+/sign-in/link/\S+", told)
        assert found, told
        yield found
        desk.terminate()


def test_a_stranger_suggests_and_approves_the_first_case(links: list[str], browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.set_default_timeout(SLOWEST_MS)
    # The link is printed a moment before the desk answers, while the model reads its prompt.
    page.goto(links[0], timeout=_MODEL_MS)
    page.click("main button")
    page.locator(".row").first.click()
    page.click("#suggest button.main")
    expect(page.locator("#approval")).to_be_visible(timeout=_MODEL_MS)
    expect(page.locator("#findings .verdict.pass")).to_be_visible()
    page.click("#approve")
    expect(page.locator("#draft .status.approved")).to_be_visible()
    page.context.close()
