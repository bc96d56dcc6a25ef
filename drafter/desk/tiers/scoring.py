"""A tier proposed from a credit record, with reasons; a human decides."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from drafter.domain import Tier
from drafter.errors import InputError
from guardrails.model import Language, Money, Value
from guardrails.rulebook import Bilingual, RuleId, read

_FILE = Path(__file__).parent / "scorecard.yaml"
_Count = Annotated[int, Field(ge=0, le=100_000)]

Side = Literal["record", "ability", "willingness"]


class CreditRecord(Value):
    """What is known of how somebody has paid, can pay and wants to pay; every key is optional.

    Nothing else about the person is asked for or accepted: not age, sex, origin, health or home.

    Attributes:
        days_past_due: of the oldest open payment.
        payments_due: payments of the last twelve months that fell due.
        payments_late: how many of them came late or not at all.
        monthly_income: after tax.
        monthly_payments: what all debts together cost a month.
        credit_limit: of the account.
        balance: used of that limit.
        promises_made: promises to pay in the last twelve months.
        promises_broken: how many of them were not kept.
        contacts_made: messages and calls to the debtor in the last ninety days.
        contacts_answered: how many of them were answered.
    """

    days_past_due: _Count | None = None
    payments_due: _Count | None = None
    payments_late: _Count | None = None
    monthly_income: Money | None = None
    monthly_payments: Money | None = None
    credit_limit: Money | None = None
    balance: Money | None = None
    promises_made: _Count | None = None
    promises_broken: _Count | None = None
    contacts_made: _Count | None = None
    contacts_answered: _Count | None = None

    @model_validator(mode="after")
    def _parts_are_no_more_than_the_whole(self) -> CreditRecord:
        for part, whole in (
            ("payments_late", "payments_due"),
            ("promises_broken", "promises_made"),
            ("contacts_answered", "contacts_made"),
        ):
            some, every = getattr(self, part), getattr(self, whole)
            if some is not None and every is not None and some > every:
                raise ValueError(f"{part} is more than {whole}")
        return self

    @property
    def late_share(self) -> float | None:
        return _share(self.payments_late, self.payments_due)

    @property
    def burden(self) -> float | None:
        return _share(self.monthly_payments, self.monthly_income)

    @property
    def utilisation(self) -> float | None:
        return _share(self.balance, self.credit_limit)

    @property
    def promises_broken_share(self) -> float | None:
        return _share(self.promises_broken, self.promises_made)

    @property
    def unanswered_share(self) -> float | None:
        answered = _share(self.contacts_answered, self.contacts_made)
        return None if answered is None else 1 - answered


class Band(Value):
    """Values up to and with `up_to` (the last band has no end) give `points`."""

    up_to: float | None = None
    points: Annotated[int, Field(ge=0)]
    reason: Bilingual


class Factor(Value):
    id: RuleId
    about: Side
    fact: str
    most: Annotated[int, Field(gt=0)]
    bands: tuple[Band, ...]


class Scorecard(Value):
    """Points from 0 to 100; from `premium_from` a premium tier is proposed, from `general_from` a general one."""

    premium_from: int
    general_from: int
    factors: tuple[Factor, ...]

    @model_validator(mode="after")
    def _is_whole(self) -> Scorecard:
        if sum(factor.most for factor in self.factors) != 100:  # noqa: PLR2004 - a score out of a hundred
            raise ValueError("the factors' most points do not add up to 100")
        for factor in self.factors:
            if not hasattr(CreditRecord, factor.fact) and factor.fact not in CreditRecord.model_fields:
                raise ValueError(f"{factor.fact!r} is nothing that a record tells")
            if factor.bands[-1].up_to is not None or max(band.points for band in factor.bands) != factor.most:
                raise ValueError(f"the bands of {factor.id} do not reach from its most points to the end")
        return self


class Reason(Value):
    """What one factor gave: `points` of `most`; `known` is False where the record does not tell it."""

    factor: str
    about: Side
    points: float
    most: int
    known: bool
    reason: str


class TierSuggestion(Value):
    """A proposal, never a decision."""

    tier: Tier
    score: float
    reasons: tuple[Reason, ...]
    decided_by: Literal["human"] = "human"


def read_record(raw: bytes) -> CreditRecord:
    """Return the credit record of a JSON object.

    Raises:
        InputError: it cannot be used; names the key, never its value.
    """
    try:
        return CreditRecord.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])[:40] or "the record"
    raise InputError("{place}: {why}; mend the record and try again.", place=place, why=first["msg"])


def suggest_tier(record: CreditRecord, *, lang: Language) -> TierSuggestion:
    """Propose a tier.

    Args:
        record: what is known; a factor that it does not tell gives half its points.
        lang: of the reasons.
    """
    card = scorecard()
    reasons = tuple(_reason(factor, record, lang) for factor in card.factors)
    score = sum(reason.points for reason in reasons)
    tier = (
        Tier.PREMIUM if score >= card.premium_from else Tier.GENERAL if score >= card.general_from else Tier.HIGH_RISK
    )
    return TierSuggestion(tier=tier, score=score, reasons=reasons)


@cache
def scorecard() -> Scorecard:
    """Return the scorecard.

    Raises:
        PolicyError: its file cannot be used.
    """
    return read(_FILE, Scorecard)


def _reason(factor: Factor, record: CreditRecord, lang: Language) -> Reason:
    value = getattr(record, factor.fact)
    told = {"factor": factor.id, "about": factor.about, "most": factor.most, "known": value is not None}
    if value is None:
        missing = "没有这项资料，按一半计分" if lang == "zh" else "not known; half the points"
        return Reason(points=factor.most / 2, reason=missing, **told)
    band = next(band for band in factor.bands if band.up_to is None or value <= band.up_to)
    return Reason(points=band.points, reason=band.reason[lang], **told)


def _share(part: int | Decimal | None, whole: int | Decimal | None) -> float | None:
    if part is None or whole is None:
        return None
    if not whole:
        return 1.0 if part else None
    return float(part) / float(whole)
