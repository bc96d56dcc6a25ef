"""The identity provider: where people are sent to sign in, and whom it vouches for (OpenID Connect, code flow)."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any, Final, TypeVar

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jws import JWSRegistry
from pydantic import BaseModel

from drafter.errors import DrafterError, ProviderError, ProviderUnavailableError, SignInError
from drafter.ports import Clock
from drafter.settings import IdentityProvider, Private, is_loopback
from drafter.web.cookies import Errand
from drafter.web.language import _

_LOG: Final = logging.getLogger("drafter.web")
TIMEOUT_S: Final = 5.0
DEADLINE_S: Final = 10.0
"""For all that one page asks of the provider."""
_MOST_BYTES: Final = 512 * 1024
_CLOCKS_APART_S: Final = 60
_BASIC, _POST = "client_secret_basic", "client_secret_post"
# Signatures that only a private key makes: not "none", nor what whoever knows the client's secret could make.
_SIGNED_BY: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
_NOT_THE_PERSON: Final = frozenset({"access_denied", "login_required", "consent_required", "interaction_required"})
_LATER: Final = frozenset({"temporarily_unavailable", "server_error"})
_UNUSABLE: Final = _(
    "The identity provider's answer cannot be used ({why}), so nobody was signed in. Sign in with your password, or "
    "tell an administrator."
)
_Answer = TypeVar("_Answer", bound=BaseModel)


class _Described(BaseModel):
    """What a provider says of itself, as far as it is needed here."""

    issuer: str
    authorization_endpoint: Private
    token_endpoint: Private
    jwks_uri: Private
    token_endpoint_auth_methods_supported: tuple[str, ...] = (_BASIC,)


class _Keys(BaseModel):
    keys: list[dict[str, Any]]


@dataclass(frozen=True)
class OpenIdProvider:
    """Asks an identity provider who somebody is.

    Nothing that it says is kept from one sign-in to the next: a key that it has changed or withdrawn counts, or counts
    no more, at once and in every process.
    """

    settings: IdentityProvider
    clock: Clock
    trusted: SSLContext = field(default_factory=httpx2.create_ssl_context, repr=False)

    async def send(self, *, back: str, wanted: str) -> tuple[str, Errand]:
        """Return the address at which somebody signs in, and what their browser must bring back from there.

        Args:
            back: the address to which the provider sends the browser afterwards.
            wanted: the page of this desk that they want to see.

        Raises:
            ProviderError: the provider does not answer, or not so that it can be used.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        errand = Errand(state=state, nonce=nonce, verifier=verifier, wanted=wanted)
        async with self._client(back) as client:
            described = await self._described(client)
            address, _state = client.create_authorization_url(
                described.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return address, errand

    async def subject(self, errand: Errand | None, *, state: str, code: str, error: str, back: str) -> str:
        """Return whom the provider vouches for.

        Args:
            errand: what the browser was sent with; None where it cannot show it any more.
            state: what it brought back in the address.
            code: what this desk can ask the provider with; empty where it gave none.
            error: why it gave none.
            back: the address to which it has sent the browser.

        Raises:
            SignInError: the provider has vouched for nobody, or not to this desk, or not in answer to this errand.
            ProviderError: it does not answer, or not so that it can be used.
        """
        if errand is None or not hmac.compare_digest(state.encode(), errand.state.encode()):
            raise SignInError(
                "This sign-in was not begun in this browser, or more than ten minutes ago; start it again."
            )
        if error or not code:
            raise _refusal(error)
        async with self._client(back) as client:
            described = await self._described(client)
            if _BASIC not in described.token_endpoint_auth_methods_supported:
                client.token_endpoint_auth_method = _POST
            told = await client.fetch_token(
                described.token_endpoint, grant_type="authorization_code", code=code, code_verifier=errand.verifier
            )
            token = told.get("id_token")
            if not isinstance(token, str):
                raise ProviderError(_UNUSABLE, why="id_token")
            known = await _asked(client, described.jwks_uri, _Keys)
            keys = KeySet.import_key_set(KeySetSerialization(keys=known.keys))
        return self._vouched_for(token, keys, errand, described.issuer)

    def _vouched_for(self, token: str, keys: KeySet, errand: Errand, issuer: str) -> str:
        options = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
            "sub": {"essential": True},
        }
        try:
            registry = JWSRegistry(algorithms=_SIGNED_BY, strict_check_header=False)
            read = jwt.decode(token, keys, registry=registry)
            expected = {"nonce": errand.nonce, "client_id": self.settings.client_id}
            claims = CodeIDToken(read.claims, read.header, options, expected)
            claims.validate(now=int(self.clock.now().timestamp()), leeway=_CLOCKS_APART_S)
        except (JoseError, ValueError, TypeError) as error:
            _LOG.warning("the identity provider's token was not accepted: %.300r", error)
            raise SignInError(
                "What the identity provider says of you cannot be trusted ({why}), so nobody was signed in. Start "
                "again; if it happens again, tell an administrator.",
                why=getattr(error, "error", "") or type(error).__name__,
            ) from error
        return str(claims["sub"])

    async def _described(self, client: AsyncOAuth2Client) -> _Described:
        issuer = self.settings.issuer
        described = await _asked(client, f"{issuer}/.well-known/openid-configuration", _Described)
        if described.issuer.rstrip("/") != issuer:
            raise ProviderError(_UNUSABLE, why="issuer")
        return described

    @asynccontextmanager
    async def _client(self, back: str) -> AsyncIterator[AsyncOAuth2Client]:
        """Give what talks to the provider; what goes wrong on the way becomes an error of the desk.

        Raises:
            SignInError: the provider does not accept the code.
            ProviderError: it does not answer, or not so that it can be used.
        """
        client = AsyncOAuth2Client(
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret.get_secret_value(),
            scope="openid",
            redirect_uri=back,
            code_challenge_method="S256",
            headers={"accept-encoding": "identity"},
            event_hooks={"response": [_bound]},
            timeout=TIMEOUT_S,
            follow_redirects=False,
            verify=self.trusted,
            # A proxy would read what goes to this very machine unencrypted.
            trust_env=not is_loopback(self.settings.issuer),
        )
        try:
            async with asyncio.timeout(DEADLINE_S), client:
                yield client
        except OAuthError as error:
            raise _refusal(str(error.error)) from error
        except (httpx2.TransportError, TimeoutError) as error:
            raise _unavailable(type(error).__name__) from error
        except httpx2.HTTPStatusError as error:
            if error.response.is_server_error:
                raise _unavailable(str(error.response.status_code)) from error
            raise ProviderError(_UNUSABLE, why=error.response.status_code) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, JoseError, LookupError, ValueError, TypeError) as error:
            _LOG.warning("the identity provider's answer cannot be used: %.300r", error)
            raise ProviderError(_UNUSABLE, why=type(error).__name__) from error


