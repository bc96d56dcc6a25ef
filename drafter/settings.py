"""The only reader of the environment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    Secret,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from drafter.domain import Count, Writing
from drafter.errors import SettingsError
from guardrails.model import Value

LEAST_SECRET: Final = 16
"""Characters of a secret that signs anything."""
OPENAI: Final = "https://api.openai.com/v1"
_PORTS: Final = {"https": 443, "http": 80}


def is_loopback(url: str) -> bool:
    """Tell whether a URL leads to this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _unreadable_on_the_way(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("http", "https") or (parts.scheme == "http" and not is_loopback(url)):
        raise ValueError("must be an https address, or an http address of this machine")
    return url


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    if not url.isascii() or not url.isprintable() or " " in url or parts.port == 0:
        raise ValueError("must be an address of plain letters")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("must hold no name, password or question mark: what it holds is not kept secret")
    return url


def place_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of a URL: whoever is there reads what is sent to it."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)


Deadline = Annotated[float, Field(gt=0, le=3600)]
UndoTime = Annotated[float, Field(ge=0, le=3600)]
Share = Annotated[float, Field(ge=0, le=1)]
AppealDays = Annotated[int, Field(ge=0, le=365)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
ModelName = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[!-~]{1,200}$")]
Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=300),
    AfterValidator(_unreadable_on_the_way),
    AfterValidator(_without_secrets),
]
Private = Annotated[str, AfterValidator(_unreadable_on_the_way)]
"""An address to which nobody on the way can listen."""
Plain = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,1000}$")]
Task = Literal["drafting", "judging"]
"""What the desk asks a model for."""
Source = Literal["page", "environment", "default"]
"""Where a setting comes from."""


class Chosen(Value):
    """What an administrator has set; what is not among `model_fields_set` is left to the environment.

    Attributes:
        base_url: where drafts are written; None for the built-in model.
        send_key: the environment's key goes to `base_url` too, although it was not meant for there.
        judge_send_key: the same for the judge.
        four_eyes_from: None for no such rule.
    """

    base_url: Address | None = None
    model: ModelName | None = None
    send_key: bool = False
    model_deadline_s: Deadline = 120
    judge_base_url: Address | None = None
    judge_model: ModelName | None = None
    judge_send_key: bool = False
    judge_deadline_s: Deadline = 120
    undo_s: UndoTime = 10
    four_eyes_from: Amount | None = None
    review_sample: Share = 0.05
    review_double: Share = 0.1
    appeal_days: AppealDays = 7

    @model_validator(mode="after")
    def _name_a_model(self) -> Self:
        if (self.base_url and not self.model) or (self.judge_base_url and not self.judge_model):
            raise ValueError("an endpoint needs the name of a model")
        return self


class Choice(Value):
    """What is set by the console, and who set it when; version 0 where nobody ever has."""

    version: Count = 0
    chosen: Chosen = Field(default_factory=Chosen)
    set_by: str = ""
    set_at: datetime | None = None


@dataclass(frozen=True)
class IdentityProvider:
    """Where people sign in with the account of their organisation (OpenID Connect).

    Attributes:
        issuer: its address, which is its name too; without a slash at the end.
        client_id, client_secret: what it knows this desk by.
        name: what people call it; None where the operator gave none.
    """

    issuer: str
    client_id: str
    client_secret: Secret[Plain]
    name: str | None = None


