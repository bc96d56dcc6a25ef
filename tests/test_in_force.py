"""What an administrator has set counts for the commands as for the console, and each model is opened once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from drafter.bootstrap import in_force, open_models, open_store
from drafter.domain import Act
from drafter.settings import Choice, Chosen, Settings
from tests.llm.conftest import START, a_prompt
from tests.llm.fake_upstream import fake_upstream, says


def settings_of(folder: Path, **given: Any) -> Settings:
    return Settings(data_dir=folder, **given)


def put(settings: Settings, chosen: Chosen) -> None:
    with open_store(settings) as store:
        act = Act(at=START, actor="ann", action="settings.change", subject="settings:x")
        version = store.choices.newest().version + 1
        store.choices.add(Choice(version=version, chosen=chosen, set_by="ann", set_at=START), [act])


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "DRAFTER_MODEL", "DRAFTER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_database_the_environment_decides_and_none_is_made(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "new")
    assert in_force(settings) == settings
    assert not (tmp_path / "new").exists()


def test_what_was_set_goes_before_the_environment_and_the_rest_stays(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, undo_s=5, appeal_days=3)
    put(settings, Chosen(undo_s=42, judge_base_url="https://judge.example/v1", judge_model="j"))
    found = in_force(settings)
    assert (found.undo_s, found.appeal_days, found.judge_model) == (42, 3, "j")
    put(settings, Chosen())
    assert in_force(settings) == settings


def test_an_endpoint_that_was_set_takes_the_place_of_the_built_in_model_and_back(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert (settings.embedded, settings.how_written) == (True, "woven")
    there = settings.overlaid(Chosen(base_url="https://models.example/v1", model="m"))
    assert (there.embedded, there.how_written, there.endpoint) == (False, "whole", "https://models.example/v1")
    endpoint = settings_of(tmp_path, OPENAI_BASE_URL="https://models.example/v1", OPENAI_API_KEY="k", model="m")
    back = endpoint.overlaid(Chosen(base_url=None))
    assert (back.embedded, back.how_written, back.endpoint) == (True, "woven", None)


def test_where_each_setting_comes_from_is_known(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, undo_s=10)
    chosen = Chosen(review_sample=0.05)
    assert [settings.source(name, chosen) for name in ("undo_s", "review_sample", "appeal_days")] == [
        "environment",
        "page",
        "default",
    ]


async def test_a_model_is_opened_once_however_many_ask_and_stays_open_beside_the_next(tmp_path: Path) -> None:
    async with fake_upstream(says("yes")) as there, open_models() as models:
        settings = settings_of(tmp_path, OPENAI_BASE_URL=there.base_url, model="m")
        first, second = await asyncio.gather(models.drafting(settings), models.drafting(settings))
        assert first is second
        other = await models.drafting(settings.overlaid(Chosen(model_deadline_s=3)))
        assert other is not first
        assert {(await model.complete(a_prompt())).text for model in (first, other)} == {"yes"}
