from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails import Guard
from guardrails.classifier import opinion, weights
from guardrails.classifier.features import features
from guardrails.classifier.grams import BUCKETS, grams
from guardrails.classifier.weights import Weights
from guardrails.model import Language, Severity
from guardrails.policy import LANGUAGES

# No pattern stands in these, which a test below holds.
VEILED = "您父亲的高血压药还是在社区医院拿吧？老人家经不起事，您自己掂量。"
KIND = "陈先生您好，我是澜江银行的周岚。谢谢您告诉我这些，先照顾好身体，账单的事等您方便时再聊。"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the weights that a test may damage."""
    copy = tmp_path / "weights"
    shutil.copytree(weights.HOME, copy)
    original = Weights.load.__wrapped__  # type: ignore[attr-defined]
    monkeypatch.setattr(Weights, "load", classmethod(lambda _, lang: original(Weights, lang, copy)))
    return copy


@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_grams_are_distinct_buckets_in_order(text: str, lang: Language) -> None:
    found = grams(text, lang)
    assert np.all(np.diff(found) > 0)
    assert all(0 <= bucket < BUCKETS for bucket in found)


def test_what_the_debtor_wrote_is_told_from_what_is_answered() -> None:
    assert not set(grams("好的", "zh", "我不想活了")) <= set(grams("好的我不想活了", "zh"))


def test_figures_do_not_matter_to_the_classifier() -> None:
    assert list(grams("应还4,680.00元", "zh")) == list(grams("应还912.40元", "zh"))


def test_a_veiled_threat_without_a_telling_word_is_rejected() -> None:
    verdict = Guard.load("CN").check(VEILED)
    assert [finding.detector for finding in verdict.findings if finding.severity is Severity.BLOCK] == ["classifier"]


def test_a_kind_reply_passes() -> None:
    assert Guard.load("CN").check(KIND).passed


def test_without_numpy_the_patterns_decide_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinion, "installed", lambda: False)
    assert Guard.load("CN").check(VEILED).findings == ()
    assert Guard.load("CN").check("再不还钱就起诉您。").verdict == "reject"


@pytest.mark.parametrize("name", ["zh.npz", "zh.json"])
def test_damaged_weights_reject_every_text(home: Path, name: str) -> None:
    (home / name).write_bytes(b"damaged")
    verdict = Guard.load("CN").check(KIND)
    assert verdict.verdict == "reject"
    assert "classifier" in verdict.failed


def test_missing_weights_reject_every_text(home: Path) -> None:
    (home / "zh.npz").unlink()
    assert "classifier" in Guard.load("CN").check(KIND).failed


def test_a_pattern_is_advice_where_the_classifier_is_sure_that_the_reply_is_lawful(home: Path) -> None:
    text = "有人威胁您的话，请打110。"
    card = Weights.load("zh").card
    for clears, severity in ((1.0, Severity.WARN), (0.0, Severity.BLOCK)):
        changed = card.model_copy(update={"clears_below": clears, "blocks_at": 1.0})
        (home / "zh.json").write_text(changed.model_dump_json(), encoding="utf-8")
        found = Guard.load("CN").check(f"{text}再不还钱就起诉您。").findings
        assert {finding.severity for finding in found if finding.detector == "phrases"} == {severity}


def test_an_excused_pattern_is_told_from_one_that_counts() -> None:
    guard = Guard.load("CN")
    seen = []
    for text in ("我们会起诉您。", "我们不会起诉您。"):
        check = guard.read(text)
        buckets, values = features(check.canonical.folded, "zh", None, check.readings)
        seen.append(set(buckets[values == values.max()]))
    assert seen[0] != seen[1]
