"""A signed POST to an address of the operator's, whose receiver brings the text to the debtor."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from http import HTTPStatus
from typing import Final

import httpx2

from drafter.channels import Outfit
from drafter.domain import ApprovedReply, Delivery
from drafter.errors import ChannelError, SettingsError
from drafter.ports import Clock
from drafter.settings import is_loopback

TIMEOUT_S: Final = 10.0
_LONGEST_TIME: Final = 12  # digits
# By these the receiver asks for another try: a conflict tells that it is still busy with an earlier one.
_TRY_AGAIN: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


@dataclass(frozen=True)
class Webhook:
    """Sends approved texts to one address; a redirect is never followed.

    Attributes:
        external_id: the case's number elsewhere, by the case's id.
    """

    url: str
    secret: str = field(repr=False)
    external_id: Callable[[str], str | None]
    clock: Clock
    timeout_s: float = TIMEOUT_S

    name = "webhook"
    by_hand = False

    def send(self, reply: ApprovedReply, delivery: Delivery) -> None:
        """Send an approved text; docs/delivery.md tells what a receiver gets.

        Raises:
            ChannelError: it was not taken, or no answer came.
        """
        body = json.dumps(self._told(reply, delivery), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": delivery.id,
            "X-Drafter-Signature": sign(body, self.secret, int(self.clock.now().timestamp())),
        }
        try:
            # A proxy would read what goes to this very machine unencrypted.
            with (
                httpx2.Client(
                    timeout=self.timeout_s, follow_redirects=False, trust_env=not is_loopback(self.url)
                ) as client,
                client.stream("POST", self.url, content=body, headers=headers) as answer,
            ):
                # What stands in the answer is nobody's business here, and may be endless.
                status = answer.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ChannelError(
                "The receiver did not answer ({kind}).",
                temporary=isinstance(error, httpx2.TransportError),
                kind=type(error).__name__,
            ) from error
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            temporary = status in _TRY_AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR
            raise ChannelError("The receiver answered {status}.", temporary=temporary, status=status)

    def _told(self, reply: ApprovedReply, delivery: Delivery) -> dict[str, str]:
        told = {
            "delivery_id": delivery.id,
            "case_id": delivery.case_id,
            "text": reply.text,
            "text_sha256": reply.decision.text_sha256,
            "approved_at": reply.decision.decided_at.astimezone(UTC).isoformat(),
            "policy": reply.policy,
        }
        external_id = self.external_id(delivery.case_id)
        return told if external_id is None else {**told, "external_id": external_id}


def sign(body: bytes, secret: str, at: int) -> str:
    """Return the header that proves whom a body comes from.

    Args:
        body: exactly as it is sent.
        secret: shared with the receiver.
        at: Unix seconds.
    """
    return f"t={at},v1={_digest(body, secret, at)}"


def verify(body: bytes, header: str, secret: str, now: float, tolerance_s: float = 300) -> bool:
    """Tell, as a receiver, whether a body comes from whoever knows the secret, and was signed just now.

    Args:
        body: exactly as it arrived, before anything has read it as JSON.
        header: the value of `X-Drafter-Signature`; of several `v1` one must fit, so that a secret can be changed.
        secret: shared with the desk.
        now: Unix seconds.
        tolerance_s: how far the two clocks, and the way, may be apart.
    """
    parts = [part.partition("=")[::2] for part in header.split(",")]
    times = [value for name, value in parts if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdecimal() and len(times[0]) <= _LONGEST_TIME):
        return False
    at = int(times[0])
    expected = _digest(body, secret, at).encode()
    # Every one is compared, and each in constant time: how long it takes tells nothing.
    fits = [hmac.compare_digest(expected, value.encode(errors="replace")) for name, value in parts if name == "v1"]
    return any(fits) and abs(now - at) <= tolerance_s


def channel(outfit: Outfit | None) -> Webhook | None:
    """Return the webhook of the settings; None where they name no address.

    Raises:
        SettingsError: an address without a secret.
    """
    if outfit is None or outfit.settings.webhook_url is None:
        return None
    if outfit.settings.webhook_secret is None:
        raise SettingsError(
            "DRAFTER_WEBHOOK_SECRET is not set; without it the receiver cannot tell whom a text comes from."
        )
    return Webhook(
        url=outfit.settings.webhook_url,
        secret=outfit.settings.webhook_secret.get_secret_value(),
        external_id=lambda case_id: outfit.case(case_id).external_id,
        clock=outfit.clock,
    )


def _digest(body: bytes, secret: str, at: int) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
