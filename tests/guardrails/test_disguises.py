from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails import Guard
from guardrails.disguises import undisguise
from guardrails.model import Language
from guardrails.normalise import normalise
from guardrails.policy import LANGUAGES, load_rules
from guardrails.selftest import examples, judge
from tests.guardrails.evasions import EVASIONS

# One example holds a slot in brackets, which is looked for in the text as given, where entities hide it.
MOST_MISSED = 0.005


def read(text: str) -> str:
    return undisguise(normalise(text)).text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("我们会起苏您，发院见", "我们会起诉您，法院见"),
        ("被qs了去坐老", "被起诉了去坐牢"),
        ("fa院会判xing", "法院会判刑"),
        ("您的tong讯录", "您的通讯录"),
        ("等着被qisu吧", "等着被起诉吧"),
        ("讠斥讼，氵去院", "诉讼，法院"),
        ("马扁子", "骗子"),
        ("起⭐诉", "起诉"),
        ("起&#35785;", "起诉"),
        ("arr3sted by p0lice", "arrested by police"),
        ("you f***ing l0ser", "you fucking loser"),
        ("sh*t", "shit"),
        ("k1ds, k¡ds", "kids, kids"),
        ("the pol*ice, the po.lice", "the police, the police"),
        ("a⭐rr⭐est", "arrest"),
    ],
)
def test_a_disguised_word_is_read_as_people_read_it(written: str, meant: str) -> None:
    assert read(written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "是时候了，我们一起说说，同时也看看形势",
        "您好，用App还款，VIP客户请拨4008123456",
        "Call 24/7, $500 of $1,284.37 on the 3rd, ref A1B2, e-mail me at 8 p.m.",
        "It's a well-known state-of-the-art co-op.",
    ],
)
def test_an_ordinary_text_holds_no_disguise(text: str) -> None:
    assert read(text) == text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_compliant_example_is_read_as_it_stands(lang: Language) -> None:
    texts = [
        normalise(e.text)
        for r in load_rules().values()
        for spoken, kind, e in examples(r)
        if (spoken, kind) == (lang, "compliant")
    ]
    assert [text.text for text in texts if undisguise(text) is not text] == []


@given(
    st.lists(
        st.sampled_from(["起苏", "fa院", "您", "p0lice", " ", "⭐", "，", "讠斥", "sh*t", "訴", "&#35785;"]),
        max_size=12,
    )
)
def test_a_place_in_the_plain_text_lies_inside_the_original_and_places_never_run_backwards(parts: list[str]) -> None:
    text = "".join(parts)
    plain = undisguise(normalise(text))
    before = 0
    for index in range(len(plain.text)):
        start, end = plain.span(index, index + 1)
        assert before <= start < end <= len(text)
        before = start


def evaded(lang: Language, name: str) -> Iterator[tuple[bool, str, str]]:
    guards = {jurisdiction: Guard.load(jurisdiction) for jurisdiction in ("CN", "US", "UK")}
    for rule in load_rules().values():
        for spoken, kind, example in examples(rule):
            if spoken == lang:
                text = EVASIONS[lang][name](example.text, Random(7))  # noqa: S311 - the same one every time
                disguised = example.model_copy(update={"text": text})
                yield judge(guards, rule, lang, kind, disguised) is None, rule.id, text


@pytest.mark.parametrize(("lang", "name"), [(lang, name) for lang in LANGUAGES for name in EVASIONS[lang]])
def test_an_example_is_judged_the_same_however_it_is_disguised(lang: Language, name: str) -> None:
    outcomes = list(evaded(lang, name))
    missed = [(rule, text) for right, rule, text in outcomes if not right]
    assert len(missed) <= MOST_MISSED * len(outcomes), missed
