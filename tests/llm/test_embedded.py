from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from drafter.bootstrap import embedded_model_path
from drafter.domain import ChatMessage
from drafter.errors import EmbeddedModelError
from drafter.llm.embedded import EmbeddedServer
from drafter.llm.embedded_faults import check_cpu, why_it_ended
from drafter.settings import load_settings

OLD_CPU = "processor\t: 0\nflags\t\t: fpu sse4_2 avx f16c\n\nprocessor\t: 1\nflags\t\t: fpu sse4_2 avx f16c\n"
RULES = "You answer people in debt kindly, in one short sentence, and you never name a figure. " * 8


@pytest.fixture
def model_path() -> Path:
    return embedded_model_path(load_settings())


def ask(base_url: str, words: str, *, max_tokens: int, stream: bool = False) -> tuple[HTTPConnection, HTTPResponse]:
    messages = [{"role": "system", "content": RULES}, {"role": "user", "content": words}]
    asked = {"messages": messages, "max_tokens": max_tokens, "stream": stream}
    connection = HTTPConnection(urlsplit(base_url).netloc)
    connection.request("POST", "/v1/chat/completions", json.dumps(asked), {"Content-Type": "application/json"})
    return connection, connection.getresponse()


def answer(base_url: str, words: str) -> dict[str, object]:
    connection, response = ask(base_url, words, max_tokens=20)
    answered: dict[str, object] = json.load(response)
    connection.close()
    return answered


def listens(base_url: str) -> bool:
    place = urlsplit(base_url)
    try:
        socket.create_connection((str(place.hostname), place.port or 0)).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.fixture
def serving() -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "drafter", "model", "serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process, process.stdout.readline().strip()
    process.kill()
    process.communicate()


@pytest.mark.model
async def test_the_real_model_answers_and_reads_the_same_beginning_only_once(
    model_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with EmbeddedServer(model_path) as server:
        read = await asyncio.to_thread(server.warm_up, [ChatMessage(role="system", content=RULES)])
        answered = await asyncio.to_thread(answer, server.base_url, "I lost my job.")
        again = await asyncio.to_thread(answer, server.base_url, "I was ill.")
    assert read > 100
    assert answered["model"] == server.model_name
    assert answered["choices"][0]["message"]["content"].strip()  # type: ignore[index] # the API's own shape
    for usage in (answered["usage"], again["usage"]):
        assert usage["prompt_tokens_details"]["cached_tokens"] > 100  # type: ignore[index] # the API's own shape
    assert not listens(server.base_url)
    assert capfd.readouterr() == ("", "")


@pytest.mark.model
async def test_the_event_loop_runs_while_the_model_loads_and_a_cancelled_load_leaves_nothing(model_path: Path) -> None:
    server = EmbeddedServer(model_path)
    loading = asyncio.create_task(server.__aenter__())
    turns = 0
    while not loading.done() and turns < 100:
        await asyncio.sleep(0)
        turns += 1
    assert turns == 100
    child = server._child
    assert child is not None
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert child.returncode == -signal.SIGKILL


@pytest.mark.model
def test_serve_prints_its_url_and_ctrl_c_ends_it_with_exit_code_0(
    serving: tuple[subprocess.Popen[str], str],
) -> None:
    process, base_url = serving
    assert listens(base_url)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in err
    assert not listens(base_url)


@pytest.mark.model
def test_the_server_ends_when_the_desk_is_killed(serving: tuple[subprocess.Popen[str], str]) -> None:
    process, base_url = serving
    connection, response = ask(base_url, "Tell me a long story.", max_tokens=3000, stream=True)
    assert response.readline().startswith(b"data:")
    process.kill()
    with suppress(HTTPException, ConnectionError):
        response.read()  # ends with the server, long before the story
    connection.close()
    # The system closes a dying process's connections before the port they came through.
    deadline = time.monotonic() + 10
    while listens(base_url) and time.monotonic() < deadline:
        pass
    assert not listens(base_url)


def test_a_model_that_is_not_there_is_told_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedModelError, match="`drafter model pull` fetches"), EmbeddedServer(tmp_path / "no.gguf"):
        pass


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.gguf"
    path.write_text("hello")
    with pytest.raises(EmbeddedModelError, match="not a model in GGUF form"), EmbeddedServer(path):
        pass


@pytest.mark.parametrize("rest", [b"", b"\x03\x00\x00\x00" + b"\xff" * 500])
def test_a_damaged_model_is_told_in_one_sentence_without_noise(
    tmp_path: Path, rest: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(b"GGUF" + rest)
    with (
        pytest.raises(EmbeddedModelError, match=r"llama\.cpp cannot serve .*damaged\.gguf \(gguf"),
        EmbeddedServer(path),
    ):
        pass
    assert capfd.readouterr() == ("", "")


def test_a_taken_port_is_told_before_the_model_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "any.gguf"
    path.write_bytes(b"GGUF")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(EmbeddedModelError, match=f"cannot listen on 127.0.0.1:{port}"),
            EmbeddedServer(path, port=port),
        ):
            pass


def test_an_old_processor_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(OLD_CPU)
    with pytest.raises(EmbeddedModelError, match=r"lacks .* \(avx2, bmi2, fma\)"):
        check_cpu(cpuinfo, "x86_64")


def test_a_processor_that_cannot_be_judged_is_not_refused(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    check_cpu(cpuinfo, "x86_64")
    cpuinfo.write_text(OLD_CPU)
    check_cpu(cpuinfo, "aarch64")


@pytest.mark.parametrize(
    ("exit_code", "said", "told"),
    [
        (-signal.SIGILL, "", "processor lacks instructions"),
        (-signal.SIGKILL, "", "memory is short"),
        (1, "0.00.1 I loading\n0.00.2 E load:   bad   tensor\n0.00.3 E exiting\n", "(load: bad tensor)"),
        (1, "Traceback ...\nImportError: libgomp.so.1 is missing\n", "(ImportError: libgomp.so.1 is missing)"),
        (None, "", "nothing was answered"),
    ],
)
def test_an_end_is_explained_by_its_signal_or_its_first_error(exit_code: int | None, said: str, told: str) -> None:
    assert told in why_it_ended(Path("any.gguf"), exit_code, said).message


def test_a_server_that_never_started_can_be_closed(tmp_path: Path) -> None:
    EmbeddedServer(tmp_path / "any.gguf").close()
