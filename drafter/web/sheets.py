"""Rows as CSV that a spreadsheet opens rightly and that cannot make it compute anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

# What begins a formula in one spreadsheet or another, also behind what they skip.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
Cell = str | int | float | None


def sheet(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return CSV as RFC 4180 has it, in UTF-8 with the mark by which spreadsheets know it.

    A text that a spreadsheet would take for a formula is kept from it by an apostrophe; numbers stay numbers.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA):
        return f"'{cell}"
    return cell
