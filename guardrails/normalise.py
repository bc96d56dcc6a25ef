"""Text as an evader wrote it -> text as a reader understands it, with a map back to the original offsets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape

from zhconv_rs import zhconv

# Letters of other scripts that a reader takes for Latin ones (after Unicode TR39 confusables, the common ones).
_LOOKALIKES = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһԛԝьΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορτυχƖɩɡɑ",
        "ABESIJKMHOPCTYXaesijopcyxdhqwbABEZHIKMNOPTYXavoptuxliga",
        strict=True,
    )
)
_HAN_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000))
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Between two Chinese characters these carry no meaning but break words apart: 起 诉, 起*诉, 起.诉.
_JUNK = " \t\u00a0\u3000·•・.*_|/\\\\~^+=#@&`\\-—'"
# Each pattern begins with the rare character, so that searching clean text costs next to nothing.
_SPLIT_HAN = re.compile(f"[{_JUNK}](?<=[{_HAN}].)[{_JUNK}]*(?=[{_HAN}])")
# A line break inside a word leaves one or two characters stranded on a line of their own.
_STRANDED = re.compile(f"\n(?<=[{_HAN}]\n)(?=[{_HAN}]{{1,2}}(?:\n|$))|\n(?<=\n[{_HAN}]\n)(?=[{_HAN}])")
_SEPARATOR = r"[ .*_\-|/]"
_SPACED_LETTERS = re.compile(rf"(?<![A-Za-z])[A-Za-z](?:{_SEPARATOR}[A-Za-z]){{2,}}(?![A-Za-z])")
_PERHAPS_SPACED = re.compile(rf"{_SEPARATOR}[A-Za-z]{_SEPARATOR}[A-Za-z](?![A-Za-z])")
# Between Latin letters a closing quotation mark is an apostrophe: won’t.
_APOSTROPHE = re.compile("(?<=[A-Za-z])\u2019(?=[A-Za-z])")
_SEPARATORS = re.compile(_SEPARATOR)
# Emoji and other symbols inside a word: 起⭐诉, po⭐lice.
_SYMBOLS = "\u2190-\u2bff\u3012\u3020\u3036\u25a0-\u27bf\U0001f000-\U0001faff"
_SPLIT_BY_SYMBOL = re.compile(f"(?<=[A-Za-z{_HAN}])[{_SYMBOLS}]+(?=[A-Za-z{_HAN}])")
_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z]{2,8});")


@dataclass(frozen=True, slots=True)
class Canonical:
    """Normalised text.

    Attributes:
        text: the canonical text, case kept.
        folded: the same in lower case, of the same length.
        starts: for every canonical character where its original began; None when nothing was changed.
        ends: likewise where its original ended.
    """

    text: str
    folded: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in the text as given of canonical `[start, end)`; an empty span stays empty."""
        if self.starts is None or self.ends is None:
            return start, end
        if not self.starts:
            return 0, 0
        if start >= end:
            place = self.starts[start] if start < len(self.starts) else self.ends[-1]
            return place, place
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> Canonical:
    """Return the canonical form of a text; a text that is already canonical comes back unchanged."""
    if not any(probe.search(text) for probe in (_dirty(), _SPLIT_HAN, _STRANDED, _PERHAPS_SPACED, _ENTITY)):
        return Canonical(text, _fold(text))
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, char in _units(text):
        for replacement in _canonical_char(char):
            chars.append(replacement)
            starts.append(start)
            ends.append(end)
    canonical = "".join(chars)
    # Symbols first: only without them do spaced-out letters stand side by side.
    for dropping in (_symbols_in_words, _splitters):
        dropped = dropping(canonical)
        if dropped:
            keep = [index for index in range(len(canonical)) if index not in dropped]
            canonical = "".join(canonical[index] for index in keep)
            starts = [starts[index] for index in keep]
            ends = [ends[index] for index in keep]
    return Canonical(canonical, _fold(canonical), tuple(starts), tuple(ends))


def _units(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield each character and where it stands; an HTML entity is the characters that it shows."""
    place = 0
    for match in _ENTITY.finditer(text):
        shown = unescape(match.group())
        if shown == match.group():
            continue
        yield from ((index, index + 1, text[index]) for index in range(place, match.start()))
        yield from ((match.start(), match.end(), char) for char in shown)
        place = match.end()
    yield from ((index, index + 1, text[index]) for index in range(place, len(text)))


def _fold(text: str) -> str:
    if "\u2019" in text:
        text = _APOSTROPHE.sub("'", text)
    folded = text.lower()
    return folded if len(folded) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _symbols_in_words(text: str) -> set[int]:
    return {index for match in _SPLIT_BY_SYMBOL.finditer(text) for index in range(*match.span())}


def _splitters(text: str) -> set[int]:
    """Return the indices of characters that only pull words apart."""
    dropped = {
        index for shape in (_SPLIT_HAN, _STRANDED) for match in shape.finditer(text) for index in range(*match.span())
    }
    for match in _SPACED_LETTERS.finditer(text):
        gaps = [*_SEPARATORS.finditer(match.group())]
        # Where other signs cut the letters, blanks are between words: w-e c-o-m-e.
        only_blanks = all(gap.group() == " " for gap in gaps)
        dropped.update(match.start() + gap.start() for gap in gaps if only_blanks or gap.group() != " ")
    return dropped


@cache
def _canonical_char(char: str) -> str:
    """Return what one character stands for: '' for an invisible one, several for a ligature."""
    if char in _LOOKALIKES:
        return _LOOKALIKES[char]
    if char in "\n\t" or char in _keep():
        return char
    category = unicodedata.category(char)
    if category in {"Cc", "Cf", "Mn", "Me", "Cs", "Co"} or char in "\u3164\u115f\u1160\u2800":
        return ""
    if category in {"Zs", "Zl", "Zp"}:
        return "\n" if category != "Zs" else " "
    if category == "Nd":
        return str(unicodedata.decimal(char))
    plain = unicodedata.normalize("NFKC", char)
    if not char.isascii() and category.startswith("L"):
        bare = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
        plain = bare if bare.isascii() and bare else plain
    simplified = _simplified()
    return "".join(simplified.get(c, c) for c in plain)


@cache
def _keep() -> frozenset[str]:
    """Chinese punctuation stays itself: it marks clauses, and NFKC would turn it into ASCII."""
    return frozenset("，。！？；：（）【】《》“”‘’、…—～￥「」『』〔〕·")


@cache
def _simplified() -> dict[str, str]:
    """Return traditional and variant characters with the simplified one each stands for."""
    han = _han()
    converted = zhconv("\n".join(han), "zh-hans").split("\n")
    # 著 and 乾 are also good simplified characters; a reader of simplified text means them.
    return {
        old: new for old, new in zip(han, converted, strict=True) if old != new and len(new) == 1 and old not in "著乾"
    }


@cache
def _dirty() -> re.Pattern[str]:
    """Return a pattern that finds any place that normalising might change.

    Only ASCII, simplified characters and Chinese punctuation are known to be canonical; every other character goes
    the slow way, which may still leave it as it is.
    """
    traditional = _simplified()
    han = "".join(
        f"{run[0]}-{run[-1]}" if len(run) > 1 else run
        for run in re.findall("[^\n]+", "".join("\n" if c in traditional else c for c in _han()))
    )
    clean = "\n\t\\x20-\\x7e" + "".join(sorted(_keep())) + han
    return re.compile(f"[^{clean}]")


def _han() -> str:
    return "".join(chr(code) for low, high in _HAN_BLOCKS for code in range(low, high))
