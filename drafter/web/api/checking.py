"""`POST /check`: one text judged, nothing kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from drafter.desk.checking import CheckRequest, check
from drafter.domain import MAX_MESSAGE_CHARS
from drafter.web.callers import Needs
from drafter.web.services import services_of
from drafter.web.texts import Keepable
from guardrails import Verdict

router = APIRouter(prefix="/api/v1", tags=["check"])


class TextToCheck(CheckRequest):
    """A text, the message that it answers, and what is known of the account."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_MESSAGE_CHARS)]
    inbound: Annotated[str, Field(max_length=MAX_MESSAGE_CHARS)] | None = None


@router.post("/check", dependencies=[Depends(Needs("read"))])
def check_text(asked: Annotated[TextToCheck, Keepable], request: Request) -> Verdict:
    """Judge a text by the rules of a jurisdiction."""
    return check(asked, guard=services_of(request).desk.guard)
