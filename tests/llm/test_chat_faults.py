"""What the model client does when an endpoint fails, stalls or breaks off: what is asked again, and for how long."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from socket import gaierror
from ssl import SSLCertVerificationError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafter.errors import ModelError, ModelRejectedKeyError, ModelRequestError, ModelUnavailableError
from drafter.llm.chat import MAX_ATTEMPTS, ChatClient, open_chat
from drafter.llm.retrying import retry_after_seconds, unreached
from tests.llm.conftest import START, FakeTime, Opener, a_prompt
from tests.llm.fake_upstream import (
    FakeUpstream,
    chunk,
    cuts,
    drops,
    events,
    fails,
    fake_upstream,
    hangs,
    says,
    sends,
)

BROKEN_STREAM = sends(events([{"error": {"message": "m", "type": "server_error"}}]))


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
async def test_a_passing_fault_is_asked_again(upstream: FakeUpstream, chat: ChatClient, status: int) -> None:
    upstream.replies = [fails(status), says("ok")]
    assert (await chat.complete(a_prompt())).text == "ok"
    assert len(upstream.asked) == 2


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, None, ModelRejectedKeyError),
        (403, None, ModelRejectedKeyError),
        (400, None, ModelRequestError),
        (404, "model_not_found", ModelRequestError),
        (413, None, ModelRequestError),
        (422, None, ModelRequestError),
        (402, "insufficient_balance", ModelUnavailableError),
        (429, "insufficient_quota", ModelUnavailableError),
    ],
)
async def test_a_lasting_fault_is_told_at_once(
    upstream: FakeUpstream, chat: ChatClient, status: int, code: str | None, error: type[ModelError]
) -> None:
    upstream.replies = [fails(status, body={"error": {"message": "m", "code": code}}), says("ok")]
    with pytest.raises(error, match=f"HTTP {status}"):
        await chat.complete(a_prompt())
    assert len(upstream.asked) == 1


async def test_an_error_page_in_html_is_told_by_its_status(upstream: FakeUpstream, chat: ChatClient) -> None:
    upstream.replies = [fails(404, body="<html>nothing here</html>")]
    with pytest.raises(ModelRequestError, match="HTTP 404"):
        await chat.complete(a_prompt())


@pytest.mark.parametrize(
    ("chance", "waits"), [(1.0, [0.5, 1.0, 2.0, 4.0]), (0.5, [0.25, 0.5, 1.0, 2.0]), (0.0, [0] * 4)]
)
async def test_waits_are_chance_within_a_window_that_doubles(
    upstream: FakeUpstream, chat: ChatClient, time: FakeTime, chance: float, waits: list[float]
) -> None:
    time.chance = chance
    upstream.replies = [fails(500)]
    with pytest.raises(ModelUnavailableError, match="HTTP 500"):
        await chat.complete(a_prompt())
    assert len(upstream.asked) == MAX_ATTEMPTS
    assert time.waits == waits


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (format_datetime(START + timedelta(seconds=7), usegmt=True), 7.0),
        (format_datetime(START - timedelta(seconds=7), usegmt=True), 0.0),
    ],
)
async def test_retry_after_is_honoured(
    upstream: FakeUpstream, chat: ChatClient, time: FakeTime, asked: str, wait: float
) -> None:
    upstream.replies = [fails(429, headers={"Retry-After": asked}), says("ok")]
    await chat.complete(a_prompt())
    assert time.waits == [pytest.approx(wait + 0.25)]


@pytest.mark.parametrize("asked", ["soon", "-1", "nan", "inf", "Wed, 99 Foo 2026"])
async def test_a_retry_after_that_says_nothing_is_passed_over(
    upstream: FakeUpstream, chat: ChatClient, time: FakeTime, asked: str
) -> None:
    upstream.replies = [fails(429, headers={"Retry-After": asked}), says("ok")]
    await chat.complete(a_prompt())
    assert time.waits == [0.25]


@given(st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} (Jan|Dec) \d{1,9} \d+:\d+:\d+ [+-]?\d{0,9}"))
def test_no_retry_after_breaks_the_client(header: str) -> None:
    seconds = retry_after_seconds(header, datetime(2026, 3, 2, tzinfo=UTC))
    assert seconds is None or seconds >= 0


async def test_a_wait_past_the_deadline_is_not_begun(upstream: FakeUpstream, opened: Opener, time: FakeTime) -> None:
    upstream.replies = [fails(429, headers={"Retry-After": "30"})]
    async with opened(deadline_s=20) as chat:
        with pytest.raises(ModelUnavailableError, match="HTTP 429"):
            await chat.complete(a_prompt())
    assert len(upstream.asked) == 1
    assert time.waits == []


async def test_one_deadline_holds_for_all_tries_together(
    upstream: FakeUpstream, opened: Opener, time: FakeTime
) -> None:
    upstream.replies = [fails(503, headers={"Retry-After": "8"})]
    async with opened(deadline_s=20) as chat:
        with pytest.raises(ModelUnavailableError):
            await chat.complete(a_prompt())
    assert len(upstream.asked) == 3
    assert time.seconds < 20


@pytest.mark.parametrize("pieces", [(), ("您好",)])
async def test_a_model_that_stalls_is_left_at_the_deadline(
    upstream: FakeUpstream, opened: Opener, pieces: tuple[str, ...], time: FakeTime
) -> None:
    upstream.replies = [hangs(*pieces)]
    time.chance = 1000  # no time for a second try
    came: list[str] = []
    async with opened(deadline_s=0.3) as chat:
        with pytest.raises(ModelUnavailableError, match="in time"):
            await chat.complete(a_prompt(), on_token=came.append)
        await asyncio.wait_for(upstream.hung_up.wait(), 5)
    assert came == list(pieces)
    assert len(upstream.asked) == 1


@pytest.mark.parametrize("fault", [drops(), cuts(), sends(b""), sends(events([], done=False)), BROKEN_STREAM])
async def test_a_connection_lost_before_the_first_token_is_asked_again(
    upstream: FakeUpstream, chat: ChatClient, fault: Any
) -> None:
    upstream.replies = [fault, fault, says("ok")]
    came: list[str] = []
    assert (await chat.complete(a_prompt(), on_token=came.append)).text == "ok"
    assert came == ["ok"]
    assert len(upstream.asked) == 3


@pytest.mark.parametrize(
    "fault",
    [
        cuts("您好，"),
        sends(events([chunk("您好，")], done=False)),
        sends(events([chunk("您好，")])),
        sends(events([chunk("您好，"), {"error": {"message": "m", "code": 503}}])),
    ],
)
async def test_a_connection_lost_after_the_first_token_is_not_asked_again(
    upstream: FakeUpstream, chat: ChatClient, fault: Any
) -> None:
    upstream.replies = [fault, says("ok")]
    came: list[str] = []
    with pytest.raises(ModelUnavailableError):
        await chat.complete(a_prompt(), on_token=came.append)
    assert came == ["您好，"]
    assert len(upstream.asked) == 1


async def test_nothing_of_a_failed_try_stays_in_the_next(upstream: FakeUpstream, chat: ChatClient) -> None:
    half = {"id": "1", "model": "other", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 5}}
    upstream.replies = [
        sends(events([chunk(refusal="no"), half, {"error": {"message": "m", "code": 500}}])),
        sends(events([chunk("ok", finish="stop")])),
    ]
    completion = await chat.complete(a_prompt())
    assert completion.text == "ok"
    assert completion.usage.prompt_tokens == 0


@pytest.mark.parametrize(
    ("code", "error"), [(401, ModelRejectedKeyError), (404, ModelRequestError), (503, ModelUnavailableError)]
)
async def test_a_status_told_inside_the_stream_means_what_it_means_outside(
    upstream: FakeUpstream, chat: ChatClient, code: int, error: type[ModelError]
) -> None:
    upstream.replies = [sends(events([{"error": {"message": "m", "code": code}}]))]
    with pytest.raises(error, match=f"HTTP {code}"):
        await chat.complete(a_prompt())


async def test_an_endpoint_where_nothing_listens_cannot_be_reached(time: FakeTime, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/v1"
    async with open_chat(url, api_key=None, model="m", deadline_s=60, timing=time.timing()) as chat:
        with pytest.raises(ModelUnavailableError, match=f"127.0.0.1:{unused_tcp_port} cannot be reached"):
            await chat.complete(a_prompt())
    assert len(time.waits) == MAX_ATTEMPTS - 1


async def test_a_cancelled_question_hangs_up_and_leaves_the_client_usable(
    upstream: FakeUpstream, chat: ChatClient
) -> None:
    upstream.replies = [hangs("您好"), says("ok")]
    asking = asyncio.create_task(chat.complete(a_prompt()))
    await asyncio.wait_for(upstream.waiting.wait(), 5)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(upstream.hung_up.wait(), 5)
    assert (await chat.complete(a_prompt())).text == "ok"


@pytest.mark.parametrize("error", [BrokenPipeError("gone"), ValueError("mine"), TimeoutError("mine"), KeyError("mine")])
async def test_what_the_reader_of_tokens_raises_comes_out_unchanged(
    upstream: FakeUpstream, chat: ChatClient, error: Exception
) -> None:
    upstream.replies = [says("a", "b")]

    def fail(_: str) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await chat.complete(a_prompt(), on_token=fail)
    assert caught.value is error
    assert len(upstream.asked) == 1


async def test_a_redirect_is_not_followed(upstream: FakeUpstream, opened: Opener) -> None:
    async with fake_upstream(says("from elsewhere")) as elsewhere:
        place = f"{elsewhere.base_url}/chat/completions"
        upstream.replies = [fails(status, headers={"location": place}) for status in (307, 308)]
        async with opened() as chat:
            for status in (307, 308):
                with pytest.raises(ModelRequestError, match=f"HTTP {status}"):
                    await chat.complete(a_prompt())
        assert elsewhere.asked == []


async def test_it_is_asked_no_more_often_than_it_may_be(upstream: FakeUpstream, time: FakeTime) -> None:
    upstream.replies = [fails(503)]
    async with open_chat(
        upstream.base_url, api_key=None, model="m", deadline_s=60, attempts=1, timing=time.timing()
    ) as chat:
        with pytest.raises(ModelUnavailableError):
            await chat.complete(a_prompt())
    assert (len(upstream.asked), time.waits) == (1, [])


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (gaierror(-2, "Name or service not known"), "no machine of this name is known"),
        (ConnectionRefusedError(111, "refused"), "nothing listens there"),
        (SSLCertVerificationError("self-signed certificate"), "its certificate is not trusted"),
        (OSError(113, "No route to host"), "cannot be reached"),
        (TimeoutError(), "did not answer in time"),
    ],
)
def test_why_an_endpoint_was_not_reached_is_told_in_plain_words(cause: Exception, why: str) -> None:
    outer = RuntimeError("of the transport")
    outer.__cause__ = cause
    assert unreached(outer).reason.endswith(why)
    assert unreached(outer).again
