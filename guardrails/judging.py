"""A language model as the last stage: it may reject what the stages before let through, never the other way round.

The guardrails reach no network: the caller supplies the model as a `Judge`. One that does not answer, or answers with
something else than the JSON asked for, rejects the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal, Protocol

from pydantic import ValidationError

from guardrails.checks import Check
from guardrails.errors import JudgeError
from guardrails.model import Language, Value
from guardrails.rulebook import Rule, Sentence, read

MAX_ANSWER_CHARS: Final = 1_000
_FILE = Path(__file__).parent / "words" / "judge.yaml"


class Judge(Protocol):
    """The model that a caller supplies."""

    def ask(self, static: str, asked: str) -> str:
        """Return the model's answer, at best one JSON object that follows `Ruling`.

        Args:
            static: the task and the rules, the same for every text, so that a prompt cache can keep them.
            asked: the text to be judged, quoted.

        Raises:
            Exception: no answer came in time; the text is then rejected.
        """
        ...


class Ruling(Value, extra="ignore"):
    """A judge's answer. The label stands first, so that a small model settles it before it explains."""

    label: Literal["unlawful", "lawful"]
    rule: str | None = None
    quote: str | None = None


class JudgeWords(Value):
    """How the judge is asked in one language.

    Attributes:
        tasks: the task in several wordings, with a slot for the rules; which one is asked must not matter.
        heard: how the debtor's message is quoted.
        asked: how the reply is quoted.
    """

    tasks: tuple[Sentence, ...]
    heard: Sentence
    asked: Sentence


class JudgeFile(Value):
    zh: JudgeWords
    en: JudgeWords


def doubtful(check: Check) -> bool:
    """Tell whether a text that nothing rejected should be judged: without a classifier every one should."""
    return check.opinion is None or check.opinion.doubtful


def rule_on(judge: Judge, check: Check, *, wording: int = 0) -> tuple[Ruling, tuple[int, int]]:
    """Ask a judge about a text.

    Args:
        judge: the model.
        check: the text.
        wording: which wording of the task, from 0.

    Returns:
        the ruling, and where the words that it quotes stand in the canonical text (all of it if they stand nowhere).

    Raises:
        JudgeError: the answer is not what was asked for.
        Exception: the judge could not answer.
    """
    words = _words().zh if check.lang == "zh" else _words().en
    asked = words.asked.replace("{text}", _fenced(check.canonical.text))
    if check.inbound:
        asked = words.heard.replace("{inbound}", _fenced(check.inbound.text)) + "\n" + asked
    answer = judge.ask(static(check.lang, check.policy.rules.values(), wording=wording), asked)
    ruling = _read(answer)
    start = check.canonical.folded.find(ruling.quote.lower()) if ruling.quote else -1
    if start < 0 or ruling.quote is None:
        return ruling, (0, len(check.canonical.text))
    return ruling, (start, start + len(ruling.quote))


def static(lang: Language, rules: Iterable[Rule], *, wording: int = 0) -> str:
    """Return what every question begins with: the task and what each rule means."""
    meanings = "\n".join(f"{rule.id}: {rule.meaning[lang]}" for rule in rules)
    words = _words().zh if lang == "zh" else _words().en
    return words.tasks[wording].replace("{rules}", meanings)


def known_rule(ruling: Ruling, rules: Mapping[str, Rule]) -> str:
    """Return the rule that a ruling names, or the policy's first one when it names none of them."""
    return ruling.rule if ruling.rule is not None and ruling.rule in rules else next(iter(rules))


def _read(answer: str) -> Ruling:
    start, end = answer.find("{"), answer.rfind("}")
    try:
        return Ruling.model_validate_json(answer[start : end + 1][:MAX_ANSWER_CHARS])
    except ValidationError as error:
        raise JudgeError("The judge gave no ruling; the text is rejected, so ask again or edit it.") from error


def _fenced(text: str) -> str:
    """Return a text that cannot end its own quotation."""
    return text.replace("<", "‹").replace(">", "›")


@cache
def _words() -> JudgeFile:
    return read(_FILE, JudgeFile)
