"""How triage is counted: who was routed, signal by signal, and what was missed or held back in vain."""

from __future__ import annotations

from drafter.domain import Triage
from drafter.evaluation.triage import LabelledMessage, evaluate_triage

HUMAN = frozenset({"dispute", "illness"})
TOLD = {
    "found": Triage(signals=("dispute",), route="human"),
    "routed for another reason": Triage(signals=("illness",), route="human"),
    "missed": Triage(),
    "look-alike": Triage(signals=("illness",), route="human"),
    "plain": Triage(signals=("hardship",)),
    "order": Triage(signals=("prompt_injection",), injection=True),
}
LABELS: dict[str, tuple[str, ...]] = {
    "found": ("dispute",),
    "routed for another reason": ("dispute",),
    "missed": ("dispute", "hardship"),
    "look-alike": (),
    "plain": ("hardship",),
    "order": ("prompt_injection",),
}
EVALUATION = evaluate_triage(
    [LabelledMessage(text=text, lang="en", signals=signals, style=text) for text, signals in LABELS.items()],
    lambda message: TOLD[message.text],
    human=HUMAN,
)


def test_a_message_counts_as_routed_whatever_signal_routed_it() -> None:
    assert (EVALUATION.routed.recall.hits, EVALUATION.routed.recall.total) == (2, 3)
    assert (EVALUATION.routed.precision.hits, EVALUATION.routed.precision.total) == (2, 3)
    assert (EVALUATION.routed_by_signal["dispute"].hits, EVALUATION.routed_by_signal["dispute"].total) == (2, 3)


def test_a_signal_counts_as_found_only_by_its_own_name() -> None:
    assert (EVALUATION.by_signal["dispute"].recall.hits, EVALUATION.by_signal["dispute"].recall.total) == (1, 3)
    assert EVALUATION.by_signal["illness"].precision.value == 0
    assert EVALUATION.injection.recall.value == 1


def test_what_was_missed_and_what_was_held_back_in_vain_is_shown() -> None:
    assert [one.labelled.text for one in EVALUATION.missed] == ["missed"]
    assert [one.labelled.text for one in EVALUATION.false_alarms] == ["look-alike"]
    assert (EVALUATION.held_back.hits, EVALUATION.held_back.total) == (1, 3)


def test_the_counts_stand_by_style_and_language_too() -> None:
    assert EVALUATION.by_style["missed"].recall.value == 0
    assert EVALUATION.by_language["en"] == EVALUATION.routed
