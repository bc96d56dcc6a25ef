"""From what the model is told to what the agent is shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints

from drafter.domain.adding import AddedFacts
from drafter.domain.cases import HandoverCard, Promise, Triage
from drafter.domain.values import MAX_REPLY_CHARS, Count
from guardrails.model import Language, Value, Verdict


class Wish(Value):
    """What an agent wants otherwise than before; every text that comes of it is checked like any other.

    Attributes:
        tone: a step warmer or firmer than the tier is written to, as far as there is one.
        shorter: without what the reply can do without.
        lang: another language than the message's.
        sentence: stands in the reply word for word.
        added: facts of this reply alone, which it may name and is checked against.
    """

    tone: Literal["warmer", "firmer"] | None = None
    shorter: StrictBool = False
    lang: Language | None = None
    sentence: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_REPLY_CHARS)] = ""
    added: AddedFacts = AddedFacts()


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
    """A text that was offered to the guardrails, and everything that decided its fate.

    Attributes:
        draft_id: of the draft that the text is kept as; None where the answer had no text.
    """

    text: str
    verdict: Verdict
    model: str
    prompt_version: str
    usage: Usage = Usage()
    latency_ms: Count = 0
    first_token_ms: Count | None = None
    draft_id: str | None = None


class NextStep(Value):
    """What happens after the reply, and when."""

    action: str
    date: date | None


class Suggestion(Value):
    """The answer to one click on "suggest reply".

    Attributes:
        draft_id: of the text that is suggested; where all were rejected, of the last one, which can be mended by hand.
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
