"""Microseconds a text, in one run: the whole check, its stages, and what one would pick instead on the same phrases.

The peers are measured where they are installed: `pip install presidio-analyzer llm-guard`.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles

import ahocorasick_rs
from texts import FACTS, lines

from guardrails import Facts, Guard
from guardrails.classifier import opinion
from guardrails.model import Language
from guardrails.normalise import normalise
from guardrails.patterns import parse
from guardrails.policy import load_rules, load_words

COUNT = 10_000


def main() -> None:
    made = list(lines(COUNT))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.jsonl"
        file.write_text("\n".join(made) + "\n", encoding="utf-8")
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "drafter", "check", "--jsonl", str(file)], capture_output=True, check=True
        )
        seconds = time.perf_counter() - began
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rejected = sum(verdict["verdict"] == "reject" for verdict in verdicts)
    print(
        f"drafter check --jsonl: {COUNT} texts in {seconds:.1f} s with start, {rejected} rejected, peak {peak:.0f} MiB"
    )
    _show("whole check (elapsed_us of the verdicts)", [verdict["elapsed_us"] for verdict in verdicts])

    texts = [(item["lang"], item["text"]) for item in map(json.loads, made)][:1_000]
    guard = Guard.load("CN")
    book = guard.policy.books
    phrases = {lang: book[lang] for lang in ("zh", "en")}
    regexes = {lang: naive(lang) for lang in ("zh", "en")}
    automata = {lang: ahocorasick_rs.AhoCorasick(sorted(words(lang))) for lang in ("zh", "en")}
    print(
        f"patterns: {len(regexes['zh'])} zh, {len(regexes['en'])} en; "
        f"words: {len(words('zh'))} zh, {len(words('en'))} en"
    )
    _show_stages(guard, texts)
    ours = _timed(lambda lang, text: phrases[lang].standing(normalise(text)), texts)
    loop = _timed(lambda lang, text: [regex.search(text.lower()) for regex in regexes[lang]], texts)
    bare = _timed(lambda lang, text: automata[lang].find_matches_as_indexes(text.lower(), overlapping=True), texts)
    others = {"naive loop of re, the same patterns": loop, "bare automaton, the same words": bare, **peers(texts)}
    _show("phrases: normalise + automaton + join", ours)
    for name, times in others.items():
        _show(name, times)
        print(f"  {name} / phrases = {median(times) / median(ours):.2f}")


def _show_stages(guard: Guard, texts: Sequence[tuple[Language, str]]) -> None:
    facts = {lang: Facts.model_validate(FACTS[lang]) for lang in ("zh", "en")}

    def judged(lang: Language, text: str) -> object:
        return guard.check(text, lang=lang, facts=facts[lang])

    judged("zh", "")
    judged("en", "")
    whole = _timed(judged, texts)
    installed = opinion.installed
    opinion.installed = lambda: False
    rules = _timed(judged, texts)
    opinion.installed = installed
    _show("check with the classifier", whole)
    _show("check by rules and facts alone", rules)


def peers(texts: Sequence[tuple[Language, str]]) -> dict[str, list[float]]:
    """Return the times of what others offer for lists of words, each given the words of ours."""
    made: dict[str, list[float]] = {}
    for name, build in (("Presidio deny-lists", presidio), ("LLM Guard BanSubstrings", llm_guard)):
        try:
            work = {lang: build(lang, sorted(words(lang))) for lang in ("zh", "en")}
        except ImportError as error:
            print(f"{name}: not measured, {error}")
            continue
        made[name] = _timed(lambda lang, text, work=work: work[lang](text), texts)
    return made


def presidio(lang: Language, listed: list[str]) -> Callable[[str], object]:
    from presidio_analyzer import PatternRecognizer  # noqa: PLC0415 - a peer, only where it is installed

    recogniser = PatternRecognizer(supported_entity="RULE", deny_list=listed, supported_language=lang)
    return lambda text: recogniser.analyze(text, ["RULE"])


def llm_guard(lang: Language, listed: list[str]) -> Callable[[str], object]:
    from llm_guard.output_scanners import BanSubstrings  # noqa: PLC0415 - the same

    scanner = BanSubstrings(listed, match_type="str" if lang == "zh" else "word")
    return lambda text: scanner.scan("", text)


def words(lang: Language) -> set[str]:
    """Return every word of the language's rules and shared classes."""
    found = {word for words in load_words(lang).values() for word in words}
    for rule in load_rules().values():
        found |= {word for words in rule.language(lang).classes.values() for word in words}
        for entry in rule.language(lang).patterns:
            found |= {word for source in entry.match for element in parse(source, lang) for word in element.words}
    return {word.lower().rstrip("*") for word in found}


def naive(lang: Language) -> list[re.Pattern[str]]:
    """Return every pattern of the rules as the regular expression one would write by hand."""
    made = []
    shared = load_words(lang)
    for rule in load_rules().values():
        classes = {**shared, **rule.language(lang).classes}
        for entry in rule.language(lang).patterns:
            for source in entry.match:
                parts = ""
                for element in parse(source, lang):
                    options = classes[element.cls] if element.cls else element.words
                    alternatives = "|".join(re.escape(word.lower()).replace(r"\*", r"\w*") for word in options)
                    gap = f"[^。！？!?]{{0,{element.gap}}}?" if parts else ""
                    parts += f"(?:{gap}(?:{alternatives}))" + ("?" if element.optional else "")
                made.append(re.compile(parts))
    return made


def _timed(work: Callable[[Language, str], object], texts: Sequence[tuple[Language, str]]) -> list[float]:
    times = []
    for lang, text in texts:
        began = time.perf_counter_ns()
        work(lang, text)
        times.append((time.perf_counter_ns() - began) / 1000)
    return times


def _show(name: str, times: Sequence[float]) -> None:
    cuts = quantiles(times, n=100)
    print(f"{name}: p50 {cuts[49]:.0f} us, p99 {cuts[98]:.0f} us")


if __name__ == "__main__":
    main()
