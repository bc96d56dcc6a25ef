"""What is counted of drafts, so that people see how the desk, its rules and its models do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from drafter.domain.cases import Tier
from drafter.domain.review_queue import Outcome
from drafter.domain.reviewing import FindingOutcome, Stage
from drafter.domain.values import Count
from guardrails.model import Value

Split = Literal["tier", "model", "prompt_version", "agent"]
"""What numbers may be told apart by; the agent is who decided last about the text that was suggested."""
HOUSE = "house"
"""The model's name where the house's own reply stands in."""


class Measured(Value):
    """Which drafts are measured; a draft belongs to the day on which it was made, whenever it was decided about.

    Attributes:
        edges: when each step of the time begins, and when the last one ends; ascending.
        split: what the numbers are told apart by; all together when None.
        tier, model, prompt_version, agent: only these; any when None.
    """

    edges: Annotated[tuple[datetime, ...], Field(min_length=2)]
    split: Split | None = None
    tier: Tier | None = None
    model: str | None = None
    prompt_version: str | None = None
    agent: str | None = None

    @property
    def steps(self) -> int:
        return len(self.edges) - 1


@dataclass(frozen=True)
class Counted:
    """Drafts of one step of the time and of one group.

    Attributes:
        step: 0 for the first.
        group: of what the numbers are told apart by; empty where they are not, or where there is none.
    """

    step: int
    group: str


@dataclass(frozen=True)
class Written(Counted):
    """How many texts models wrote, and how many of them the guardrails rejected; first ones apart."""

    first: Count
    first_rejected: Count
    attempts: Count
    attempts_rejected: Count


@dataclass(frozen=True)
class RejectedBy(Counted):
    """How many texts of models a rule, which is the group, rejected; an empty one: a check could not run."""

    first: Count
    attempts: Count


@dataclass(frozen=True)
class Offered(Counted):
    """What became of suggested texts."""

    unedited: Count
    edited: Count
    discarded: Count
    escalated: Count
    superseded: Count
    waiting: Count

    @property
    def approved(self) -> int:
        return self.unedited + self.edited

    @property
    def total(self) -> int:
        return self.approved + self.discarded + self.escalated + self.superseded + self.waiting


@dataclass(frozen=True)
class Waited(Counted):
    """How many suggested texts waited how long for their approval."""

    seconds: int
    drafts: Count


@dataclass(frozen=True)
class Edited(Counted):
    """A suggested text, and what was approved in its place."""

    offered: str
    approved: str


@dataclass(frozen=True)
class Said:
    """What a ruling says of a draft, and of the findings of each rule."""

    stage: Stage
    outcome: Outcome
    findings: tuple[tuple[str, FindingOutcome], ...]


@dataclass(frozen=True)
class Judged(Counted):
    """A draft on which reviewers ruled.

    Attributes:
        rejected: some version of it was; otherwise it is one of the sample of passed ones.
        outcome: that stands; None until one does.
        rulings: in the order of the stages.
    """

    rejected: bool
    outcome: Outcome | None
    rulings: tuple[Said, ...]


class Choices(Value):
    """What there is to choose from in a time."""

    models: tuple[str, ...]
    prompt_versions: tuple[str, ...]
    agents: tuple[str, ...]
