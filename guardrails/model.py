"""The values of a check: facts in, findings and a verdict out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
    field_serializer,
    model_serializer,
)

Jurisdiction = Literal["CN", "US", "UK"]
Language = Literal["zh", "en"]

DEFAULT_JURISDICTION: Mapping[Language, Jurisdiction] = {"zh": "CN", "en": "US"}
LOCALES: Mapping[Jurisdiction, str] = {"CN": "zh_Hans_CN", "US": "en_US", "UK": "en_GB"}
"""How amounts and dates are written there (Unicode CLDR)."""

_SUM = {
    "anyOf": [
        {"type": "string", "pattern": r"^[0-9]{1,13}(\.[0-9]{1,2})?$"},
        {"type": "number", "minimum": 0, "maximum": 9_999_999_999_999.99, "multipleOf": 0.01},
    ]
}
Money = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=2), WithJsonSchema(_SUM, mode="validation")]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    Field(json_schema_extra={"pattern": r"\S"}),
]


def _written(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("write it like 2026-02-08")  # noqa: TRY004 - pydantic reports a ValueError as the caller's
    return value


def _counted(value: object) -> object:
    if isinstance(value, bool | str):
        raise ValueError("write a number")  # noqa: TRY004 - the same
    return value


Written = BeforeValidator(_written)
"""Of a day or a moment: in ISO 8601, since a number would be taken for seconds since 1970."""
Counted = BeforeValidator(_counted)
"""Of a number: as one, not as "true" or in quotation marks."""
Day = Annotated[date, Written]


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
    due_date: Day | None = None
    days_past_due: Annotated[int, Field(ge=0, le=36_500), Counted] | None = None
    today: Day | None = None
    account_last4: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{4}$")] | None = None
    authorised_offers: tuple[Text, ...] = ()
    legal_action_authorised: StrictBool = False
    legal_action_note: Text | None = None
    initial_communication: StrictBool = False
    time_barred: StrictBool = False
    last_payment: Day | None = None
    official_channels: tuple[Text, ...] = ()
    contact_phone: Text | None = None
    follow_up_date: Day | None = None
    actions_taken: tuple[Text, ...] = ()
    recipient_relation: Text | None = None
    recipient_is_liable: StrictBool | None = None
    is_guarantor_contact: StrictBool = False

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
