"""Where a command's text comes from: an option, a file, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from drafter.errors import InputError

MAX_BYTES = 2_000_000  # a debtor's message, a facts file or one line of many is far below


def text_from(text: str | None, file: str | None, *, what: str) -> bytes:
    """Return the bytes given by `--text`-like option or by a file name (`-` is standard input).

    Raises:
        InputError: neither or both were given, or the file cannot be read.
    """
    if (text is None) == (file is None):
        raise InputError("Give the {what} either as an option or as a file (- for standard input).", what=what)
    if text is not None:
        return text.encode("utf-8", errors="surrogateescape")
    return read_bytes(str(file))


def read_bytes(file: str) -> bytes:
    """Return a whole file, or standard input for `-`.

    Raises:
        InputError: it cannot be read or is far larger than any such input.
    """
    with opened(file) as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError("{file} is larger than 2 MB; nothing was read; give a shorter text.", file=file)
    return data


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """Open a file or standard input for reading bytes.

    Raises:
        InputError: it cannot be opened.
    """
    if file == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(file).open("rb"))
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise InputError("{file} cannot be read: {why}; check the name.", file=file, why=why) from error
        yield stream


def lines_of_all(files: Iterable[str]) -> Iterator[tuple[str, int, bytes]]:
    """Yield (file, number, line) of every line of several JSONL files."""
    for file in files:
        for number, line in lines_of(file):
            yield file, number, line


def lines_of(file: str) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a JSONL file with their numbers from 1, blank ones left out."""
    with opened(file) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, line


def day_of(text: str | None) -> datetime | None:
    """Return the first moment of a day given as text, in the zone of this machine.

    Raises:
        InputError: it is no day.
    """
    try:
        return None if text is None else datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise InputError("{date} is no date; write it as 2026-03-31.", date=repr(text)) from error
