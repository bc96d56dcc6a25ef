"""What an agent wants said in a reply, word for word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drafter.domain import Case, Triage, Wish
from guardrails.model import Language

_OFFER: Final[Mapping[Language, str]] = {
    "zh": "这次可以为您办理：{offer}",
    "en": "This is what we can offer you: {offer}",
}
_STOP: Final[Mapping[Language, str]] = {"zh": "。", "en": "."}
_BETWEEN: Final[Mapping[Language, str]] = {"zh": "", "en": " "}
_ENDS: Final = "。！？.!?"


def said(wish: Wish, case: Case, triage: Triage) -> str:
    """Return what stands in the reply word for word: the agent's sentence, else the facts that the agent added for it.

    Facts in words are in the message's language, and are not put into a reply in another. An offer that answers a
    question of the debtor is told by the house.
    """
    lang = case.message.lang
    if wish.sentence or (wish.lang or lang) != lang:
        return wish.sentence
    offers = [] if "asks_extension" in triage.signals else wish.added.authorised_offers[:1]
    told = [*(_OFFER[lang].format(offer=offer) for offer in offers), *wish.added.actions_taken]
    return _BETWEEN[lang].join(one if one.endswith(tuple(_ENDS)) else one + _STOP[lang] for one in told)
