"""`drafter suggest --jsonl` as its own process, on an upstream that fails on command."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.llm.fake_upstream import FakeUpstream, Reply, fails, fake_upstream, hangs, says

KIND = (
    "您好，这里是客服。谢谢您告诉我近况，您辛苦了。账户的具体情况以账单为准。方便说说现在最大的难处是什么吗？"
    "我会在{follow_up_date}再与您联系。"
)
CASES = [
    {"id": f"line-{number}", "message": f"上个月失业了，还差{number}个月房租，能不能缓一缓？", "tier": "general"}
    for number in range(1, 6)
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in CASES), encoding="utf-8")
    return path


async def started(upstream: FakeUpstream, file: Path, *more: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "drafter", "suggest", "--jsonl", str(file), *more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=file.parent,
        env={
            "OPENAI_BASE_URL": upstream.base_url,
            "OPENAI_API_KEY": "sk-invented-0000",
            "DRAFTER_MODEL": "any",
            "DRAFTER_DATA_DIR": str(file.parent / "data"),
            "DRAFTER_LANG": "en",
            "PATH": "",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
    )


async def run(file: Path, *replies: Reply) -> tuple[int, list[dict[str, object]], int, str]:
    """Run to the end; return exit code, lines, how often the upstream was asked, and standard error."""
    async with fake_upstream(*replies) as upstream:
        process = await started(upstream, file)
        out, err = await process.communicate()
        return (
            int(process.returncode or 0),
            [json.loads(line) for line in out.splitlines()],
            len(upstream.asked),
            err.decode(),
        )


async def test_a_run_that_was_killed_goes_on_where_it_stopped(file: Path) -> None:
    async with fake_upstream(says(KIND), says(KIND), hangs()) as upstream:
        process = await started(upstream, file)
        await asyncio.wait_for(upstream.waiting.wait(), timeout=60)
        process.send_signal(signal.SIGKILL)
        await process.communicate()

    code, lines, asked, _ = await run(file, says(KIND))
    assert code == 0
    assert asked == 3
    assert [line["id"] for line in lines] == [case["id"] for case in CASES]
    assert {line["status"] for line in lines} == {"awaiting_approval"}
    with sqlite3.connect(file.parent / "data" / "drafter.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM cases").fetchone() == (5,)
        assert database.execute("SELECT count(*) FROM suggestions").fetchone() == (5,)
    database.close()


async def test_a_second_run_asks_nothing_and_says_the_same(file: Path) -> None:
    _, first, asked, _ = await run(file, says(KIND))
    code, second, again, _ = await run(file, fails(500))
    assert (code, asked, again) == (0, 5, 0)
    assert second == first


async def test_a_line_that_cannot_be_read_does_not_stop_the_others(file: Path) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.write('{"id": "bad", "message": ""}\nnot json\n{"id": "odd", "message": "缓一缓", "tier": "gold"}\n')
    code, told, _, _ = await run(file, says(KIND))
    assert code == 2
    assert [line["id"] for line in told] == [*(case["id"] for case in CASES), "bad", None, "odd"]
    assert [line.get("line") for line in told[5:]] == [6, 7, 8]


async def test_a_wrong_key_ends_at_once_with_one_sentence(file: Path) -> None:
    code, lines, asked, err = await run(file, fails(401))
    assert (code, lines, asked) == (3, [], 1)
    assert "OPENAI_API_KEY" in err.splitlines()[-1]
    assert "sk-invented" not in err