def _refusal(error: str) -> DrafterError:
    """Return how an error of the provider is told.

    Args:
        error: its code, as RFC 6749 and OpenID Connect list them; no more of it is shown than what is known here.
    """
    _LOG.warning("the identity provider refused: %.80r", error)
    if error in _NOT_THE_PERSON:
        return SignInError("You were not signed in at the identity provider, so not here either; start again.")
    if error == "invalid_grant":
        return SignInError("This sign-in was used before, or took too long; start it again.")
    if error in _LATER:
        return _unavailable(error)
    return ProviderError(
        "The identity provider does not accept this desk, so nobody was signed in; an administrator must compare the "
        "client's id, its secret and the redirect address with what the provider knows."
    )


def _unavailable(why: str) -> ProviderUnavailableError:
    return ProviderUnavailableError(
        "The identity provider does not answer ({why}), so nobody was signed in. Try again in a minute, or sign in "
        "with your password.",
        why=why,
    )


async def _asked(client: AsyncOAuth2Client, url: str, kind: type[_Answer]) -> _Answer:
    answer = await client.request("GET", url, withhold_token=True, headers={"accept": "application/json"})
    answer.raise_for_status()
    return kind.model_validate_json(answer.content)


async def _bound(answer: httpx2.Response) -> None:
    """Let no more of an answer be read than is ever needed; packed, it could be any size."""
    if "content-encoding" in answer.headers:
        raise ProviderError(_UNUSABLE, why="content-encoding")
    if not isinstance(answer.stream, httpx2.AsyncByteStream):
        raise TypeError(answer.stream)
    answer.stream = _Bounded(answer.stream)


@dataclass(frozen=True)
class _Bounded(httpx2.AsyncByteStream):
    stream: httpx2.AsyncByteStream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self.stream:
            read += len(chunk)
            if read > _MOST_BYTES:
                raise ProviderError(_UNUSABLE, why="size")
            yield chunk

    async def aclose(self) -> None:
        await self.stream.aclose()
