"""What tests ask of the served application again and again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from fastapi.testclient import TestClient

from tests.web.served import CASE


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def a_case(client: TestClient, **changes: object) -> str:
    answer = client.post("/api/v1/cases", json={**CASE, **changes})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"]["id"])


def a_draft(client: TestClient) -> dict[str, object]:
    answer = client.post(f"/api/v1/cases/{a_case(client)}/suggestions")
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = client.get(f"/api/v1/drafts/{answer.json()['draft_id']}").json()["draft"]
    return found


def events(text: str) -> Iterator[tuple[int, str, dict[str, object]]]:
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            yield int(lines["id"]), lines["event"], json.loads(lines["data"])
