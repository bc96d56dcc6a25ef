from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Drafter

THREAT_ZH = "再不还款，我们就把你欠钱的事告诉你单位领导和家里人。"
THREAT_EN = "Pay today or we will tell your employer and your family about this debt."


@pytest.mark.parametrize("text", [THREAT_ZH, THREAT_EN])
def test_check_rejects_a_threat_and_tells_rule_law_and_better_words(drafter: Drafter, text: str) -> None:
    outcome = drafter("check", "--text", text)
    assert outcome.code == 1
    assert "third-party-contact" in outcome.out
    verdict = drafter("check", "--text", text, "--json").lines[0]
    assert verdict["verdict"] == "reject"
    for finding in verdict["findings"]:
        assert finding["quote"] == text[finding["start"] : finding["end"]]
        assert finding["citations"]


def test_check_passes_a_kind_reply_from_a_file_and_from_standard_input(drafter: Drafter, tmp_path: Path) -> None:
    file = tmp_path / "reply.txt"
    file.write_text("谢谢您告诉我们近况，方便说说现在最大的难处是什么吗？\n", encoding="utf-8")
    assert drafter("check", str(file)).code == 0
    outcome = drafter("check", "-", "--json", stdin=file.read_bytes())
    assert outcome.code == 0
    assert outcome.lines[0]["policy"].startswith("CN@")


def test_check_lines_come_back_in_order_with_their_own_ids(drafter: Drafter) -> None:
    texts = [THREAT_ZH, "谢谢您的回复。", THREAT_EN, "Thank you for your reply."]
    asked = "\n".join(json.dumps({"id": f"t{n}", "text": text, "label": "?"}) for n, text in enumerate(texts))
    outcome = drafter("check", "--jsonl", "-", stdin=asked.encode())
    assert outcome.code == 0
    assert [line["id"] for line in outcome.lines] == ["t0", "t1", "t2", "t3"]
    assert [line["verdict"] for line in outcome.lines] == ["reject", "pass", "reject", "pass"]


def test_triage_sends_a_dispute_to_a_human_with_the_words_that_say_so(drafter: Drafter) -> None:
    text = "这笔钱不是我借的，我从来没有申请过这张卡。"
    seen = drafter("triage", "--text", text).lines[0]
    assert seen["route"] == "human"
    assert "dispute" in seen["signals"] or "identity_theft" in seen["signals"]
    for item in seen["evidence"]:
        assert item["quote"] == text[item["start"] : item["end"]]


def test_triage_of_lines_keeps_ids_and_goes_on_after_a_bad_one(drafter: Drafter) -> None:
    lines = b'{"id": "a", "text": "I lost my job."}\n{"id": "b"}\n{"id": "c", "text": "Please stop calling me."}\n'
    outcome = drafter("triage", "--jsonl", "-", stdin=lines)
    assert outcome.code == 2
    assert [line["id"] for line in outcome.lines] == ["a", "b", "c"]
    assert outcome.lines[2]["route"] == "human"


def test_rules_are_listed_shown_and_tested(drafter: Drafter) -> None:
    listed = drafter("rules", "list", "--json").lines[0]
    assert len(listed) == 25
    shown = drafter("rules", "show", "third-party-contact")
    assert shown.code == 0
    assert "15 USC 1692c" in shown.out or "1692" in shown.out
    assert drafter("rules", "test", "third-party-contact").code == 0
    assert drafter("rules", "show", "no-such-rule").code == 2


@pytest.mark.parametrize("jurisdiction", ["CN", "US", "UK"])
def test_a_policy_is_shown_with_hours_and_crisis_lines(drafter: Drafter, jurisdiction: str) -> None:
    shown = drafter("policy", "show", jurisdiction)
    assert shown.code == 0
    assert "third-party-contact" in shown.out


def test_a_prompt_is_rendered_as_the_model_would_get_it(drafter: Drafter) -> None:
    message = "我叫欧阳测试，手机13800138000，这个月还不上了"
    outcome = drafter("prompts", "render", "--message", message, "--tier", "premium")
    assert outcome.code == 0
    assert "13800138000" not in outcome.out
    assert "还不上了" in outcome.out
    assert drafter("prompts", "show", "zh/system.j2").code == 0
    assert drafter("prompts", "show", "zh/nothing.j2").code == 2
    assert "zh/system.j2" in drafter("prompts", "list").out


def test_the_database_is_brought_up_by_its_own_command(drafter: Drafter, tmp_path: Path) -> None:
    assert drafter("db", "upgrade").code == 0
    assert (tmp_path / "data" / "drafter.sqlite3").exists()


def test_eval_prints_recall_false_alarms_and_every_miss(drafter: Drafter, tmp_path: Path) -> None:
    lines = [
        {"id": "r1", "text": THREAT_EN, "lang": "en", "label": "reject", "rules": ["third-party-contact"]},
        {"id": "r2", "text": "Thank you.", "lang": "en", "label": "reject", "rules": ["harassment"], "style": "odd"},
        {"id": "p1", "text": "谢谢您的回复。", "lang": "zh", "label": "pass", "tier": "premium"},
    ]
    file = tmp_path / "set.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    shown = drafter("eval", str(file), "--report", str(tmp_path / "report.html"))
    assert shown.code == 0
    assert "missed r2" in shown.out
    assert "0.500 (1/2" in shown.out
    assert "<script" not in (tmp_path / "report.html").read_text(encoding="utf-8")
    measured = drafter("eval", str(file), "--json").lines[0]
    assert measured["overall"]["recall"]["value"] == 0.5


def test_help_and_messages_come_in_the_reader_s_language(drafter: Drafter) -> None:
    in_chinese = subprocess.run(
        [sys.executable, "-m", "drafter", "--help"],
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
        env={"DRAFTER_LANG": "zh", "PATH": "", "PYTHONIOENCODING": "utf-8"},
    ).stdout
    assert "检查" in in_chinese
    assert "不通过" in drafter("check", "--text", THREAT_ZH, lang="zh").out


def test_help_imports_nothing_that_only_a_command_needs() -> None:
    program = (
        "import sys\n"
        "from drafter.cli.app import run\n"
        "try: run(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('openai', 'sqlalchemy', 'pydantic', 'jinja2', 'xllamacpp', 'rich', 'alembic')"
        " if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
    assert out.splitlines()[-1] == "[]"
