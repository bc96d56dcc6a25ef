from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Facts, Guard, PolicyError
from guardrails.detectors import Check, Hit
from guardrails.engine import discover
from guardrails.policy import load_policy, version
from tests.guardrails.home import POLICY, RULE, make_home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path)


def a_guard(home: Path, **extra: ModuleType) -> Guard:
    return Guard(load_policy("CN", home), {"phrases": discover()["phrases"], **extra})


def a_detector(**names: object) -> ModuleType:
    module = ModuleType("detector")
    for name, value in names.items():
        setattr(module, name, value)
    return module


def test_a_finding_carries_rule_place_reason_rewording_and_law(home: Path) -> None:
    text = "您好。再不还就收\u200b拾你！"
    verdict = a_guard(home).check(text, lang="zh")
    (finding,) = verdict.findings
    assert not verdict.passed
    assert finding.rule == "sample-threat"
    assert finding.quote == text[finding.start : finding.end] == "收\u200b拾你"
    assert finding.reason == "这句话在威胁客户。"
    assert finding.suggestion == "我们可以一起商量。"
    assert finding.citations == ("示例法",)


def test_a_denial_passes(home: Path) -> None:
    assert a_guard(home).check("我们不会收拾你。", lang="zh").passed


def test_the_name_of_the_writer_or_of_the_reader_is_no_pattern(home: Path) -> None:
    named = Facts(agent_name="收拾你", debtor_name="王收")
    assert a_guard(home).check("我是收拾你。", lang="zh", facts=named).passed
    assert not a_guard(home).check("我来收拾你。", lang="zh", facts=Facts(agent_name="收拾")).passed


def test_a_detector_that_raises_rejects_the_text(home: Path) -> None:
    def find(check: Check) -> Iterator[Hit]:
        raise RuntimeError(check.text)

    verdict = a_guard(home, broken=a_detector(REASONS={}, find=find)).check("您好。", lang="zh")
    assert not verdict.passed
    assert verdict.failed == ("broken",)


def test_a_detector_that_answers_nothing_usable_rejects_the_text(home: Path) -> None:
    verdict = a_guard(home, broken=a_detector(REASONS={}, find=lambda _check: None)).check("您好。", lang="zh")
    assert verdict.failed == ("broken",)
    assert not verdict.passed


def test_a_detector_without_a_find_rejects_the_text(home: Path) -> None:
    assert a_guard(home, broken=a_detector()).check("您好。", lang="zh").failed == ("broken",)


def test_a_hit_under_an_unknown_rule_rejects_rather_than_disappears(home: Path) -> None:
    detector = a_detector(REASONS={}, find=lambda _check: [Hit("no-such-rule", 0, 1)])
    assert not a_guard(home, odd=detector).check("您好。", lang="zh").passed


def test_a_failing_detector_does_not_log_the_text(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    def find(check: Check) -> Iterator[Hit]:
        raise RuntimeError(check.text)

    a_guard(home, broken=a_detector(REASONS={}, find=find)).check("我的手机号保密", lang="zh")
    assert "broken" in caplog.text
    assert "手机号" not in caplog.text


@settings(max_examples=200)
@given(st.text(max_size=120))
def test_every_quote_is_the_text_at_its_offsets(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    home = make_home(tmp_path_factory.getbasetemp() / "one")
    spiked = text[:60] + "收 拾你" + text[60:]
    for finding in a_guard(home).check(spiked, lang="zh").findings:
        assert finding.quote == spiked[finding.start : finding.end]


def test_an_unknown_jurisdiction_names_the_known_ones() -> None:
    with pytest.raises(PolicyError, match="CN, UK, US"):
        Guard.load("FR")


def test_a_changed_rule_changes_the_policy_s_version(tmp_path: Path) -> None:
    one = make_home(tmp_path / "one")
    two = make_home(tmp_path / "two", rule=RULE.replace("打断腿", "打断手"))
    assert version(one) != version(two)


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("match: <harm>", "match: <hram>"), None, "hram"),
        (("severity: block", "severity: deadly"), 2, "severity"),
        (("    - match: <harm>", "    - mach: <harm>"), 15, "mach"),
        (("id: sample-threat", "id: other-name"), None, "other-name"),
        (("title: {zh: 威胁, en: Threat}", "title: {zh: 威胁, en: Threat"), None, "YAML"),
        (("despite: asked", "despite: shouted"), 17, "despite"),
    ],
)
def test_a_broken_rule_file_is_told_with_its_name_and_place(
    tmp_path: Path, change: tuple[str, str], line: int | None, says: str
) -> None:
    assert change[0] in RULE
    home = make_home(tmp_path, rule=RULE.replace(*change))
    with pytest.raises(PolicyError) as caught:
        load_policy("CN", home)
    assert "sample-threat.yaml" in str(caught.value)
    assert says in str(caught.value)
    if line is not None:
        assert caught.value.line == line


def test_a_policy_that_names_a_rule_without_a_file_is_told(tmp_path: Path) -> None:
    home = make_home(tmp_path, policy=POLICY.replace("sample-threat: block", "sample-threat: block, lost-rule: block"))
    with pytest.raises(PolicyError, match="lost-rule"):
        load_policy("CN", home)


@pytest.mark.parametrize("text", ["您当天的还款已收到，明）۱天：", "当天下午请您回电", "𝟛𝟘𝟘元和٣٠٠元"])
def test_unusual_digits_and_days_are_judged_by_every_detector(text: str) -> None:
    assert Guard.load("CN").check(text).failed == ()
