"""A language model on this machine: llama.cpp behind an OpenAI-compatible endpoint on loopback.

It runs in a process of its own: loading it holds the interpreter for seconds, and a file or a processor that llama.cpp
cannot live with ends its process, not the desk. It ends when its standard input does, so also when the desk is killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from itertools import takewhile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from drafter.errors import EmbeddedModelError
from drafter.llm.embedded_faults import check_cpu, check_model_file, check_port, why_it_ended
from drafter.llm.prefixes import PrefixShelf

if TYPE_CHECKING:
    # The server's process has no use for it, and it takes longer to import than everything else there.
    from drafter.domain import ChatMessage

LOOPBACK = "127.0.0.1"
CONTEXT_TOKENS = 8192
PREFIX_CACHE_MIB = 512

_GRACE_S = 3
_ERRORS_ONLY = 1
_ANY_USER_TEXTS = ("A", "一")


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
        prefix_folder: where prompts that were read are kept for the next process; one that cannot be written to is
            done without. The endpoint can then write files, so it asks for `api_key`; without a folder it is open to
            every program on this machine.

    Attributes:
        base_url: the endpoint up to and with `/v1`, once it is served.
        api_key: what the endpoint asks for, another one for every server; None where it asks for none.

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
        prefix_folder: Path | None = None,
    ) -> None:
        self.model_path = model_path
        self.base_url = ""
        self.api_key = secrets.token_urlsafe() if prefix_folder else None
        self._threads = threads or available_threads()
        self._context_tokens = context_tokens
        self._port = port
        self._prefix_folder = prefix_folder
        self._shelf: PrefixShelf | None = None
        self._warmed = False
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
        """Have the start of a prompt in the prefix cache; return how many tokens had to be read for it.

        It is taken from the prefix folder if it is there, which takes milliseconds, and read and kept there if not.

        Args:
            messages: what every prompt starts with, before the user's message; kept as they are, so they must tell
                nothing of anyone.

        Raises:
            EmbeddedModelError: the messages are longer than the context, or the server is gone.
        """
        tokens = self._shared_tokens(messages)
        read = 0
        if not self._restored(tokens):
            read = int(self._asked("/completion", {"prompt": tokens, "n_predict": 0})["timings"]["prompt_n"])
            self._keep(tokens)
        self._warmed = True
        return read

    def _shared_tokens(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Return the tokens that prompts with this start have in common, whatever the user writes."""
        prompts = []
        for text in _ANY_USER_TEXTS:
            chat = [*(message.model_dump() for message in messages), {"role": "user", "content": text}]
            content = self._asked("/apply-template", {"messages": chat})["prompt"]
            told = {"content": content, "add_special": True, "parse_special": True}
            prompts.append(self._asked("/tokenize", told)["tokens"])
        return [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(*prompts, strict=False))]

    def _restored(self, tokens: Sequence[int]) -> bool:
        kept = self._shelf.find(tokens) if self._shelf else None
        if self._shelf is None or kept is None:
            return False
        if self._warmed:
            # Restoring writes over what the slot holds; another prompt, however short, first moves it to memory.
            self._asked("/completion", {"prompt": "\n", "n_predict": 0})
        restored = self._answer("/slots/0?action=restore", {"filename": kept.name}).get("n_restored") == len(tokens)
        if not restored:
            self._shelf.drop(kept)
        return restored

    def _keep(self, tokens: Sequence[int]) -> None:
        if self._shelf:
            written = self._shelf.new_file()
            # By now the slot may hold what a debtor wrote: the shelf looks at what was saved before it keeps it.
            saved = self._answer("/slots/0?action=save", {"filename": written.name}).get("n_saved", 0)
            self._shelf.keep(written, tokens, saved=saved)

    def _asked(self, path: str, asked: dict[str, object]) -> dict[str, Any]:
        answer = self._answer(path, asked)
        if "error" in answer:
            raise EmbeddedModelError(
                "The embedded model could not read its prompt ({why}); nothing was answered, so shorten the prompt.",
                why=answer["error"].get("message", "-"),
            )
        return answer

    def _answer(self, path: str, asked: dict[str, object]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.api_key}"}
        connection = HTTPConnection(urlsplit(self.base_url).netloc)
        try:
            connection.request("POST", path, json.dumps(asked), headers)
            answer: dict[str, Any] = json.load(connection.getresponse())
        except (OSError, ValueError, HTTPException) as error:
            raise self._ended() from error
        finally:
            connection.close()
        return answer

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
        if self._prefix_folder:
            self._shelf = PrefixShelf.of(
                self._prefix_folder, model_path=self.model_path, context_tokens=self._context_tokens
            )
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        self._child = subprocess.Popen(  # noqa: S603 - this module itself, with options made above
            [sys.executable, "-P", "-m", "drafter.llm.embedded", *self._options()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is for the desk, which then stops its server
        )
        if self._child.stdin is not None:
            with suppress(BrokenPipeError):  # why it ended is told when it does not get ready
                # Not among the options, which every user of the machine can list.
                os.write(self._child.stdin.fileno(), f"{self.api_key or ''}\n".encode())
        return self._child

    def _options(self) -> list[str]:
        folder = str(self._shelf.folder) if self._shelf else ""
        return [str(self.model_path), folder, *map(str, (self._threads, self._context_tokens, self._port or 0))]

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


def _serve(model_path: str, prefix_folder: str, threads: int, context_tokens: int, port: int) -> None:
    """Serve until standard input ends, whose first line is the key to ask for; tell the address on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever the native code prints belongs to the log

    import xllamacpp  # noqa: PLC0415 - 100 MB of native code, only for the server's own process

    key = sys.stdin.buffer.readline().decode().strip()
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
    params.api_keys = [key] if key else []
    params.slot_save_path = os.path.join(prefix_folder, "")  # noqa: PTH118 - pathlib would drop the slash it wants
    # Nothing but answers: a list of slots would show prompts, and no web page of another origin has business here.
    # Prompts are saved and restored without that list.
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
    _serve(sys.argv[1], sys.argv[2], *(int(option) for option in sys.argv[3:]))
