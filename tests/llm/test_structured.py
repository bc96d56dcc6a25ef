"""Answers as values: through the endpoint's JSON schema where it knows it, in words where it does not."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from drafter.domain import MAX_REPLY_CHARS
from drafter.errors import BadJsonError, CutOffAnswerError, EmptyAnswerError, ModelRequestError, OverlongAnswerError
from drafter.llm.chat import MAX_JSON_CHARS, ChatClient
from guardrails.model import Value
from tests.llm.conftest import a_prompt
from tests.llm.fake_upstream import FakeUpstream, fails, rejects_unless, says

GOOD = '{"kind": "hardship", "since": "2026-02-08"}'


class Reason(Value):
    kind: str
    since: date | None


async def test_the_schema_goes_along_and_the_answer_comes_back_as_a_value(
    upstream: FakeUpstream, chat: ChatClient
) -> None:
    upstream.replies = [says(GOOD[:9], GOOD[9:])]
    value, completion = await chat.structured(a_prompt(), Reason)
    assert value == Reason(kind="hardship", since=date(2026, 2, 8))
    assert (completion.text, completion.usage.cached_tokens) == (GOOD, 64)
    shape = upstream.asked[0]["response_format"]
    assert shape["type"] == "json_schema"
    assert shape["json_schema"]["schema"] == Reason.model_json_schema()


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    ("complaint", "asked"),
    [
        ("response_format type must be text or json_object", [True, False, False]),
        ("bad request", [True, False, True, False]),
    ],
)
async def test_an_endpoint_without_schemas_is_asked_in_words(
    upstream: FakeUpstream, chat: ChatClient, *, status: int, complaint: str, asked: list[bool]
) -> None:
    told: Any = {"error": {"message": complaint}}
    upstream.replies = [
        rejects_unless(lambda body: "response_format" not in body, told, status=status, then=says(f"好的：{GOOD}"))
    ]
    for _ in range(2):
        value, _completion = await chat.structured(a_prompt(), Reason)
        assert value.kind == "hardship"
    assert ["response_format" in body for body in upstream.asked] == asked
    assert json.dumps(Reason.model_json_schema()) in upstream.asked[1]["messages"][-1]["content"]


async def test_a_request_that_is_wrong_without_a_schema_too_is_told(upstream: FakeUpstream, chat: ChatClient) -> None:
    upstream.replies = [fails(400)]
    with pytest.raises(ModelRequestError):
        await chat.structured(a_prompt(), Reason)
    assert len(upstream.asked) == 2


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{GOOD}\n```",
        f"用 {{JSON}} 回答：{GOOD}。另见 {{}}",
        f'{GOOD}{{"kind": "second", "since": null}}',
    ],
)
async def test_the_first_object_is_found_between_words(upstream: FakeUpstream, chat: ChatClient, text: str) -> None:
    upstream.replies = [says(text)]
    assert (await chat.structured(a_prompt(), Reason))[0].kind == "hardship"


@pytest.mark.parametrize(
    "text",
    [
        "王小测 has no JSON",
        '{"kind": "王小测"',
        '{"kind": "王小测"}',
        '{"kind": "王小测", "since": "soon"}',
        '{"kind": "王小测", "since": null, "extra": 1}',
        '["王小测"]',
        '{"a":' * 3000,
        "{" * MAX_JSON_CHARS,
    ],
)
async def test_bad_json_is_told_without_being_quoted(upstream: FakeUpstream, chat: ChatClient, text: str) -> None:
    upstream.replies = [says(text)]
    with pytest.raises(BadJsonError) as caught:
        await chat.structured(a_prompt(), Reason)
    assert "王小测" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert len(upstream.asked) == 1


@pytest.mark.parametrize(
    ("text", "finish", "error"),
    [
        ("", "stop", EmptyAnswerError),
        ('{"kind": "hard', "length", CutOffAnswerError),
        ("{" * (MAX_JSON_CHARS + 1), "stop", OverlongAnswerError),
    ],
)
async def test_other_faults_keep_their_own_names(
    upstream: FakeUpstream, chat: ChatClient, text: str, finish: str, error: type[Exception]
) -> None:
    upstream.replies = [says(text, finish=finish)]
    with pytest.raises(error):
        await chat.structured(a_prompt(), Reason)


async def test_a_value_may_be_longer_than_a_reply(upstream: FakeUpstream, chat: ChatClient) -> None:
    long = "x" * (MAX_REPLY_CHARS + 1)
    upstream.replies = [says(json.dumps({"kind": long, "since": None}))]
    assert (await chat.structured(a_prompt(), Reason))[0].kind == long
