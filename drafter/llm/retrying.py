"""What can go wrong between a request and its answer, which of it is worth another try, and when."""

from __future__ import annotations

import asyncio
import math
import random
import re
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt, wait_exponential
from tenacity.stop import stop_base

from drafter.errors import (
    ModelError,
    ModelRefusedError,
    ModelRejectedKeyError,
    ModelRequestError,
    ModelUnavailableError,
)

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0

_TRANSIENT = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
_KEY = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_ACCOUNT = {HTTPStatus.PAYMENT_REQUIRED}
# A spent quota comes as 429, which another try does not refill.
_SPENT = {"insufficient_quota", "insufficient_balance"}
# OpenAI and Azure; DashScope spells it in two ways.
_REFUSAL_CODES = {"content_filter", "content_policy_violation", "data_inspection_failed", "datainspectionfailed"}
# An error code is a word; anything else in its place could carry the prompt.
_CODE = re.compile(r"[A-Za-z][A-Za-z_.]{0,63}")

T = TypeVar("T")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Timing:
    """Time and chance as arguments.

    Args:
        monotonic: seconds of a clock that never goes back.
        now: the current moment with its time zone, for a `Retry-After` that names a date.
        sleep: waits that many seconds.
        chance: a number from 0 up to 1.
    """

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True)
class Failure:
    """Why one attempt gave no usable answer.

    Attributes:
        kind: the error to raise where the failure stands.
        reason: what the model did, in words that follow its name; never the endpoint's, which may quote the prompt.
        status: the HTTP status, if that was it.
        again: another try may mend it.
        retry_after: seconds that the endpoint asked to be left alone.
    """

    kind: type[ModelError]
    reason: str
    status: int | None = None
    again: bool = False
    retry_after: float | None = None

    def error(self, where: str) -> ModelError:
        """Return the error that tells a person what happened and what to do next.

        Args:
            where: the endpoint's host and port.
        """
        told = {"where": where, "why": self.reason}
        if self.kind is ModelRejectedKeyError:
            return ModelRejectedKeyError(
                "The model at {where} {why}: it does not accept the key; set OPENAI_API_KEY to one that it does.",
                **told,
            )
        if self.kind is ModelRequestError:
            return ModelRequestError(
                "The model at {where} {why}; check OPENAI_BASE_URL and the name in DRAFTER_MODEL.", **told
            )
        if self.kind is ModelUnavailableError:
            return ModelUnavailableError(
                "The model at {where} {why}; the case is kept, so try again in a while or name another endpoint.",
                **told,
            )
        return self.kind("The model at {where} {why}; try again, or let a person write this reply.", **told)


def lost(reason: str, *, again: bool = True) -> Failure:
    """Return the failure of an endpoint that gave no answer, or no whole one."""
    return Failure(ModelUnavailableError, reason, again=again)


# The narrow ones before the wide ones.
_UNREACHED = (
    (socket.gaierror, lost("cannot be reached: no machine of this name is known")),
    (ConnectionRefusedError, lost("cannot be reached: nothing listens there")),
    (ssl.SSLCertVerificationError, lost("cannot be reached: its certificate is not trusted")),
    (OSError, lost("cannot be reached")),
)


def rejected(status: int, *, code: object = None, retry_after: float | None = None) -> Failure:
    """Return what an HTTP error status means.

    Args:
        status: the HTTP status, 400 and above.
        code: the endpoint's own word for the error, if it sent one.
        retry_after: seconds that the endpoint asked to be left alone.
    """
    word = code if isinstance(code, str) and _CODE.fullmatch(code) else None
    reason = f"answered HTTP {status} ({word})" if word else f"answered HTTP {status}"
    if word and word.lower() in _REFUSAL_CODES:
        return Failure(ModelRefusedError, reason, status)
    if status in _KEY:
        return Failure(ModelRejectedKeyError, reason, status)
    if status in _ACCOUNT or word in _SPENT:
        return Failure(ModelUnavailableError, reason, status)
    if status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure(ModelUnavailableError, reason, status, again=True, retry_after=retry_after)
    return Failure(ModelRequestError, reason, status)


def unreached(error: BaseException) -> Failure:
    """Return what a transport's exception means, from the built-in errors in its chain of causes."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    if any(isinstance(each, TimeoutError) for each in chain):
        return lost("did not answer in time")
    for kind, failure in _UNREACHED:
        if any(isinstance(each, kind) for each in chain):
            return failure
    return lost("broke off before it had answered")


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, or None without a usable one (RFC 9110, 10.2.3)."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        pass
    else:
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


class _TooLate(stop_base):
    """Stops where the next wait would go past the deadline."""

    def __init__(self, timing: Timing, deadline: float) -> None:
        self._timing = timing
        self._deadline = deadline

    def __call__(self, retry_state: RetryCallState) -> bool:
        return self._timing.monotonic() + retry_state.upcoming_sleep >= self._deadline


def _failure(state: RetryCallState) -> Failure:
    outcome = state.outcome.result() if state.outcome else None
    return outcome if isinstance(outcome, Failure) else lost("gave no answer")


async def with_retries(
    attempt: Callable[[], Awaitable[T | Failure]], *, timing: Timing, deadline: float, max_attempts: int
) -> T | Failure:
    """Repeat an attempt while its failure is worth it; return the last outcome.

    The wait is random between zero and a window that doubles ("full jitter"), or what `Retry-After` asks for plus the
    first window's jitter. No wait goes past the deadline: where it would, the failure stands.

    Args:
        attempt: one try; exceptions go through.
        timing: the clock and the chance.
        deadline: a moment of `timing.monotonic`.
        max_attempts: at least 1.
    """
    window = wait_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S)

    def wait(state: RetryCallState) -> float:
        asked = _failure(state).retry_after
        if asked is not None:
            return asked + timing.chance() * FIRST_WAIT_S
        return timing.chance() * window(state)

    retrying = AsyncRetrying(
        sleep=timing.sleep,
        stop=_TooLate(timing, deadline) | stop_after_attempt(max_attempts),
        wait=wait,
        retry=retry_if_result(lambda outcome: isinstance(outcome, Failure) and outcome.again),
        retry_error_callback=_failure,
    )
    outcome: T | Failure = await retrying(attempt)
    return outcome
