"""One example of every value that a program sends or reads, shown in the description of the API."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from drafter.domain import (
    Attempt,
    Case,
    DebtorMessage,
    Delivery,
    Draft,
    Evidence,
    FindingRuling,
    NextStep,
    QueuePage,
    QueueRow,
    ReviewItem,
    ReviewPage,
    Suggestion,
    Tier,
    Triage,
    Usage,
    Wish,
    text_sha256,
)
from drafter.web.api.cases import CaseAnswer, Done, NewCase, NewMessage, Reason, RevealedCase
from drafter.web.api.checking import TextToCheck
from drafter.web.api.drafts import Approval, DraftAnswer, EditedText, Preview
from drafter.web.api.health import Alive, Ready
from drafter.web.api.review import GivenRuling
from guardrails import Facts, Verdict
from guardrails.model import Finding, Severity, Value

_CASE, _DRAFT = "9b2c6c7e0f6a4a0f8a0e5f4f0a5d9d11", "c3a1f0b7d2e94b6f9a7c1d2e3f405162"
_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_MESSAGE = "上个月失业了，这个月还不上，能不能缓一缓？"
_REPLY = "周晓您好，我是青禾银行的林溪。谢谢您告诉我近况，您辛苦了。方便说说现在最大的难处是什么吗？"
_THREAT = "再不还款，我们就联系您的家人和单位。"
_FACTS = Facts(
    institution="青禾银行",
    debtor_name="周晓",
    agent_name="林溪",
    amount_due=Decimal("4680.00"),
    currency="CNY",
    due_date=date(2026, 2, 8),
    days_past_due=22,
)
_TRIAGE = Triage(
    signals=("hardship", "asks_extension"),
    evidence=(Evidence(signal="hardship", start=0, end=6, quote=_MESSAGE[:6]),),
)
_PASS = Verdict(verdict="pass", policy="CN@885d39bb14c9", elapsed_us=412)


def examples() -> dict[str, object]:
    """Return an example as JSON by the name of its schema."""
    # What is sent is shown as short as it may be, what is answered whole.
    given = {type(one).__name__: one.model_dump(mode="json", exclude_unset=True) for one in _given()}
    answered = {type(one).__name__: one.model_dump(mode="json") for one in _answered()}
    return {**given, **answered}


def _given() -> tuple[Value, ...]:
    return (
        TextToCheck(text=_THREAT, inbound=_MESSAGE, lang="zh", jurisdiction="CN"),
        NewCase(message=_MESSAGE, tier="general", lang="zh", facts=_FACTS, external_id="crm-20260302-17"),
        NewMessage(message="还有，我下周五发工资。"),
        Reason(reason="对方提到律师，请主管看。"),
        Wish(tone="warmer", shorter=True),
        EditedText(text=_REPLY, version=1),
        Preview(text=_REPLY),
        Approval(version=2, text_sha256=text_sha256(_REPLY)),
        GivenRuling(
            ruling="overturned",
            reason="context-missing",
            note="引用的是对方的话。",
            findings=(FindingRuling(number=0, ruling="false-hit"),),
        ),
    )


def _answered() -> tuple[Value, ...]:
    attempt = Attempt(
        text=_REPLY,
        verdict=_PASS,
        model="qwen2.5-coder-1.5b-instruct-q4_k_m",
        prompt_version="zh@4f1d2c",
        usage=Usage(prompt_tokens=1641, completion_tokens=25, cached_tokens=1601),
        latency_ms=2700,
        first_token_ms=700,
        draft_id=_DRAFT,
    )
    draft = Draft(id=_DRAFT, case_id=_CASE, text=_REPLY, version=2, verdict=_PASS, created_at=_AT, status="approved")
    case = Case(
        id=_CASE,
        message=DebtorMessage(text=_MESSAGE, lang="zh"),
        tier=Tier.GENERAL,
        jurisdiction="CN",
        facts=_FACTS,
        created_at=_AT,
        external_id="crm-20260302-17",
    )
    item = ReviewItem(
        draft_id=_DRAFT,
        case_id=_CASE,
        version=1,
        rejected=True,
        created_at=_AT,
        tier=Tier.GENERAL,
        model=attempt.model,
        prompt_version=attempt.prompt_version,
        rules=("third-party-contact",),
        severity=Severity.BLOCK,
    )
    return (
        _rejected(),
        CaseAnswer(case=case, triage=_TRIAGE),
        RevealedCase(case=case, triage=_TRIAGE, drafts=(draft,)),
        Done(case_id=_CASE, status="escalated"),
        QueuePage(rows=(_row(),), next="MjAyNi0wMy0wMlQwOTozMDowMCswMDowMH45YjJjNmM3ZQ=="),
        Suggestion(
            case_id=_CASE,
            draft_id=_DRAFT,
            status="awaiting_approval",
            text=_REPLY,
            source="model",
            attempts=(attempt,),
            triage=_TRIAGE,
            moves=("greeting", "thanks", "concern", "question"),
            next_step=NextStep(action="follow_up", date=date(2026, 3, 9)),
            may_go_out_at=_AT,
        ),
        DraftAnswer(
            draft=draft,
            text_sha256=draft.text_sha256,
            delivery=Delivery(
                id=f"{_DRAFT}-2",
                draft_id=_DRAFT,
                version=2,
                case_id=_CASE,
                channel="clipboard",
                not_before=_AT,
            ),
        ),
        item,
        ReviewPage(items=(item,), next=None),
        Alive(),
        Ready(status="ok", checks={"database": "ok", "policy": "CN@885d39bb14c9", "model": "deepseek-chat"}),
    )


def _row() -> QueueRow:
    return QueueRow(
        case_id=_CASE,
        external_id="crm-20260302-17",
        debtor="周晓",
        amount_due=Decimal("4680.00"),
        currency="CNY",
        days_past_due=22,
        message=_MESSAGE,
        tier=Tier.GENERAL,
        status="open",
        human=False,
        signals=_TRIAGE.signals,
        message_at=_AT,
        assignee=None,
        draft="awaiting_approval",
    )


def _rejected() -> Verdict:
    found = Finding(
        rule="third-party-contact",
        severity=Severity.BLOCK,
        detector="phrases",
        start=6,
        end=17,
        quote=_THREAT[6:17],
        reason="不得以联系家人、单位相要挟。",
        suggestion="如有疑问，请直接与我联系。",
        citations=("GB/T 45251-2025 5.2",),
    )
    return Verdict(verdict="reject", policy=_PASS.policy, findings=(found,), elapsed_us=388)
