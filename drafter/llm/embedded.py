"""A language model on this machine: llama.cpp behind an OpenAI-compatible endpoint on loopback.

It runs in a process of its own: loading it holds the interpreter for seconds, and a file or a processor that llama.cpp
cannot live with ends its process, not the desk. It ends when its standard input does, so also when the desk is killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self
from urllib.parse import urlsplit

from drafter.errors import EmbeddedModelError
from drafter.llm.embedded_faults import check_cpu, check_model_file, check_port, why_it_ended

if TYPE_CHECKING:
    # The server's process has no use for it, and it takes longer to import than everything else there.
    from drafter.domain import ChatMessage

LOOPBACK = "127.0.0.1"
CONTEXT_TOKENS = 8192
PREFIX_CACHE_MIB = 512

_GRACE_S = 3
_ERRORS_ONLY = 1


class EmbeddedServer:
    """A model that is served while the `with` or `async with` block runs; the latter leaves the event loop free.

    The one slot is deliberate: two cores answer two debtors no faster side by side than one after the other, and a
    single slot keeps the whole context and the prompt prefix of the last call; prefixes of other prompts wait in
    memory. Nothing is written to standard output or error.

    Args:
        model_path: a GGUF file.
        threads: CPU threads to compute with; default all that this process may use.
        context_tokens: longest prompt and answer together.
        port: on loopback; default a free one.

    Raises:
        EmbeddedModelError: on entering, when the file is not a usable model, the CPU is too old, memory is short or
            the port is taken; nothing runs then.
    """

    def __init__(
        self,
        model_path: Path,
        *,
        threads: int | None = None,
        context_tokens: int = CONTEXT_TOKENS,
        port: int | None = None,
    ) -> None:
        self.model_path = model_path
        self.base_url = ""
        self._options = [str(model_path), str(threads or available_threads()), str(context_tokens), str(port or 0)]
        self._port = port
        self._child: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def model_name(self) -> str:
        """The name to ask for, which is also the one reported with every answer."""
        return self.model_path.stem

    @property
    def pid(self) -> int | None:
        """The server's process; None when it does not run."""
        return self._child.pid if self._child else None

    def warm_up(self, messages: Sequence[ChatMessage]) -> int:
        """Read the start of a prompt into the prefix cache; return how many tokens had to be read.

        Raises:
            EmbeddedModelError: the messages are longer than the context, or the server is gone.
        """
        asked = {"messages": [message.model_dump() for message in messages], "max_tokens": 1}
        connection = HTTPConnection(urlsplit(self.base_url).netloc)
        try:
            connection.request("POST", "/v1/chat/completions", json.dumps(asked), {"Content-Type": "application/json"})
            answer = json.load(connection.getresponse())
        except (OSError, ValueError, HTTPException) as error:
            raise self._ended() from error
        finally:
            connection.close()
        if "usage" not in answer:
            raise EmbeddedModelError(
                "The embedded model could not read its prompt ({why}); nothing was answered, so shorten the prompt.",
                why=answer.get("error", {}).get("message", "-"),
            )
        usage = answer["usage"]
        return int(usage["prompt_tokens"] - usage["prompt_tokens_details"]["cached_tokens"])

    def wait(self) -> None:
        """Wait until the server ends, which it does by itself only when something is wrong.

        Raises:
            EmbeddedModelError: it ended by itself.
        """
        if self._child is not None:
            self._child.wait()
            raise self._ended()

    def close(self) -> None:
        """Stop serving and free the model; a call that is under way is cut off. Closing again does nothing."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        if not self.base_url:
            child.kill()  # while it loads it hears nothing
        try:
            child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for stream in (child.stdout, self._log):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        child = self._spawn()
        try:
            self._await_ready(child)
        except BaseException:
            self.close()
            raise
        return self

    async def __aenter__(self) -> Self:
        child = self._spawn()
        try:
            await asyncio.to_thread(self._await_ready, child)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def _spawn(self) -> subprocess.Popen[bytes]:
        check_model_file(self.model_path)
        check_cpu()
        if self._port is not None:
            check_port(LOOPBACK, self._port)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        self._child = subprocess.Popen(  # noqa: S603 - this module itself, with options made above
            [sys.executable, "-P", "-m", "drafter.llm.embedded", *self._options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is for the desk, which then stops its server
        )
        return self._child

    def _await_ready(self, child: subprocess.Popen[bytes]) -> None:
        address = child.stdout.readline().decode().strip() if child.stdout else ""
        if not address:
            child.wait()
            raise self._ended(child)
        self.base_url = f"{address}/v1"

    def _ended(self, child: subprocess.Popen[bytes] | None = None) -> EmbeddedModelError:
        said = ""
        # Once it answers, its log may quote what debtors wrote.
        if self._log is not None and not self._log.closed and not self.base_url:
            self._log.seek(0)
            said = self._log.read().decode(errors="replace")
        ended = child or self._child
        return why_it_ended(self.model_path, ended.poll() if ended else None, said)


def available_threads() -> int:
    """Return how many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _serve(model_path: str, threads: int, context_tokens: int, port: int) -> None:
    """Serve until standard input ends; tell the address as the one line on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever the native code prints belongs to the log

    import xllamacpp  # noqa: PLC0415 - 100 MB of native code, only for the server's own process

    params = xllamacpp.CommonParams()
    params.model.path = model_path
    params.model_alias = {Path(model_path).stem}
    params.n_ctx = context_tokens
    params.fit_params = False
    # An empty run first would cost three seconds; the first prompt touches every weight just as well.
    params.warmup = False
    params.n_parallel = 1
    params.cache_prompt = True
    params.cache_ram_mib = PREFIX_CACHE_MIB
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    # Repacked weights cost two seconds at every start and a second copy in memory, and read prompts more slowly here
    # (37 tokens/s against 47 on two AVX2 cores); mapped as they lie in the file they are also shared by processes.
    params.no_extra_bufts = True
    params.hostnames = [LOOPBACK]
    params.port = port
    # Nothing but answers: slots would show prompts, and no web page of another origin has business here.
    params.endpoint_slots = False
    params.ui = False
    params.cors_origins = ""
    params.verbosity = _ERRORS_ONLY
    server = xllamacpp.Server(params)
    with told:
        told.write(f"{server.listening_address}\n")
    sys.stdin.buffer.read()
    # The kernel frees everything; taking native threads down in order could only hang.
    os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1], *(int(option) for option in sys.argv[2:]))
