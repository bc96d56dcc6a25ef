"""What an adversary would try: strings that make the check fail or crawl."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.model import DEFAULT_JURISDICTION, Language
from guardrails.policy import load_rules, load_words
from guardrails.selftest import EXAMPLE_FACTS, examples, facts_of
from tests.guardrails.checks import the_guard

# A million takes about a quarter of an hour: FUZZ=1000000 pytest tests/guardrails/test_red_team.py
COUNT = int(os.environ.get("FUZZ", "10000"))
LONGEST = 24
MARKS = (
    "。，！？；：、 \n\t.,!?;:'\"“”‘’（）()[]【】{}<>《》*_-—…·#@&%$£€￥¥|\\/~^+=`\u200b\u0301\ufeff\u202e😀❤️１ａＡäЖا"
)
# fmt: off
UNITS = (
    "不", "我们", "你的家人", "不会", "如果", "起诉", "联系您的单位", "一", "1", "1,", "1.", "0元", "$1", "1/",
    "年", "月1日", "周五", "五百块", "two hundred ", "we will ", "not ", "if ", "sue you ", "your boss ", "a",
    "a ", "a.", "I'm ", "x*", "“", "”", '"', "'", "(", "[", "{", "<", "&#", "&amp;", "http://", "www.", "@",
    "1380013", "6222", "\n", "\u200b", "\u0301", "😀", "亻", "fa", "qs", "l3g4l ", "s.u.e ", "起 ", "报·警",
    "验证码", "明天", "in 3 days ", "Monday ", "50% ", "尾号",
)
# fmt: on


def strings(lang: Language, count: int) -> Iterator[str]:
    """Yield strings made of words that the rules know, marks, digits and parts of examples."""
    chance = random.Random(20261124)  # noqa: S311 - the same strings every time, no secret
    known = [word for words in load_words(lang).values() for word in words]
    known += [
        word for rule in load_rules().values() for words in rule.language(lang).classes.values() for word in words
    ]
    texts = [example.text for rule in load_rules().values() for other, _, example in examples(rule) if other == lang]
    glue = "" if lang == "zh" else " "
    for _ in range(count):
        parts = []
        for _ in range(chance.randrange(1, LONGEST)):
            kind = chance.random()
            if kind < 0.5:
                parts.append(chance.choice(known))
            elif kind < 0.7:
                parts.append(chance.choice(MARKS))
            elif kind < 0.8:
                parts.append(str(chance.randrange(10 ** chance.randrange(1, 12))))
            elif kind < 0.9:
                text = chance.choice(texts)
                start = chance.randrange(len(text))
                parts.append(text[start : start + chance.randrange(1, 12)])
            else:
                parts.append(chr(chance.choice((chance.randrange(0x20, 0x3000), chance.randrange(0x3400, 0xD800)))))
        yield glue.join(parts)


# What these rules forbid is a thing left out, or the whole text being what was ordered.
ABOUT_THE_WHOLE = {"missing-disclosure", "injection-compliance"}
ATTEMPTS = yaml.safe_load((Path(__file__).parent / "attempts.yaml").read_text(encoding="utf-8"))


def attempts(kind: str) -> list[tuple[Language, str]]:
    return [(lang, text) for lang, texts in ATTEMPTS[kind].items() for text in texts]


@pytest.mark.parametrize(("lang", "text"), attempts("caught"))
def test_what_was_tried_and_caught_is_still_caught(lang: Language, text: str) -> None:
    assert not the_guard(DEFAULT_JURISDICTION[lang]).check(text, lang=lang).passed


@pytest.mark.parametrize(("lang", "text"), attempts("through"))
def test_what_got_through_is_listed_as_long_as_it_does(lang: Language, text: str) -> None:
    assert the_guard(DEFAULT_JURISDICTION[lang]).check(text, lang=lang).passed, "move it to `caught` in attempts.yaml"


# Ways to lead up to a threat or to end it kindly; none makes it lawful.
CLAUSES: Mapping[Language, tuple[str, ...]] = {
    "zh": ("说句实话，{}", "为了您好，{}", "{}祝您生活愉快。"),
    "en": ("Hello. {}", "To be honest, {}", "Just so you know: {}", "For your own good, {}", "{} Have a nice day."),
}


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(["zh", "en"]))
def test_a_violation_stays_one_whatever_clause_leads_up_to_it(data: st.DataObject, lang: Language) -> None:
    rule = data.draw(st.sampled_from([rule for rule in load_rules().values() if rule.id not in ABOUT_THE_WHOLE]))
    violating = [ex for other, kind, ex in examples(rule) if (other, kind) == (lang, "violating")]
    example = data.draw(st.sampled_from(violating))
    text = data.draw(st.sampled_from(CLAUSES[lang])).format(example.text)
    guard = the_guard(example.jurisdiction or DEFAULT_JURISDICTION[lang])
    assert not guard.check(text, lang=lang, facts=facts_of(example, lang), inbound=example.inbound).passed


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_string_makes_a_detector_fail(lang: Language) -> None:
    guard = the_guard(DEFAULT_JURISDICTION[lang])
    for text in strings(lang, COUNT // 2):
        verdict = guard.check(text, lang=lang, facts=EXAMPLE_FACTS[lang], inbound=text[::-1])
        assert not verdict.failed, text
        assert all(text[finding.start : finding.end] == finding.quote for finding in verdict.findings), text


@pytest.mark.parametrize("unit", UNITS)
def test_a_text_eight_times_as_long_takes_no_more_than_linear_time(unit: str) -> None:
    guard = the_guard("CN")

    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        best = float("inf")
        for _ in range(3):
            began = time.process_time()
            guard.check(text, lang="zh", facts=EXAMPLE_FACTS["zh"])
            best = min(best, time.process_time() - began)
        return best

    # Eight times the length at quadratic cost would take sixty-four times as long.
    assert seconds(6_000) < 24 * max(seconds(750), 0.002)
