"""Personal data out of the debtor's message before the model reads it, and back into the reply."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, count, islice

from drafter.desk.recognisers import Hit, Kind
from drafter.desk.recognisers.addresses import addresses
from drafter.desk.recognisers.codes import births, codes
from drafter.desk.recognisers.figures import without_figures
from drafter.desk.recognisers.names import introduced_names, known_names
from drafter.desk.recognisers.numbers import numbers
from guardrails.model import Facts, Language
from guardrails.normalise import normalise

_LABELS: Mapping[Language, Mapping[Kind, str]] = {
    "zh": {
        "name": "姓名",
        "phone": "电话",
        "id": "证件",
        "card": "卡号",
        "email": "邮箱",
        "link": "链接",
        "address": "地址",
        "plate": "车牌",
        "account": "账号",
        "birth": "生日",
        "number": "号码",
    },
    "en": {
        "name": "NAME",
        "phone": "PHONE",
        "id": "ID",
        "card": "CARD",
        "email": "EMAIL",
        "link": "LINK",
        "address": "ADDRESS",
        "plate": "PLATE",
        "account": "ACCOUNT",
        "birth": "BIRTHDAY",
        "number": "NUMBER",
    },
}
_FACTS: tuple[tuple[str, Kind], ...] = (
    ("debtor_name", "name"),
    ("agent_name", "name"),
    ("contact_phone", "phone"),
    ("account_last4", "account"),
)
_MET_BY_CHANCE = 4
_MOST_NAMES = 20  # each costs a search of its own


@dataclass(frozen=True)
class Known:
    """One personal value and the token that stands for it."""

    token: str
    kind: Kind
    value: str = field(repr=False)


@dataclass(frozen=True)
class Masked:
    """A text without personal data, and the way back.

    Attributes:
        text: the text with a token such as [电话1] or [PHONE_1] for every personal value.
        lang: the language of the tokens.
        known: what the tokens stand for, the values of the facts first.
    """

    text: str
    lang: Language
    known: tuple[Known, ...] = field(repr=False)

    def restore(self, reply: str) -> str:
        """Return a text with its tokens replaced by their values, also where a model changed spaces or brackets."""
        pattern = _tokens(self.lang)
        values = {_identity(token): one.value for one in self.known if (token := pattern.fullmatch(one.token))}
        return pattern.sub(lambda token: values.get(_identity(token), token[0]), reply)

    def conceal(self, text: str) -> str:
        """Return any other text without personal data.

        What is known is replaced by its token. What is new in this text is replaced by its kind, such as [电话], from
        which `restore` does not bring it back.
        """
        return replaced(text, self.places(text))

    def places(self, text: str) -> list[tuple[int, int, str]]:
        """Return where `conceal` puts what: start and end in the text as given, in order, none over another."""
        canonical = normalise(text)
        tokens = {_key(one.value): one.token for one in reversed(self.known)}
        names = [one for one in self.known if one.kind == "name"][:_MOST_NAMES]
        spans = [(*place, one.token) for one in self.known for place in _places(text, one.value)]
        for one in names:
            hits = known_names(canonical.text, normalise(one.value).text)
            spans += [(*canonical.span(hit.start, hit.end), one.token) for hit in hits]
        # Behind the known ones, since of two in the same place the first is taken.
        for start, end, kind in _personal(text, [normalise(one.value).text for one in names]):
            spans.append((start, end, tokens.get(_key(text[start:end]), f"[{_LABELS[self.lang][kind]}]")))
        return list(_apart(spans))


def mask(text: str, *, lang: Language, facts: Facts, beside: Iterable[str] = ()) -> Masked:
    """Return a text with names, numbers, codes and addresses of persons replaced by tokens.

    The same value, written the same way, gets the same token everywhere; `restore` gives the text back exactly. Amounts
    and dates stay, but for days of birth.

    Args:
        text: the debtor's message, as given.
        lang: decides the language of the tokens.
        facts: give the names of debtor and agent, which need no cue.
        beside: other texts whose values get tokens too, so that they come back after `conceal`.
    """
    beside = tuple(beside)
    given = [(kind, value) for name, kind in _FACTS if (value := getattr(facts, name))]
    people = [normalise(value).text for kind, value in given if kind == "name"]
    ledger = _Ledger(lang, taken=[text, *beside, *(value for _, value in given)])
    found = [(start, end, ledger.known(kind, text[start:end])) for start, end, kind in _personal(text, people)]
    of_facts = [ledger.known(kind, value) for kind, value in given]
    known = dict.fromkeys([*of_facts, *(one for _, _, one in found)])
    for other in beside:
        met = [normalise(one.value).text for one in known if one.kind == "name"][:_MOST_NAMES]
        known |= dict.fromkeys(ledger.known(kind, other[start:end]) for start, end, kind in _personal(other, met))
    return Masked(
        text=replaced(text, [(start, end, one.token) for start, end, one in found]),
        lang=lang,
        known=tuple(known),
    )


def redact(text: str) -> str:
    """Return a text fit for a log: every recognised personal value replaced by its kind, for good."""
    return replaced(text, [(start, end, f"[{kind}]") for start, end, kind in _personal(text, ())])


class _Ledger:
    """Gives out tokens, none of which the texts already hold.

    Args:
        lang: the language of the tokens.
        taken: texts that may hold something like a token.
    """

    def __init__(self, lang: Language, taken: Iterable[str]) -> None:
        self._lang = lang
        self._taken = {_identity(token) for text in taken for token in _likes_of_tokens(lang).finditer(text)}
        self._numbers = {label: count(1) for label in _LABELS[lang].values()}
        self._known: dict[tuple[Kind, str], Known] = {}

    def known(self, kind: Kind, value: str) -> Known:
        if (kind, value) not in self._known:
            label = _LABELS[self._lang][kind]
            number = next(number for number in self._numbers[label] if (label, number) not in self._taken)
            between = "_" if self._lang == "en" else ""
            self._known[kind, value] = Known(f"[{label}{between}{number}]", kind, value)
        return self._known[kind, value]


@cache
def _tokens(lang: Language) -> re.Pattern[str]:
    """Return a pattern for tokens, also as a model that nearly copies them writes them: other brackets, or none."""
    label = "|".join(_LABELS[lang].values())
    bracketed = rf"[\[［【〔(（{{<〈《]\s?({label})[\s_-]{{0,2}}(\d{{1,5}})\s?[\]］】〕)）}}>〉》]"
    bare = r"({label})(\d{{1,5}})(?![\d个次位条张份])" if lang == "zh" else r"(?<!\w)({label})_(\d{{1,5}})(?!\w)"
    return re.compile(f"{bracketed}|{bare.format(label=label)}", re.IGNORECASE)


@cache
def _likes_of_tokens(lang: Language) -> re.Pattern[str]:
    """Return a pattern for whatever might become a token when the text around it is replaced."""
    return re.compile(rf"({'|'.join(_LABELS[lang].values())})[\s_-]{{0,2}}(\d{{1,5}})", re.IGNORECASE)


def _identity(token: re.Match[str]) -> tuple[str, int]:
    label, number = (group for group in token.groups() if group is not None)
    return label.upper(), int(number)


def _personal(text: str, people: Iterable[str]) -> Iterator[tuple[int, int, Kind]]:
    """Yield what is personal in a text as given, in order; what overlaps is one, of the longest's kind.

    Args:
        text: as given.
        people: canonical names to look for without a cue.
    """
    canonical = normalise(text)
    found = [*chain.from_iterable(known_names(canonical.text, name) for name in people), *_recognised(canonical.text)]
    # What was told once is met again without introduction.
    told = {canonical.text[hit.start : hit.end]: hit.kind for hit in found if hit.end - hit.start > 1}
    for name in islice((value for value, kind in told.items() if kind == "name"), _MOST_NAMES):
        found += known_names(canonical.text, name)
    for value, kind in told.items():
        if kind != "name" and len(value) > _MET_BY_CHANCE:
            found += [Hit(*match.span(), kind) for match in re.finditer(re.escape(value), canonical.text)]
    groups: list[list[tuple[int, int, Kind]]] = []
    reached = 0
    for span in sorted((*canonical.span(hit.start, hit.end), hit.kind) for hit in found):
        if span[0] >= reached:
            groups.append([])
        groups[-1].append(span)
        reached = max(reached, span[1])
    for group in groups:
        longest = max(group, key=lambda span: span[1] - span[0])
        yield group[0][0], max(end for _, end, _ in group), longest[2]


def _recognised(canonical: str) -> list[Hit]:
    """Return what the recognisers find, in no order."""
    plain = without_figures(canonical)
    return [
        *numbers(plain),
        *codes(plain),
        *births(canonical),
        *addresses(canonical),
        *introduced_names(canonical),
    ]


def _key(value: str) -> str:
    """Return what two ways of writing one value share."""
    return "".join(char for char in normalise(value).folded if char.isalnum())


def _places(text: str, value: str) -> Iterator[tuple[int, int]]:
    """Yield where a value stands in a text, letter by letter; a short one is met by chance and needs a recogniser."""
    if len(value) > _MET_BY_CHANCE and value in text:
        for match in re.finditer(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])", text):
            yield match.span()


def replaced(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Return the text with each span replaced."""
    parts, done = [], 0
    for start, end, token in _apart(spans):
        parts += [text[done:start], token]
        done = end
    return "".join([*parts, text[done:]])


def _apart(spans: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield the spans in order; of two that overlap, the later keeps only what is left of it."""
    done = 0
    for start, end, token in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > done:
            yield max(start, done), end, token
            done = end
