"""The nouns, in the order of the trip."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from guardrails.model import DEFAULT_JURISDICTION, Facts, Jurisdiction, Language, Money, Value, Verdict

MAX_MESSAGE_CHARS = 20_000
MAX_REPLY_CHARS = 2_000

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Writing = Literal["whole", "woven"]
"""How much the model writes: the whole reply, or the passage of it that needs an ear, which suits a small model."""
Count = Annotated[int, Field(ge=0)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is no time zone of the IANA list, such as Asia/Shanghai")
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class Tier(StrEnum):
    """优质 / 一般 / 高风险: how warm, how close; never how harsh."""

    PREMIUM = "premium"
    GENERAL = "general"
    HIGH_RISK = "high-risk"


class DebtorMessage(Value):
    """What the debtor wrote: hostile input until proven otherwise."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_MESSAGE_CHARS)]
    lang: Language


class Turn(Value):
    """An earlier message of the conversation, from the debtor or from the desk."""

    by: Literal["debtor", "desk"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_MESSAGE_CHARS)]
    at: AwareDatetime | None = None


class Promise(Value):
    """What the debtor said would be paid, and what became of it.

    Attributes:
        amount: in `currency` (ISO 4217); None where no sum was named.
        due: the last day that the words allow; None where none was named.
        quote: the debtor's own words.
    """

    amount: Money | None = None
    currency: str | None = None
    due: date | None = None
    status: Literal["open", "kept", "broken"] = "open"
    quote: str = ""


class Case(Value):
    """A debtor's message with everything known about the account it concerns.

    Attributes:
        conversation: what was said before the message, oldest first.
        promises: what the debtor promised before.
        time_zone: IANA name of the zone that the debtor lives in.
    """

    id: str
    message: DebtorMessage
    tier: Tier
    jurisdiction: Jurisdiction
    facts: Facts
    created_at: datetime
    external_id: str | None = None
    conversation: tuple[Turn, ...] = ()
    promises: tuple[Promise, ...] = ()
    time_zone: TimeZone | None = None


class Evidence(Value):
    """Where in the message a signal was seen, in code points of the message as given."""

    signal: str
    start: Count
    end: Count
    quote: str


class Triage(Value):
    """What the message is about and who must answer it."""

    signals: tuple[str, ...] = ()
    injection: bool = False
    route: Literal["draft", "human"] = "draft"
    evidence: tuple[Evidence, ...] = ()


class HandoverCard(Value):
    """What an agent is shown who hands a message on: one card a signal that routes to a human.

    Attributes:
        means: what was seen, and what to do and leave undone.
        law: what the law of the case's jurisdiction asks.
        say: a reply that may be given at once, in the language of the message; it is checked and approved like any.
        to: who takes over.
    """

    signal: str
    title: str
    means: str
    law: str
    say: str
    to: str


class Wish(Value):
    """What an agent wants otherwise than before; every text that comes of it is checked like any other.

    Attributes:
        tone: a step warmer or firmer than the tier is written to, as far as there is one.
        shorter: without what the reply can do without.
        lang: another language than the message's.
        sentence: stands in the reply word for word.
    """

    tone: Literal["warmer", "firmer"] | None = None
    shorter: bool = False
    lang: Language | None = None
    sentence: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_REPLY_CHARS)] = ""


class ChatMessage(Value):
    role: Literal["system", "user", "assistant"]
    content: str


class Prompt(Value):
    """What the model is told, and the hash of the template files that made it."""

    messages: tuple[ChatMessage, ...]
    version: str
    max_tokens: Annotated[int, Field(gt=0)] = 400
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.3


class Usage(Value):
    """Token counts as the endpoint reports them; `cached_tokens` are prompt tokens it did not read again."""

    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    cached_tokens: Count = 0


class Completion(Value):
    """One answer of a model."""

    text: str
    model: str
    usage: Usage = Usage()
    latency_ms: Count = 0
    first_token_ms: Count | None = None


class Attempt(Value):
    """A text that was offered to the guardrails, and everything that decided its fate."""

    text: str
    verdict: Verdict
    model: str
    prompt_version: str
    usage: Usage = Usage()
    latency_ms: Count = 0
    first_token_ms: Count | None = None


class NextStep(Value):
    """What happens after the reply, and when."""

    action: str
    date: date | None


class Suggestion(Value):
    """The answer to one click on "suggest reply".

    Attributes:
        promises: what the message promises to pay.
        may_go_out_at: the first moment at which the law lets a reply reach the debtor.
        handover: where a human must answer, what that human should know, the gravest first.
    """

    case_id: str
    draft_id: str | None
    status: Literal["awaiting_approval", "rejected", "routed_to_human"]
    text: str | None
    source: Literal["model", "fallback"]
    attempts: tuple[Attempt, ...]
    triage: Triage
    moves: tuple[str, ...]
    next_step: NextStep
    promises: tuple[Promise, ...] = ()
    may_go_out_at: datetime | None = None
    handover: tuple[HandoverCard, ...] = ()

    @property
    def chosen(self) -> Attempt | None:
        """The attempt whose text is suggested; None where none is."""
        return next((one for one in reversed(self.attempts) if self.text is not None and one.text == self.text), None)


Settled = Literal["kept", "broken", "done"]
"""What became of a follow-up."""


class FollowUp(Value):
    """Something to be done about a case on a day: a promise to look after, or a contact to make.

    Attributes:
        quote: the promise in the debtor's own words; empty for a contact.
    """

    id: int
    case_id: str
    kind: Literal["promise", "contact"]
    due: date | None
    amount: Money | None = None
    currency: str | None = None
    quote: str = ""
    status: Literal["open", "kept", "broken", "done"] = "open"


class History(Value):
    """What was done in a case before.

    Attributes:
        texts: the replies that were suggested, oldest first.
        promises: what the debtor promised, with what became of it.
    """

    texts: tuple[str, ...] = ()
    promises: tuple[Promise, ...] = ()


class Draft(Value):
    """A stored text that waits for a human; a changed text is a new version."""

    id: str
    case_id: str
    text: str
    version: Annotated[int, Field(ge=1)]
    verdict: Verdict
    created_at: datetime

    @property
    def text_sha256(self) -> str:
        return text_sha256(self.text)


class Decision(Value):
    """What a named human decided about the exact text of a draft."""

    draft_id: str
    version: Annotated[int, Field(ge=1)]
    decided_by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    decided_at: datetime
    outcome: Literal["approved", "discarded", "escalated"]
    text_sha256: Sha256
    reason: str | None = None


class ApprovedReply(Value):
    """The only thing a channel sends: a text bound by its hash to a human's approval of it."""

    text: str
    decision: Decision
    policy: str


def text_sha256(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 bytes, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def jurisdiction_of(lang: Language) -> Jurisdiction:
    """Return the jurisdiction assumed for a language when none is named."""
    return DEFAULT_JURISDICTION[lang]
