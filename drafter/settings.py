"""The only reader of the environment."""

from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from drafter.domain import Writing
from drafter.errors import SettingsError


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


class Settings(BaseSettings):
    """What the operator decides; each is `DRAFTER_<NAME>` in the environment or in `.env`.

    Attributes:
        api_key: `OPENAI_API_KEY`; without it and without `base_url` the embedded model answers.
        base_url: `OPENAI_BASE_URL`, any OpenAI-compatible endpoint.
        model: the model's name at that endpoint.
        judge_base_url, judge_api_key, judge_model: the model that rates drafts in `drafter eval drafts --judge`,
            best of another family than the one that writes.
        writing: "whole" where the model writes whole replies, "woven" where it writes one passage and the house the
            rest; woven with the embedded model and whole with any other when not given.
        model_path: a GGUF file of one's own for the embedded server.
        model_deadline_s: seconds one answer may take, all retries together.
        threads: CPU threads of the embedded model.
        data_dir: where the embedded model and the default database live.
        database_url: an SQLAlchemy URL; a SQLite file in `data_dir` when not given.
        lang: "zh" or "en" for the interface; the locale decides when not given.
        secret: signs the session cookies; made and kept in `data_dir` when not given, so that several machines that
            serve one desk must be given the same.
        undo_s: seconds in which an approval can be taken back.
        four_eyes_from: from this amount due on nobody approves a text that they edited themselves.
        requests_a_minute: that one person or key may send.
        review_sample: the share of passed drafts that reviewers see beside the rejected ones.
        review_double: the share of drafts that a second reviewer rules on unseen by the first.
        appeal_days: days in which an agent may appeal against a ruling.
        webhook_url: where approved texts of the channel "webhook" are sent; https, or http on this machine.
        webhook_secret: signs them, so that the receiver knows whom they come from; 16 characters at least.
    """

    model_config = SettingsConfigDict(env_prefix="DRAFTER_", env_file=".env", extra="ignore", frozen=True)

    api_key: SecretStr | None = Field(None, validation_alias=AliasChoices("OPENAI_API_KEY"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("OPENAI_BASE_URL"))
    model: str | None = None
    judge_base_url: str | None = None
    judge_api_key: SecretStr | None = None
    judge_model: str | None = None
    writing: Writing | None = None
    model_path: Path | None = None
    model_deadline_s: Annotated[float, Field(gt=0, le=3600)] = 120
    threads: Annotated[int, Field(ge=1, le=256)] | None = None
    data_dir: Path = Field(default_factory=lambda: user_data_path("drafter", appauthor=False))
    database_url: str | None = None
    secret: SecretStr | None = None
    undo_s: Annotated[float, Field(ge=0, le=3600)] = 10
    four_eyes_from: Decimal | None = None
    requests_a_minute: Annotated[int, Field(gt=0)] = 600
    review_sample: Annotated[float, Field(ge=0, le=1)] = 0.05
    review_double: Annotated[float, Field(ge=0, le=1)] = 0.1
    appeal_days: Annotated[int, Field(ge=0, le=365)] = 7
    webhook_url: Annotated[str, AfterValidator(_unreadable_on_the_way)] | None = None
    webhook_secret: Annotated[SecretStr, Field(min_length=16)] | None = None

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
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'drafter.sqlite3'}"


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
