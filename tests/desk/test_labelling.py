"""Reviewed texts become examples for the evaluation, in which nobody is to be recognised."""

from __future__ import annotations

import pytest

from drafter.bootstrap import guard_for
from drafter.desk.labelling import labelled
from drafter.domain import Judgement, Miss
from drafter.store.repository import SqlStore
from tests.desk.test_review import OVERTURNED, UPHELD
from tests.reviewed import ANNA, FACTS, FALSELY_FOUND, KIND, Clock, keep, reviews_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_overturned_and_missed_texts_become_examples_without_the_debtor_s_data(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    keep(store, "d2", f"{KIND}您留的号码是13912345678吗？")
    keep(store, "d3")
    reviews = reviews_of(store, clock, sample=1)
    reviews.rule("d1", OVERTURNED, by=ANNA)
    reviews.rule("d2", Judgement(outcome="missed", misses=(Miss(rule="privacy-leak"),)), by=ANNA)
    reviews.rule("d3", UPHELD, by=ANNA)
    lines = {line.id: line for line in labelled(store.review.standing())}
    assert {name: (line.label, line.rules) for name, line in lines.items()} == {
        "d1": ("pass", ()),
        "d2": ("reject", ("privacy-leak",)),
    }
    for line in lines.values():
        told = line.model_dump_json()
        assert not any(word in told for word in ("欧阳静", "13912345678", "白露"))
        assert "[" not in line.text
        assert line.facts["debtor_name"] in line.text


def test_an_example_is_judged_as_the_text_was_that_it_was_made_of(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    reviews_of(store, clock).rule("d1", OVERTURNED, by=ANNA)
    (line,) = labelled(store.review.standing())
    verdict = guard_for("CN").check(line.text, lang="zh", facts=FACTS.model_validate(line.facts), inbound=line.inbound)
    known = store.review.text("d1", 1).verdict
    assert [one.rule for one in verdict.findings] == [one.rule for one in known.findings]


def test_what_stands_for_a_person_is_never_that_person_s_own_name(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    reviews_of(store, clock).rule("d1", OVERTURNED, by=ANNA)
    ((ruling, text),) = store.review.standing()
    named = text.model_copy(
        update={"facts": text.facts.model_copy(update={"debtor_name": "周晓", "agent_name": "林溪"})}
    )
    (line,) = labelled([(ruling, named)])
    assert line.facts["debtor_name"] != "周晓"
    assert line.facts["agent_name"] != "林溪"


def test_whoever_stands_for_a_person_is_a_person_and_each_number_one_of_its_kind(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    reviews_of(store, clock).rule("d1", OVERTURNED, by=ANNA)
    (line,) = labelled(store.review.standing())
    assert (line.facts["debtor_name"], line.facts["agent_name"]) == ("周晓", "林溪")
    assert line.facts["contact_phone"].startswith("1380000000")
    assert line.text.startswith("周晓您好")
    assert "我是周晓，手机1380000000" in line.inbound


def test_whom_only_the_facts_tell_of_in_words_is_in_no_example(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    reviews_of(store, clock).rule("d1", OVERTURNED, by=ANNA)
    ((ruling, text),) = store.review.standing()
    deeds = {"actions_taken": ("已致电您丈夫王强，电话13812345678",), "legal_action_note": "由赵建国律师办理"}
    (line,) = labelled([(ruling, text.model_copy(update={"facts": text.facts.model_copy(update=deeds)}))])
    told = line.model_dump_json()
    assert not [one for one in ("王强", "13812345678", "赵建国") if one in told]
    assert "[" not in line.facts["actions_taken"][0]