class Settings(BaseSettings):
    """What the operator decides; each is `DRAFTER_<NAME>` in the environment or in `.env`.

    Attributes:
        api_key: `OPENAI_API_KEY`; without it and without `base_url` the embedded model answers.
        base_url: `OPENAI_BASE_URL`, any OpenAI-compatible endpoint.
        model: the model's name at that endpoint.
        judge_base_url, judge_api_key, judge_model: the model that rates drafts in `drafter eval drafts --judge`,
            best of another family than the one that writes.
        judge_deadline_s: seconds one answer of it may take, all retries together.
        writing: "whole" where the model writes whole replies, "woven" where it writes one passage and the house the
            rest; woven with the embedded model and whole with any other when not given.
        model_path: a GGUF file of one's own for the embedded server.
        model_deadline_s: seconds one answer may take, all retries together.
        threads: CPU threads of the embedded model.
        data_dir: where the embedded model and the default database live.
        database_url: an SQLAlchemy URL; a SQLite file in `data_dir` when not given.
        lang: "zh" or "en" for the interface; the locale decides when not given.
        secret: signs the session cookies, 16 characters at least; made and kept in `data_dir` when not given, so that
            several machines that serve one desk must be given the same.
        undo_s: seconds in which an approval can be taken back.
        four_eyes_from: from this amount due on nobody approves a text that they edited themselves.
        requests_a_minute: that one person or key may send.
        review_sample: the share of passed drafts that reviewers see beside the rejected ones.
        review_double: the share of drafts that a second reviewer rules on unseen by the first.
        appeal_days: days in which an agent may appeal against a ruling.
        keep_days: days after which `drafter privacy sweep` erases the texts of cases that nobody works on any more.
        record_days: days for which the law, or the house, keeps the texts of a case after it was last worked on, in
            place of those in docs/privacy.md.
        webhook_url: where approved texts of the channel "webhook" are sent; https, or http on this machine.
        webhook_secret: signs them, so that the receiver knows whom they come from; 16 characters at least.
        oidc_issuer: the identity provider where people may sign in (OpenID Connect); https, or http on this machine.
        oidc_client_id, oidc_client_secret: what it knows this desk by; all three are set, or none.
        oidc_name: what the button of the sign-in page calls it.
    """

    model_config = SettingsConfigDict(env_prefix="DRAFTER_", env_file=".env", extra="ignore", frozen=True)

    api_key: SecretStr | None = Field(None, validation_alias=AliasChoices("OPENAI_API_KEY"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("OPENAI_BASE_URL"))
    model: str | None = None
    judge_base_url: str | None = None
    judge_api_key: SecretStr | None = None
    judge_model: str | None = None
    judge_deadline_s: Deadline = 120
    writing: Writing | None = None
    model_path: Path | None = None
    model_deadline_s: Deadline = 120
    threads: Annotated[int, Field(ge=1, le=256)] | None = None
    data_dir: Path = Field(default_factory=lambda: user_data_path("drafter", appauthor=False))
    database_url: str | None = None
    secret: Annotated[SecretStr, Field(min_length=LEAST_SECRET)] | None = None
    undo_s: UndoTime = 10
    four_eyes_from: Amount | None = None
    requests_a_minute: Annotated[int, Field(gt=0)] = 600
    review_sample: Share = 0.05
    review_double: Share = 0.1
    appeal_days: AppealDays = 7
    keep_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    record_days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    webhook_url: Private | None = None
    webhook_secret: Annotated[SecretStr, Field(min_length=LEAST_SECRET)] | None = None
    oidc_issuer: Annotated[Address, AfterValidator(lambda url: url.rstrip("/"))] | None = None
    oidc_client_id: Plain | None = None
    oidc_client_secret: Secret[Plain] | None = None
    oidc_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] | None = None

    @property
    def embedded(self) -> bool:
        """Tell whether the embedded model answers."""
        return self.api_key is None and self.base_url is None

    @property
    def how_written(self) -> Writing:
        return self.writing or ("woven" if self.embedded else "whole")

    def endpoint_model(self) -> str:
        """Return the model's name at the endpoint.

        Raises:
            SettingsError: none is set.
        """
        if self.model is None:
            raise SettingsError("DRAFTER_MODEL is not set; name the model to use at this endpoint.")
        return self.model

    @property
    def endpoint(self) -> str | None:
        """Return where drafts are written; None for the built-in model."""
        return None if self.embedded else self.base_url or OPENAI

    def identity_provider(self) -> IdentityProvider | None:
        """Return where people may sign in beside the desk itself; None where nothing is set of it.

        Raises:
            SettingsError: only a part is set.
        """
        issuer, client_id, secret = self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret
        if issuer is not None and client_id is not None and secret is not None:
            return IdentityProvider(issuer, client_id, secret, self.oidc_name)
        if issuer is None and client_id is None and secret is None and self.oidc_name is None:
            return None
        needed = {"ISSUER": issuer, "CLIENT_ID": client_id, "CLIENT_SECRET": secret}
        raise SettingsError(
            "{variable} is not set, and without it nobody can sign in at the identity provider; set it, or unset "
            "every DRAFTER_OIDC_ setting.",
            variable=next(f"DRAFTER_OIDC_{name}" for name, value in needed.items() if value is None),
        )

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.own_database}"

    @property
    def own_database(self) -> Path:
        """Return the file that is the database where no other is named."""
        return self.data_dir / "drafter.sqlite3"

    def overlaid(self, chosen: Chosen) -> Settings:
        """Return the settings with what an administrator has set in place of the environment's.

        A key goes only to the place that the environment names beside it, and to where an administrator sends it.
        """
        given = chosen.model_dump(exclude_unset=True, exclude={"send_key", "judge_send_key"})
        if "base_url" in given and not (chosen.send_key or _is_at(chosen.base_url, self.endpoint)):
            given["api_key"] = None
        if "judge_base_url" in given and not (
            chosen.judge_send_key or _is_at(chosen.judge_base_url, self.judge_base_url)
        ):
            given["judge_api_key"] = None
        return self.model_copy(update=given)

    def asked_of(self, task: Task) -> tuple[str | None, SecretStr | None]:
        """Return where a task's model is, and the key that goes there; None for the built-in model, or none at all."""
        if task == "drafting":
            return self.endpoint, self.api_key
        return self.judge_base_url, self.judge_api_key

    def source(self, name: str, chosen: Chosen) -> Source:
        """Tell where a setting comes from, these being the environment's."""
        if name in chosen.model_fields_set:
            return "page"
        return "environment" if name in self.model_fields_set else "default"


def _is_at(url: str | None, known: str | None) -> bool:
    try:
        return url is not None and known is not None and place_of(url) == place_of(known)
    except ValueError:  # the environment's is none
        return False


def load_settings() -> Settings:
    """Read the settings from the environment and `.env`.

    Raises:
        SettingsError: a value is not usable; names the variable, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"DRAFTER_{name.upper()}"
        raise SettingsError(
            "{variable} is not usable: {why}; set it right or unset it.", variable=variable, why=first["msg"]
        ) from error
