"""Labelled lines in, values out: all of them or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from drafter.errors import InputError

Line = TypeVar("Line", bound=BaseModel)


def read_lines(lines: Iterable[tuple[str, int, bytes]], kind: type[Line]) -> list[Line]:
    """Return the values of JSONL lines, each given with its file's name and line number.

    Args:
        lines: (file, number, line) each.
        kind: what a line holds.

    Raises:
        InputError: a line cannot be read; an evaluation of part of a set would mislead, so none is made.
    """
    read = []
    for file, number, line in lines:
        try:
            read.append(kind.model_validate_json(line))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the line"
            raise InputError(
                "{file}, line {number}: {place}: {why}; mend it; nothing was evaluated.",
                file=file,
                number=number,
                place=place,
                why=first["msg"],
            ) from error
    if not read:
        raise InputError("There is no labelled text to evaluate; give a JSONL file with lines of text and label.")
    return read
