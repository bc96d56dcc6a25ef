"""An approved text is posted, signed, and only 2xx means that it was taken."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from drafter.channels import Outfit, channels
from drafter.channels.webhook import Webhook, sign, verify
from drafter.domain import ApprovedReply, Case, DebtorMessage, Decision, Delivery, Tier
from drafter.errors import ChannelError, SettingsError
from drafter.settings import Settings, load_settings
from guardrails import Facts
from tests.approved import AT, Clock
from tests.channels.receiver import SECRET, Receiver, receiving

TEXT = "您好，谢谢您告诉我近况。"
HASH = sha256(TEXT.encode()).hexdigest()
DECISION = Decision(
    draft_id="d", version=1, decided_by="ann", decided_at=AT, outcome="approved", text_sha256=HASH, policy="CN@1"
)
REPLY = ApprovedReply(text=TEXT, decision=DECISION, policy="CN@1")
DELIVERY = Delivery(id="d-1", draft_id="d", version=1, case_id="case-1", channel="webhook", not_before=AT)
CASE = Case(
    id="case-1",
    message=DebtorMessage(text="?", lang="zh"),
    tier=Tier.GENERAL,
    jurisdiction="CN",
    facts=Facts(),
    created_at=AT,
    external_id="T-7",
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def webhook(receiver: Receiver) -> Webhook:
    return Webhook(url=receiver.url, secret=SECRET, external_id=lambda _case_id: "T-7", clock=Clock(), timeout_s=5)


def refusal(webhook: Webhook) -> ChannelError:
    with pytest.raises(ChannelError) as raised:
        webhook.send(REPLY, DELIVERY)
    return raised.value


def test_it_posts_the_text_with_what_lets_it_go(webhook: Webhook, receiver: Receiver) -> None:
    webhook.send(REPLY, DELIVERY)
    (request,) = receiver.requests
    assert request.path == "/texts"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == "d-1"
    assert request.told == {
        "delivery_id": "d-1",
        "case_id": "case-1",
        "external_id": "T-7",
        "text": TEXT,
        "text_sha256": HASH,
        "approved_at": "2026-03-02T09:30:00+00:00",
        "policy": "CN@1",
    }


def test_a_case_without_a_number_elsewhere_names_none(webhook: Webhook, receiver: Receiver) -> None:
    replace(webhook, external_id=lambda _case_id: None).send(REPLY, DELIVERY)
    assert "external_id" not in receiver.requests[0].told


def test_the_receiver_can_verify_what_arrived(webhook: Webhook, receiver: Receiver) -> None:
    webhook.send(REPLY, DELIVERY)
    (request,) = receiver.requests
    assert verify(request.body, request.headers["X-Drafter-Signature"], SECRET, AT.timestamp())


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_delivery(webhook: Webhook, receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    webhook.send(REPLY, DELIVERY)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 599])
def test_an_answer_that_asks_for_another_try_is_temporary(webhook: Webhook, receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    error = refusal(webhook)
    assert error.temporary
    assert str(status) in error.message


@pytest.mark.parametrize("status", [300, 304, 400, 401, 403, 404, 410, 413, 422])
def test_any_other_answer_is_final(webhook: Webhook, receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    assert not refusal(webhook).temporary


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(webhook: Webhook, receiver: Receiver, status: int) -> None:
    receiver.answers, receiver.location = [status], receiver.url.replace("/texts", "/elsewhere")
    assert not refusal(webhook).temporary
    assert [request.path for request in receiver.requests] == ["/texts"]


def test_a_receiver_that_is_not_there_is_temporary(webhook: Webhook) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/texts"
        assert refusal(replace(webhook, url=url)).temporary


def test_a_receiver_that_does_not_answer_in_time_is_temporary(webhook: Webhook, receiver: Receiver) -> None:
    receiver.answering.clear()
    assert refusal(replace(webhook, timeout_s=0.1)).temporary


def test_a_proxy_never_sees_what_goes_to_this_very_machine(
    webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    webhook.send(REPLY, DELIVERY)
    assert len(receiver.requests) == 1


def test_neither_error_nor_representation_tells_the_secret(webhook: Webhook, receiver: Receiver) -> None:
    receiver.answers = [500]
    error = refusal(webhook)
    assert SECRET not in f"{webhook!r} {error!r} {error.message}"
    assert TEXT not in error.message


BODY = b'{"text": "x"}'
NOW = 1_770_000_000
GOOD = sign(BODY, SECRET, NOW)


def test_a_signature_is_the_hmac_of_time_and_body() -> None:
    # As `openssl dgst -sha256 -hmac` computes it.
    assert GOOD == "t=1770000000,v1=9752ccf175fb5e06c216fd32cc2fdc2e8a15de6a5de59588dae7e3c4bf22c3ab"


@pytest.mark.parametrize("apart", [-300, -1, 0, 1, 300])
def test_a_signature_of_just_now_is_good(apart: int) -> None:
    assert verify(BODY, GOOD, SECRET, NOW + apart)


@pytest.mark.parametrize("apart", [-301, 301, 10**9])
def test_a_signature_of_another_time_is_not(apart: int) -> None:
    assert not verify(BODY, GOOD, SECRET, NOW + apart)


def test_another_body_secret_or_time_does_not_fit() -> None:
    assert not verify(BODY + b" ", GOOD, SECRET, NOW)
    assert not verify(BODY, GOOD, SECRET + "x", NOW)
    assert not verify(BODY, GOOD.replace("t=177", "t=178"), SECRET, NOW + 10_000_000)


def test_of_several_signatures_one_must_fit() -> None:
    old = GOOD.replace("v1=", "v1=00,v1=")
    assert verify(BODY, old, SECRET, NOW)
    assert not verify(BODY, f"t={NOW},v1=00,v1=11", SECRET, NOW)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1=00",
        f"t={NOW}",
        f"t={NOW},v1=",
        f"t={NOW},v1=é",
        "t=,v1=00",
        "t=-1,v1=00",
        "t=１７７,v1=00",
        "t=" + "9" * 5000 + ",v1=00",
        f"t=1,{GOOD}",
        GOOD.replace("v1", "v0"),
        "nonsense",
    ],
)
def test_a_header_that_is_none_is_no_proof(header: str) -> None:
    assert not verify(BODY, header, SECRET, NOW)


def test_the_example_for_receivers_tells_good_from_bad() -> None:
    page = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    known: dict[str, Any] = {}
    exec(example, known)  # noqa: S102 - our own page
    good = sign(BODY, SECRET, int(time.time()))
    is_from_the_desk = known["is_from_the_desk"]
    assert is_from_the_desk(BODY, good, SECRET)
    assert not is_from_the_desk(BODY + b" ", good, SECRET)
    assert not is_from_the_desk(BODY, good, SECRET + "x")
    assert not is_from_the_desk(BODY, GOOD, SECRET)
    assert not is_from_the_desk(BODY, "", SECRET)


@pytest.mark.parametrize(
    "url", ["https://desk.example/texts", "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/x"]
)
def test_an_address_that_nobody_can_listen_in_on_is_taken(url: str) -> None:
    assert Settings(webhook_url=url).webhook_url == url


@pytest.mark.parametrize(
    "url",
    ["http://desk.example/x", "http://10.0.0.1/x", "http://127.0.0.1@desk.example/x", "ftp://localhost/x", "", "x"],
)
def test_any_other_address_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTER_WEBHOOK_URL", url)
    with pytest.raises(SettingsError, match="DRAFTER_WEBHOOK_URL"):
        load_settings()


def test_a_secret_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(webhook_secret=SecretStr("short"))


def outfit(**set_: object) -> Outfit:
    return Outfit(settings=Settings.model_validate(set_), case=lambda _case_id: CASE, clock=Clock())


def test_the_settings_tell_which_channels_there_are() -> None:
    assert set(channels()) == {"clipboard"}
    assert set(channels(outfit())) == {"clipboard"}
    found = channels(outfit(webhook_url="https://desk.example/x", webhook_secret=SECRET))
    assert {name: channel.by_hand for name, channel in found.items()} == {"clipboard": True, "webhook": False}


def test_an_address_without_a_secret_is_told() -> None:
    with pytest.raises(SettingsError, match="DRAFTER_WEBHOOK_SECRET"):
        channels(outfit(webhook_url="https://desk.example/x"))


def test_what_is_sent_names_the_case_as_the_operator_does(receiver: Receiver) -> None:
    made = channels(outfit(webhook_url=receiver.url, webhook_secret=SECRET))
    made["webhook"].send(REPLY, DELIVERY)
    assert receiver.requests[0].told["external_id"] == "T-7"


def test_what_a_person_carries_is_never_sent() -> None:
    with pytest.raises(ChannelError):
        channels()["clipboard"].send(REPLY, DELIVERY)


def test_a_moment_is_told_in_utc(webhook: Webhook, receiver: Receiver) -> None:
    decided = DECISION.model_copy(update={"decided_at": datetime.fromisoformat("2026-03-02T17:30:00+08:00")})
    webhook.send(REPLY.model_copy(update={"decision": decided}), DELIVERY)
    assert datetime.fromisoformat(receiver.requests[0].told["approved_at"]) == AT.astimezone(UTC)
