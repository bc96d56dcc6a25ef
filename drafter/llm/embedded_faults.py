"""What keeps an embedded model from being served, in words."""

from __future__ import annotations

import platform
import signal
import socket
from pathlib import Path

from drafter.errors import EmbeddedModelError

CPU_FLAGS = frozenset({"avx2", "bmi2", "f16c", "fma"})
"""What the x86-64 build of llama.cpp in xllamacpp was compiled for, as its `get_system_info()` reports."""

_GGUF_MAGIC = b"GGUF"


def check_model_file(path: Path) -> None:
    """Refuse what cannot be a model.

    Raises:
        EmbeddedModelError: there is no such file, it cannot be read, or it does not start as GGUF files do.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(_GGUF_MAGIC))
    except FileNotFoundError as error:
        raise EmbeddedModelError(
            "There is no model at {path}; `drafter model pull` fetches the built-in one, DRAFTER_MODEL_PATH names a "
            "file of your own.",
            path=path,
        ) from error
    except OSError as error:
        raise EmbeddedModelError(
            "The model at {path} cannot be read ({why}); let this user read it, or name another GGUF file.",
            path=path,
            why=error.strerror,
        ) from error
    if magic != _GGUF_MAGIC:
        raise EmbeddedModelError(
            "The file {path} is not a model in GGUF form; let DRAFTER_MODEL_PATH name one, or unset it.", path=path
        )


def check_cpu(cpuinfo: Path = Path("/proc/cpuinfo"), machine: str | None = None) -> None:
    """Refuse an x86-64 processor on which llama.cpp would die of an illegal instruction.

    Args:
        cpuinfo: the processor as Linux describes it; without such a file nothing is refused.
        machine: the architecture; default this machine's.

    Raises:
        EmbeddedModelError: the processor lacks an instruction set.
    """
    if (machine or platform.machine()) != "x86_64" or not cpuinfo.exists():
        return
    flags = [line for line in cpuinfo.read_text(encoding="utf-8").splitlines() if line.startswith("flags")]
    missing = CPU_FLAGS.difference(*(line.split() for line in flags[:1]))
    if missing:
        raise _unsupported_cpu(", ".join(sorted(missing)))


def why_it_ended(model_path: Path, exit_code: int | None, said: str) -> EmbeddedModelError:
    """Explain the end of the server's process.

    Args:
        model_path: what it was to serve.
        exit_code: as `subprocess` tells it, negative for a signal; None when it still runs.
        said: its log, the first error of which is taken as the reason.
    """
    if exit_code == -signal.SIGILL:
        return _unsupported_cpu("-")
    if exit_code == -signal.SIGKILL:
        return EmbeddedModelError(
            "The embedded model at {path} was killed, most likely because memory is short; nothing was answered, so "
            "free about 2 GB, or set OPENAI_BASE_URL to use a model elsewhere.",
            path=model_path,
        )
    lines = said.splitlines() or ["-"]
    errors = [line.split(" E ", 1)[1] for line in lines if " E " in line]
    return EmbeddedModelError(
        "llama.cpp cannot serve {path} ({why}); nothing was answered: `drafter model pull` checks and mends the "
        "built-in model, and OPENAI_BASE_URL names a model elsewhere.",
        path=model_path,
        why=" ".join((errors or lines[-1:])[0].split()),
    )


def _unsupported_cpu(missing: str) -> EmbeddedModelError:
    return EmbeddedModelError(
        "This processor lacks instructions that the embedded model needs ({missing}); set OPENAI_BASE_URL to use a "
        "model elsewhere.",
        missing=missing,
    )


def check_port(host: str, port: int) -> None:
    """Refuse an address that the server could not listen on.

    Raises:
        EmbeddedModelError: another program listens there, or this user may not.
    """
    try:
        # As the server itself binds: a port that is only cooling down from the last run is free.
        socket.create_server((host, port)).close()
    except OSError as error:
        raise EmbeddedModelError(
            "The embedded model cannot listen on {host}:{port} ({why}); choose another port, or none to get a free "
            "one.",
            host=host,
            port=port,
            why=error.strerror,
        ) from error
