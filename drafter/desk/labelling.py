"""Reviewed texts as labelled examples for `drafter eval`, without anybody's personal data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Any, Final, Literal

from drafter.desk.intake import detect_language
from drafter.desk.masking import Known, mask
from drafter.desk.recognisers import Kind
from drafter.domain import ReviewText, Ruling
from guardrails.model import Jurisdiction, Language, Severity, Value

# The guardrails take a token such as [电话1] for a slot that was not filled: what stands for a person must be as alike
# as what it stands for. All are invented, or published as examples.
_STAND_INS: Final[Mapping[Language, Mapping[Kind, str]]] = {
    "zh": {
        "name": "周晓|林溪|何宁|沈岚|陆遥|许安|唐原|江禾|叶舟",
        "phone": "1380000000{n}",
        "id": "11010519491231002X",
        "card": "622848000000000000{n}",
        "email": "someone{n}@example.com",
        "link": "https://example.com/{n}",
        "address": "青禾市梧桐路{n}号",
        "plate": "京A0000{n}",
        "account": "305{n}",
        "birth": "1990年1月{n}日",
        "number": "10000000{n}",
    },
    "en": {
        "name": "Jordan Ellis|Morgan Reed|Casey Lane|Robin Hale|Avery Stone|Quinn Marsh|Taylor Brook|Alex Wood",
        "phone": "555-010{n}",
        "id": "078-05-1120",
        "card": "4111 1111 1111 111{n}",
        "email": "someone{n}@example.com",
        "link": "https://example.com/{n}",
        "address": "{n} Elm Street",
        "plate": "EX4 MPL{n}",
        "account": "305{n}",
        "birth": "January {n}, 1990",
        "number": "10000000{n}",
    },
}
_MOST: Final = 9
_PERSONAL: Final = ("debtor_name", "agent_name", "contact_phone", "account_last4")
_WORDS: Final = ("authorised_offers", "actions_taken", "legal_action_note", "official_channels", "recipient_relation")


class LabelledText(Value):
    """One line of what `drafter eval` reads."""

    id: str
    text: str
    inbound: str
    lang: Language
    jurisdiction: Jurisdiction
    label: Literal["reject", "pass"]
    rules: tuple[str, ...] = ()
    facts: Mapping[str, Any]
    style: str = "review"


def labelled(reviewed: Iterable[tuple[Ruling, ReviewText]]) -> Iterator[LabelledText]:
    """Yield overturned texts as passing ones, and those in which something was missed as rejected ones.

    Args:
        reviewed: the ruling that stands, and what it is about.
    """
    for ruling, text in reviewed:
        if ruling.outcome == "upheld":
            continue
        missed = ruling.outcome == "missed"
        ruled = zip(ruling.findings, text.verdict.findings, strict=True)
        hits = {one.rule for one, found in ruled if one.ruling == "hit" and found.severity is Severity.BLOCK}
        broken = hits | {miss.rule for miss in ruling.misses}
        yield LabelledText(
            id=text.draft_id,
            label="reject" if missed else "pass",
            rules=tuple(sorted(broken)) if missed else (),
            lang=detect_language(text.text),
            jurisdiction=text.jurisdiction,
            **_anonymous(text),
        )


def _anonymous(text: ReviewText) -> dict[str, Any]:
    """Return text, inbound message and facts with other people's data in place of the debtor's and the agent's."""
    lang, facts = detect_language(text.text), text.facts.model_dump(mode="json", exclude_defaults=True)
    words = [word for name in _WORDS for word in _each(facts.get(name, ()))]
    masked = mask(text.inbound, lang=lang, facts=text.facts, beside=[text.text, *words])
    others = _StandIns(lang).of(masked.known)
    values = {one.value: stands for one, stands in zip(masked.known, others.values(), strict=True)}

    def told(name: str, value: Any) -> Any:
        if name in _PERSONAL:
            return values[value]
        if name not in _WORDS:
            return value
        if isinstance(value, str):
            return _put(masked.conceal(value), others)
        return [_put(masked.conceal(word), others) for word in value]

    return {
        "text": _put(masked.conceal(text.text), others),
        "inbound": _put(masked.text, others),
        "facts": {name: told(name, value) for name, value in facts.items()},
    }


def _each(value: str | Sequence[str]) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


class _StandIns:
    """Gives out what stands for persons: another for each of them, and for nobody what is their own."""

    def __init__(self, lang: Language) -> None:
        self._kinds: Mapping[Kind, Iterator[str]] = {
            kind: cycle([form.format(n=n) for n in range(1, _MOST + 1) for form in forms.split("|")])
            for kind, forms in _STAND_INS[lang].items()
        }

    def of(self, known: Sequence[Known]) -> dict[str, str]:
        """Return what stands for each token."""
        taken = {one.value for one in known}
        return {one.token: self._next(one.kind, taken) for one in known}

    def _next(self, kind: Kind, taken: Collection[str]) -> str:
        return next((one for one in islice(self._kinds[kind], _MOST) if one not in taken), f"[{kind}]")


def _put(text: str, stand_ins: Mapping[str, str]) -> str:
    for token, value in stand_ins.items():
        text = text.replace(token, value)
    return text
