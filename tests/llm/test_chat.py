"""What the model client makes of an endpoint's answers."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from drafter.domain import MAX_REPLY_CHARS, Usage
from drafter.errors import (
    CutOffAnswerError,
    EmptyAnswerError,
    ModelError,
    ModelRefusedError,
    ModelRequestError,
    ModelUnavailableError,
    OverlongAnswerError,
    SettingsError,
)
from drafter.llm.chat import ChatClient, open_chat
from tests.llm.conftest import KEY, FakeTime, Opener, a_prompt
from tests.llm.fake_upstream import (
    MODEL,
    FakeUpstream,
    chunk,
    echoes,
    events,
    fails,
    rejects_unless,
    says,
    sends,
    talks_for_ever,
    whole,
)


async def test_an_answer_comes_in_pieces_and_whole(upstream: FakeUpstream, chat: ChatClient) -> None:
    upstream.replies = [says("您好，", "我们", "理解。")]
    pieces: list[str] = []
    completion = await chat.complete(a_prompt(), on_token=pieces.append)
    assert pieces == ["您好，", "我们", "理解。"]
    assert completion.text == "您好，我们理解。"
    assert completion.model == MODEL
    assert completion.usage == Usage(prompt_tokens=90, completion_tokens=7, cached_tokens=64)


async def test_a_reader_who_has_read_enough_ends_the_answer(upstream: FakeUpstream, chat: ChatClient) -> None:
    upstream.replies = [says("您好，", "我们", "理解。")]
    completion = await chat.complete(a_prompt(), on_token=lambda piece: piece == "我们")
    assert completion.text == "您好，我们"


async def test_the_endpoint_is_told_the_prompt_and_nothing_it_need_not_know(
    upstream: FakeUpstream, chat: ChatClient
) -> None:
    upstream.replies = [says("ok")]
    await chat.complete(a_prompt("hello"))
    assert upstream.asked == [
        {
            "model": "asked-for",
            "messages": [{"role": "system", "content": "你是客服"}, {"role": "user", "content": "hello"}],
            "temperature": 0.3,
            "max_tokens": 50,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]
    assert upstream.headers[0]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("usage", "kept"),
    [
        (None, Usage()),
        ({"prompt_tokens": 3, "completion_tokens": 2}, Usage(prompt_tokens=3, completion_tokens=2)),
        ({"prompt_tokens": 3, "prompt_tokens_details": {}}, Usage(prompt_tokens=3)),
        ({"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": None}}, Usage(prompt_tokens=3)),
    ],
)
async def test_counts_that_an_endpoint_does_not_tell_are_zero(
    upstream: FakeUpstream, chat: ChatClient, usage: object, kept: Usage
) -> None:
    upstream.replies = [says("ok", usage=usage)]
    assert (await chat.complete(a_prompt())).usage == kept


async def test_times_count_from_the_question_retries_included(
    upstream: FakeUpstream, chat: ChatClient, time: FakeTime
) -> None:
    upstream.replies = [fails(503, headers={"Retry-After": "2"}), says("a", "b")]

    def read_slowly(_: str) -> None:
        time.seconds += 0.2

    time.chance = 0
    completion = await chat.complete(a_prompt(), on_token=read_slowly)
    assert (completion.first_token_ms, completion.latency_ms) == (2000, 2400)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (says("我不能", finish="content_filter"), ModelRefusedError),
        (sends(events([chunk(refusal="I cannot help with that."), chunk(finish="stop")])), ModelRefusedError),
        (fails(400, body={"error": {"message": "filtered", "code": "content_filter"}}), ModelRefusedError),
        (sends(events([{"error": {"message": "m", "code": "content_filter"}}])), ModelRefusedError),
        (says(), EmptyAnswerError),
        (says(" \n\t", " "), EmptyAnswerError),
        (sends(events([{"id": "1", "choices": []}])), EmptyAnswerError),
        (sends(events([{"id": "1"}])), EmptyAnswerError),
        (says("您好，我们", finish="length"), CutOffAnswerError),
        (says(finish="length"), CutOffAnswerError),
        (says("长" * (MAX_REPLY_CHARS + 1)), OverlongAnswerError),
    ],
)
async def test_an_answer_that_is_no_reply_is_told_apart_and_not_asked_for_again(
    upstream: FakeUpstream, chat: ChatClient, reply: Any, error: type[ModelError]
) -> None:
    upstream.replies = [reply]
    with pytest.raises(error) as caught:
        await chat.complete(a_prompt())
    assert type(caught.value) is error
    assert len(upstream.asked) == 1


async def test_the_longest_reply_is_still_a_reply(upstream: FakeUpstream, chat: ChatClient) -> None:
    upstream.replies = [says("长" * MAX_REPLY_CHARS)]
    assert len((await chat.complete(a_prompt())).text) == MAX_REPLY_CHARS


async def test_a_model_that_never_stops_is_hung_up_on(upstream: FakeUpstream, chat: ChatClient) -> None:
    upstream.replies = [talks_for_ever("again and "), says("ok")]
    with pytest.raises(OverlongAnswerError):
        await chat.complete(a_prompt())
    await asyncio.wait_for(upstream.hung_up.wait(), 5)
    assert (await chat.complete(a_prompt())).text == "ok"


@pytest.mark.parametrize("bytes_at_once", [1, 2, 7])
async def test_characters_split_between_packets_come_out_whole(
    upstream: FakeUpstream, chat: ChatClient, bytes_at_once: int
) -> None:
    pieces: list[str] = []
    upstream.replies = [sends(events(whole("困难👩‍👧", "é", "龘")), bytes_at_once=bytes_at_once)]
    completion = await chat.complete(a_prompt(), on_token=pieces.append)
    assert pieces == ["困难👩‍👧", "é", "龘"]
    assert completion.text == "困难👩‍👧é龘"


async def test_keep_alives_and_other_line_ends_are_read_over(upstream: FakeUpstream, chat: ChatClient) -> None:
    body = b": waiting\r\n\r\nevent: message\r\n" + events(whole("ok")).replace(b"\n", b"\r\n")
    upstream.replies = [sends(body)]
    assert (await chat.complete(a_prompt())).text == "ok"


async def test_a_stream_with_another_content_type_is_read_all_the_same(
    upstream: FakeUpstream, chat: ChatClient
) -> None:
    upstream.replies = [sends(events(whole("ok")), kind="text/plain")]
    assert (await chat.complete(a_prompt())).text == "ok"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<!doctype html>\n<title>Sign in</title>\n"),
        ("application/json", b'{"choices": [{"message": {"content": "not streamed"}}]}'),
        ("text/plain", b""),
    ],
)
async def test_a_page_where_a_chat_endpoint_should_be_is_told_at_once(
    upstream: FakeUpstream, chat: ChatClient, kind: str, body: bytes
) -> None:
    upstream.replies = [sends(body, kind=kind)]
    with pytest.raises(ModelRequestError, match="OPENAI_BASE_URL"):
        await chat.complete(a_prompt())
    assert len(upstream.asked) == 1


@pytest.mark.parametrize(
    "event",
    [
        b"{",
        b"5",
        b'"text"',
        b"[[]]",
        b"null",
        b'{"choices": 5}',
        b'{"choices": "abc"}',
        b'{"choices": [5]}',
        b'{"choices": [{"delta": 5}]}',
        b'{"choices": [{"delta": {"content": 5}}]}',
        b'{"choices": [{"delta": {"content": ["a"]}}]}',
        b'{"choices": [], "usage": {"prompt_tokens": -1}}',
        b'{"choices": [], "usage": 5}',
        b"\xff\xfe",
        b'{"a":' * 100_000,
    ],
)
async def test_nonsense_in_a_stream_is_an_unusable_endpoint_and_not_a_crash(
    upstream: FakeUpstream, chat: ChatClient, event: bytes
) -> None:
    upstream.replies = [sends(b"data: " + event + b"\n\ndata: [DONE]\n\n")]
    with pytest.raises(ModelUnavailableError):
        await chat.complete(a_prompt())
    assert len(upstream.asked) == 1


async def test_two_hundred_at_once_each_get_their_own_answer(upstream: FakeUpstream, chat: ChatClient) -> None:
    upstream.replies = [echoes()]
    questions = [f"问题 {number}" for number in range(200)]
    answers = await asyncio.gather(*(chat.complete(a_prompt(question)) for question in questions))
    assert [answer.text for answer in answers] == questions


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("unknown", ["stream_options", "temperature", "max_tokens"])
async def test_what_an_endpoint_does_not_know_is_left_out_from_then_on(
    upstream: FakeUpstream, chat: ChatClient, unknown: str, status: int
) -> None:
    complaint = {"error": {"message": f"Unsupported parameter: '{unknown}'"}}
    upstream.replies = [rejects_unless(lambda body: unknown not in body, complaint, status=status, then=says("ok"))]
    assert (await chat.complete(a_prompt())).text == "ok"
    assert (await chat.complete(a_prompt())).text == "ok"
    assert [unknown in body for body in upstream.asked] == [True, False, False]


async def test_a_renamed_limit_is_learned_even_by_many_at_once(upstream: FakeUpstream, chat: ChatClient) -> None:
    complaint = {"error": {"message": "Unsupported: 'max_tokens'. Use 'max_completion_tokens' instead."}}
    upstream.replies = [
        rejects_unless(lambda body: "max_completion_tokens" in body, complaint, status=400, then=says("ok"))
    ]
    answers = await asyncio.gather(*(chat.complete(a_prompt()) for _ in range(20)))
    assert {answer.text for answer in answers} == {"ok"}
    assert upstream.asked[-1]["max_completion_tokens"] == 50


async def test_a_prompt_that_is_too_long_teaches_nothing(upstream: FakeUpstream, chat: ChatClient) -> None:
    complaint = {"error": {"message": "max_tokens is too large: the maximum context length is 512"}}
    upstream.replies = [fails(400, body=complaint), says("ok")]
    with pytest.raises(ModelRequestError):
        await chat.complete(a_prompt())
    await chat.complete(a_prompt())
    assert upstream.asked[-1]["max_tokens"] == 50


async def test_neither_the_key_nor_the_message_is_ever_told(
    upstream: FakeUpstream, opened: Opener, time: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    time.chance = 1000  # no time for a second try
    caplog.set_level(logging.DEBUG)
    secret = "王小测 13800138000"
    leak = {"error": {"message": f"{secret} {KEY}", "code": f"{secret} {KEY}"}}
    faults = [fails(status, body=leak) for status in (400, 401, 404, 429)]
    upstream.replies = [*faults, sends(events([leak])), sends(events([chunk(secret, finish="length")])), says(secret)]
    told: list[str] = []
    async with opened() as chat:
        for _ in upstream.replies:
            try:
                await chat.complete(a_prompt(secret))
            except ModelError as error:
                told += [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
    assert len(upstream.asked) == len(upstream.replies)
    for personal in (secret, "13800138000", KEY):
        assert personal not in "\n".join(told)
        assert personal not in caplog.text


@pytest.mark.parametrize("url", ["", "api.example", "ftp://api.example/v1", "http://", "http://a:b/v1", "http://[1/v1"])
async def test_a_url_that_is_none_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="OPENAI_BASE_URL"):
        async with open_chat(url, api_key=None, model="m", deadline_s=1):
            pass


@pytest.mark.parametrize("key", ["sk-密钥", "sk-a\nb"])
async def test_a_key_that_cannot_be_sent_is_a_wrong_setting_and_is_not_repeated(key: str) -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY") as caught:
        async with open_chat("http://127.0.0.1:9/v1", api_key=key, model="m", deadline_s=1):
            pass
    assert key not in str(caught.value)


async def test_a_password_in_the_url_is_not_repeated() -> None:
    with pytest.raises(ModelUnavailableError) as caught:
        async with open_chat("http://me:hunter2@127.0.0.1:9/v1", api_key=None, model="m", deadline_s=0.2) as chat:
            await chat.complete(a_prompt())
    assert "127.0.0.1:9" in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_a_loopback_model_is_reached_whatever_proxy_is_set(
    upstream: FakeUpstream, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    upstream.replies = [says("ok")]
    async with opened() as chat:
        assert (await chat.complete(a_prompt())).text == "ok"
