"""Spellings that hide a word from a reader of characters: by sound, in pinyin, in parts, with digits for letters.

Only the words listed in words/disguised.yaml are looked for, so that an ordinary text stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from guardrails.automaton import longest_matches
from guardrails.model import Value
from guardrails.normalise import Canonical
from guardrails.rulebook import Words, read

_FOLDER = Path(__file__).parent / "words"
_LATIN = re.compile("[a-z]+")
_LONGEST_PINYIN = 24
_SHORTEST_PINYIN = 5
# A word with something among its letters that is no letter: arr3st, p@y, sh*t, f***ed.
_MIXED = re.compile(r"(?<![^\s\"'(,.])[a-z0-9@$!¡|*+#]*(?:[a-z][0-9@$!¡|*+#]|[0-9@$!¡|*+#][a-z])[a-z0-9@$!¡|*+#]*")
_LEET = str.maketrans("013457@$!¡|+8", "oieastasiiltb")
_LEET_L = str.maketrans("1!|", "lll")
_STARS = re.compile(r"[*#]+")
_RUNS = re.compile(r"[*#]+|[^*#]+")
_SIGNS = re.compile(r"[*#+|]+")
# A word cut by a mark that seldom stands between letters: po.lice, law_suit.
_CUT = re.compile(r"(?<![a-z0-9.@/])[a-z]+(?:[._~-][a-z]+)+(?![a-z0-9@/])")
_CUTS = re.compile("[._~-]")


class Edit(NamedTuple):
    """Canonical `[start, end)` is read as `meant`."""

    start: int
    end: int
    meant: str


class Disguised(Value):
    """What evaders hide in one language.

    Attributes:
        words: the hidden words.
        ordinary: writings with the sound of a hidden word that mean something else.
        initials: letters that stand for a word.
        parts: characters written one after the other that stand for one character.
    """

    words: Words
    ordinary: Words = ()
    initials: Mapping[str, str] = Field(default_factory=dict)
    parts: Mapping[str, str] = Field(default_factory=dict)


class DisguiseFile(Value):
    zh: Disguised
    en: Disguised


class SoundFile(Value, extra="allow"):
    """Toneless pinyin -> the characters read so."""


def undisguise(text: Canonical) -> Canonical:
    """Return a canonical text with its disguised words in plain spelling; offsets still point at the original.

    Args:
        text: as `normalise` returns it.
    """
    edits = [*_spelt_with_signs(text.folded)]
    if not text.folded.isascii():
        edits += _Chinese.load().edits(text.folded)
    if not edits:
        return text
    return _applied(text, edits)


def _spelt_with_signs(text: str) -> Iterator[Edit]:
    words, listed = _english()
    for match in _MIXED.finditer(text):
        meant = _plain(match.group(), words, listed)
        if meant:
            yield Edit(*match.span(), meant)
    for match in _CUT.finditer(text):
        meant = _CUTS.sub("", match.group())
        if meant in words:
            yield Edit(*match.span(), meant)


def _plain(said: str, words: frozenset[str], listed: tuple[str, ...]) -> str | None:
    """Return the listed word that is meant by one with signs among its letters."""
    for meant in (said.translate(_LEET), said.translate(_LEET_L).translate(_LEET), _SIGNS.sub("", said)):
        if meant in words:
            return meant
    if not _STARS.search(said):
        return None
    shape = re.compile(
        "".join(f".{{1,{len(run)}}}" if run[0] in "*#" else re.escape(run) for run in _RUNS.findall(said))
    )
    return next((word for word in listed if shape.fullmatch(word)), None)


class _Chinese:
    """The tables by which a hidden Chinese word is recognised."""

    def __init__(self, listed: Disguised, sounds: Mapping[str, str]) -> None:
        sound_of = {char: sound for sound, chars in sounds.items() for char in chars}
        codes = {sound: chr(0xE000 + number) for number, sound in enumerate(sounds)}
        self._coded = {ord(char): codes[sound] for char, sound in sound_of.items()}
        self._ordinary = frozenset(listed.ordinary)
        self._words = listed.words
        self._by_sound = longest_matches([word.translate(self._coded) for word in listed.words])
        spelt = {"".join(sound_of.get(char, char) for char in word): word for word in listed.words if len(word) > 1}
        self._spelt = {**spelt, **listed.initials}
        self._mixed = {
            (word[:place], sound_of.get(word[place], ""), word[place + 1 :]): word
            for word in listed.words
            for place in range(len(word))
            if len(word) > 1
        }
        self._whole = tuple(listed.parts.values())
        self._parts = longest_matches(list(listed.parts))

    @classmethod
    @cache
    def load(cls) -> _Chinese:
        sounds = read(_FOLDER / "sounds.yaml", SoundFile).model_extra or {}
        return cls(_listed().zh, sounds)

    def edits(self, text: str) -> Iterator[Edit]:
        for number, start, end in self._parts.find_matches_as_indexes(text):
            yield Edit(start, end, self._whole[number])
        for number, start, end in self._by_sound.find_matches_as_indexes(text.translate(self._coded)):
            said, meant = text[start:end], self._words[number]
            if said != meant and said not in self._ordinary:
                yield Edit(start, end, meant)
        for match in _LATIN.finditer(text):
            start, end = match.span()
            beside = _is_han(text[start - 1 : start]) or _is_han(text[end : end + 1])
            if end - start <= _LONGEST_PINYIN and (beside or end - start >= _SHORTEST_PINYIN):
                yield from self._in_letters(text, start, end)

    def _in_letters(self, text: str, start: int, end: int) -> Iterator[Edit]:
        letters = text[start:end]
        whole = self._spelt.get(letters)
        if whole:
            yield Edit(start, end, whole)
            return
        for before in range(4):
            for after in range(4):
                word = self._mixed.get((text[max(0, start - before) : start], letters, text[end : end + after]))
                if word:
                    yield Edit(start - before, end + after, word)
                    return


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _applied(text: Canonical, edits: list[Edit]) -> Canonical:
    """Return the text with every edit made; where two overlap, the one that begins first."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    place = 0
    for edit in (*sorted(edits), Edit(len(text.text), len(text.text), "")):
        if edit.start >= place:
            pieces += text.text[place : edit.start], edit.meant
            spans += (text.span(index, index + 1) for index in range(place, edit.start))
            spans += [text.span(edit.start, edit.end)] * len(edit.meant)
            place = edit.end
    plain = "".join(pieces)
    return Canonical(plain, plain.lower(), tuple(start for start, _ in spans), tuple(end for _, end in spans))


@cache
def _listed() -> DisguiseFile:
    return read(_FOLDER / "disguised.yaml", DisguiseFile)


@cache
def _english() -> tuple[frozenset[str], tuple[str, ...]]:
    words = _listed().en.words
    return frozenset(words), words
