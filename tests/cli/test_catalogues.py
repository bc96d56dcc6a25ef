"""What the terminal and the pages say stands in every language of the house."""

from __future__ import annotations

import gettext
import inspect
import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import drafter.errors
from drafter.catalogues import CATALOGUES

HOUSE = Path(drafter.errors.__file__).parent
ERRORS = [name for name, kind in inspect.getmembers(drafter.errors, inspect.isclass) if name.endswith("Error")]
SAID = sorted(
    {
        message
        for _file, _line, message, _comments, _context in extract_from_dir(
            HOUSE,
            method_map=[("**.py", "python"), ("**.html", "jinja2")],
            options_map={"**.html": {"newstyle_gettext": "true", "trimmed": "true"}},
            keywords={"_": None, "lost": None, "say": None, "Failure": (2,), **dict.fromkeys(ERRORS)},
        )
        if isinstance(message, str)
    }
)
PO = CATALOGUES / "zh" / "LC_MESSAGES" / "drafter.po"


def fields(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    with PO.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="zh") if message.id}


def test_every_message_has_its_chinese(chinese: dict[str, str]) -> None:
    assert [message for message in SAID if not chinese.get(message)] == [], "make messages, then translate"


def test_the_catalogue_holds_nothing_that_is_no_longer_said(chinese: dict[str, str]) -> None:
    assert [message for message in chinese if message not in SAID] == []


def test_a_translation_names_only_values_that_the_message_has(chinese: dict[str, str]) -> None:
    assert [message for message, told in chinese.items() if not fields(told) <= fields(message)] == []


def test_the_compiled_catalogue_is_the_written_one(chinese: dict[str, str]) -> None:
    compiled = gettext.translation("drafter", CATALOGUES, languages=["zh"])
    assert {message: compiled.gettext(message) for message in chinese} == chinese
