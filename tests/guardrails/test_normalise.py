from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.normalise import normalise


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("起 诉", "起诉"),
        ("起.诉", "起诉"),
        ("起*诉", "起诉"),
        ("起\u200b诉", "起诉"),
        ("起\u00ad诉", "起诉"),
        ("起\u3000诉", "起诉"),
        ("起\n诉", "起诉"),
        ("起訴您的家屬", "起诉您的家属"),
        ("ｓｕｅ ｙｏｕ １２３", "sue you 123"),
        ("s u e", "sue"),
        ("j.a.i.l", "jail"),
        ("аrrеst", "arrest"),
        ("pay\u00a0now", "pay now"),
        ("déngage", "dengage"),
        ("٣٤٥元", "345元"),
        ("po⭐lice", "police"),
        ("&#36215;&#x8bc9; &amp; sue", "起诉 & sue"),
    ],
)
def test_what_an_evader_writes_is_read_as_it_is_meant(written: str, meant: str) -> None:
    assert normalise(written).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "周女士您好，我是青禾银行的林溪。",
        "Hello, I am Morgan; call 555-0142 by 8 p.m.",
        "请您在2026-07-09前联系我（客服热线4008123456）。",
        "A\nB\nC",
        "第一行\n\n第二行很长很长",
    ],
)
def test_a_plain_text_stays_as_it_is(text: str) -> None:
    assert normalise(text).text == text


def test_a_finding_in_the_canonical_text_points_at_the_original_one() -> None:
    text = "我们会 起\u200b 訴 您"
    canonical = normalise(text)
    start = canonical.text.index("起诉")
    assert text[slice(*canonical.span(start, start + 2))] == "起\u200b 訴"


@given(st.text(max_size=200))
def test_offsets_never_leave_the_original_text_and_never_run_backwards(text: str) -> None:
    canonical = normalise(text)
    assert len(canonical.folded) == len(canonical.text)
    before = 0
    for index in range(len(canonical.text)):
        start, end = canonical.span(index, index + 1)
        assert before <= start < end <= len(text)
        before = start


@given(st.text(max_size=200))
def test_normalising_twice_changes_no_more_than_once(text: str) -> None:
    once = normalise(text).text
    assert normalise(normalise(once).text).text == normalise(once).text
