"""Prompt prefixes that a model has read, kept on disk so that the next process need not read them again."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self
from uuid import uuid4

KEPT_FILES = 4
"""Two languages, each with the prompt of today and the one before; about 15 MB a file."""

_SUFFIX = ".prefix"
_PART = ".part"
_SAMPLES = 16
_SAMPLE_BYTES = 1 << 16
_SURROUNDINGS_BYTES = 128


@dataclass(frozen=True)
class PrefixShelf:
    """The kept prefixes of one model in one folder; several processes may use it at once.

    A file's name holds the hash of what it was read from and the hash of its own bytes, so that it is found only as
    long as both still fit: a file that was cut off, damaged or made by another model is as good as none.

    Attributes:
        folder: exists; holds nothing else.
        reader: hash of everything but the prompt that decides what is in a file.
    """

    folder: Path
    reader: str

    @classmethod
    def of(cls, folder: Path, *, model_path: Path, context_tokens: int) -> Self | None:
        """Return the shelf of a model; None where files cannot be kept.

        Args:
            folder: is made if it is not there.
            model_path: told from others by size, time of change and samples of its bytes.
            context_tokens: as the model is served with.
        """
        reader = hashlib.sha256(f"{version('xllamacpp')} {context_tokens}".encode())
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for sample in _samples(model_path):
                reader.update(sample)
        except OSError:
            return None
        return cls(folder, reader.hexdigest())

    def find(self, tokens: Sequence[int]) -> Path | None:
        """Return the file with these tokens, its bytes checked, or None; one that is damaged is deleted."""
        for path in self.folder.glob(f"{self._key(tokens)}.*{_SUFFIX}"):
            with suppress(OSError):  # another process may delete it at any time
                if path.suffixes[-2:] == [f".{_digest(path)}", _SUFFIX]:
                    os.utime(path)  # the file that was not used for longest goes first
                    return path
                path.unlink()
        return None

    def new_file(self) -> Path:
        """Return where a prefix may be written before `keep` looks at it."""
        return self.folder / f"{uuid4().hex}{_PART}"

    def keep(self, written: Path, tokens: Sequence[int], *, saved: int) -> Path | None:
        """Keep a file that holds these tokens and no other; delete any other, and the oldest beyond `KEPT_FILES`.

        Args:
            written: a `new_file` that llama.cpp wrote.
            tokens: all it may hold.
            saved: how many tokens llama.cpp says it holds.

        Returns:
            where it is kept; None where it was deleted, or could not be kept.
        """
        try:
            if saved != len(tokens) or not _holds(written, tokens):
                self.drop(written)
                return None
            kept = written.replace(self.folder / f"{self._key(tokens)}.{_digest(written)}{_SUFFIX}")
        except OSError:
            self.drop(written)
            return None
        with suppress(OSError):  # what another process deletes meanwhile is gone all the same
            self._tidy()
        return kept

    def drop(self, path: Path) -> None:
        """Delete a file that turned out to be of no use."""
        with suppress(OSError):  # it would only be in the way once more
            path.unlink()

    def _tidy(self) -> None:
        files = [path for path in self.folder.iterdir() if path.suffix in {_SUFFIX, _PART}]
        for path in sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)[KEPT_FILES:]:
            path.unlink(missing_ok=True)

    def _key(self, tokens: Sequence[int]) -> str:
        return hashlib.sha256(self.reader.encode() + _packed(tokens)).hexdigest()[:32]


def _samples(model_path: Path) -> Iterator[bytes]:
    """Yield what tells a model from its fine-tuned siblings, which may share its size and, in an image, its time."""
    about = model_path.stat()
    yield f"{about.st_size} {about.st_mtime_ns}".encode()
    with model_path.open("rb") as file:
        for part in range(1, _SAMPLES + 1):
            file.seek(max(0, about.st_size * part // _SAMPLES - _SAMPLE_BYTES))
            yield file.read(_SAMPLE_BYTES)


def _holds(path: Path, tokens: Sequence[int]) -> bool:
    """Tell whether the tokens stand at a file's start, where llama.cpp writes them after a short head."""
    packed = _packed(tokens)
    with path.open("rb") as file:
        return packed in file.read(len(packed) + _SURROUNDINGS_BYTES)


def _packed(tokens: Sequence[int]) -> bytes:
    return struct.pack(f"={len(tokens)}i", *tokens)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
