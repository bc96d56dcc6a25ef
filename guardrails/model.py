"""The values of a check: facts in, findings and a verdict out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_serializer, model_serializer

Jurisdiction = Literal["CN", "US", "UK"]
Language = Literal["zh", "en"]

DEFAULT_JURISDICTION: Mapping[Language, Jurisdiction] = {"zh": "CN", "en": "US"}
LOCALES: Mapping[Jurisdiction, str] = {"CN": "zh_Hans_CN", "US": "en_US", "UK": "en_GB"}
"""How amounts and dates are written there (Unicode CLDR)."""

Money = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=2)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Value(BaseModel):
    """A frozen value; a field that is not declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Severity(StrEnum):
    """`block` keeps a text from being approved; `warn` is advice to the agent."""

    BLOCK = "block"
    WARN = "warn"


class Facts(Value):
    """What is known to be true of the account; every figure and deed in a draft must stand here.

    Every key is optional. Money is decimal in `currency` (ISO 4217); dates are ISO 8601.
    """

    institution: Text | None = None
    creditor: Text | None = None
    debtor_name: Text | None = None
    agent_name: Text | None = None
    amount_due: Money | None = None
    minimum_due: Money | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    due_date: date | None = None
    days_past_due: Annotated[int, Field(ge=0, le=36_500)] | None = None
    today: date | None = None
    account_last4: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{4}$")] | None = None
    authorised_offers: tuple[Text, ...] = ()
    legal_action_authorised: bool = False
    legal_action_note: Text | None = None
    initial_communication: bool = False
    time_barred: bool = False
    last_payment: date | None = None
    official_channels: tuple[Text, ...] = ()
    contact_phone: Text | None = None
    follow_up_date: date | None = None
    actions_taken: tuple[Text, ...] = ()
    recipient_relation: Text | None = None
    recipient_is_liable: bool | None = None
    is_guarantor_contact: bool = False

    @field_serializer("amount_due", "minimum_due")
    def _money_as_string(self, value: Decimal | None) -> str | None:
        return None if value is None else str(value)


class Span(Value):
    """A stretch of the checked text, in Unicode code points, `end` exclusive."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class Citation(Value):
    """A provision of law or of a standard, and when its text was read.

    `provision` is given only where the provision's text itself was read (`read`); otherwise the instrument stands
    alone.
    """

    instrument: Text
    instrument_en: Text | None = None
    provision: Text | None = None
    kind: Literal["law", "standard", "industry-rule"] = "law"
    read: date | None = None

    def __str__(self) -> str:
        return f"{self.instrument} {self.provision}" if self.provision else self.instrument


class Finding(Value):
    """One thing a detector found; `quote == text[start:end]`.

    `reason` is one sentence in the text's language that an agent understands; `suggestion` a lawful rewording.
    """

    rule: str
    severity: Severity
    detector: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    quote: str
    reason: str
    suggestion: str | None = None
    citations: tuple[str, ...] = ()

    @model_serializer(mode="wrap")
    def _without_empty_suggestion(self, handler: Any) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        if data.get("suggestion") is None:
            data.pop("suggestion", None)
        return data


class Verdict(Value):
    """The outcome of one check under one policy version; anything that could not run rejects."""

    verdict: Literal["pass", "reject"]
    policy: str
    findings: tuple[Finding, ...] = ()
    failed: tuple[str, ...] = ()
    elapsed_us: Annotated[int, Field(ge=0)] = 0

    @property
    def passed(self) -> bool:
        return self.verdict == "pass"
