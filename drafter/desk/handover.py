"""What an agent needs who hands a message on: what it means, what the law asks, what to say at once, who takes over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drafter.desk.signals import Signal
from drafter.domain import HandoverCard, Triage
from guardrails.model import Language
from guardrails.rulebook import PolicyFile

# Where several are seen, a life comes before a right, and a right before a record.
_GRAVEST_FIRST: Final = ("suicide_risk", "threat_to_others", "coerced_debt_or_abuse", "minor", "deceased", "illness")
_OR: Final[Mapping[Language, str]] = {"zh": "或", "en": " or "}


def handover_cards(
    triage: Triage, signals: Mapping[str, Signal], policy: PolicyFile, *, reader: Language, debtor: Language
) -> tuple[HandoverCard, ...]:
    """Return a card for each signal that routes to a human, the gravest first.

    Args:
        triage: what was seen.
        signals: every signal by name.
        policy: of the jurisdiction; names the crisis lines.
        reader: the language of the agent.
        debtor: the language of the message, and of what is said at once.
    """
    seen = [signals[name] for name in triage.signals if signals[name].handover is not None]
    return tuple(_card(signal, policy, reader, debtor) for signal in sorted(seen, key=_gravity))


def holding_reply(signal: Signal, policy: PolicyFile, lang: Language) -> str:
    """Return what may be said at once to a message that shows a signal; empty where a draft may be suggested."""
    if signal.handover is None:
        return ""
    return signal.handover.say[lang].replace("{crisis_lines}", _crisis_lines(policy, lang))


def _card(signal: Signal, policy: PolicyFile, reader: Language, debtor: Language) -> HandoverCard:
    handover = signal.handover
    law = handover.law.get(policy.jurisdiction) if handover else None
    return HandoverCard(
        signal=signal.name,
        title=signal.title[reader],
        means=signal.means[reader],
        law=law[reader] if law else "",
        say=holding_reply(signal, policy, debtor),
        to=handover.to[reader] if handover else "",
    )


def _crisis_lines(policy: PolicyFile, lang: Language) -> str:
    return _OR[lang].join(line[lang] for line in policy.crisis_lines)


def _gravity(signal: Signal) -> int:
    return _GRAVEST_FIRST.index(signal.name) if signal.name in _GRAVEST_FIRST else len(_GRAVEST_FIRST)
