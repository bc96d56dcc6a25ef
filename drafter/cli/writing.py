"""A file that a command writes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def written(file: str) -> Iterator[TextIO]:
    """Give a file, or standard output for `-`.

    A file takes its name only once it is whole, so that half of it is never taken for all, and nobody else of the
    machine may read it.
    """
    if file == "-":
        yield sys.stdout
        return
    part = Path(f"{file}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="\n"
        ) as out:
            yield out
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
