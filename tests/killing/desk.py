"""The real application in a process of its own, begun anew as often as it is killed.

What takes long to load is loaded once, and a desk is a copy of this process; only copies start threads and open the
database. Each line on standard input starts another desk, whose number is printed; once it is killed, "ended" is.
The settings come from the environment, and so does OMP_NUM_THREADS=1, without which the embeddings start threads.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import uvicorn
from openai.resources.chat import completions

from drafter.bootstrap import SystemClock, guard_for, prompt_for
from drafter.domain import Case, DebtorMessage, Tier
from drafter.llm import chat
from drafter.settings import load_settings
from drafter.web.app import create_app
from guardrails import Facts

LOADED = (uvicorn, chat, completions)


def load() -> None:
    """Do what the first suggestion would wait for."""
    case = Case(
        id="first",
        message=DebtorMessage(text="上个月失业了，能不能缓一缓？", lang="zh"),
        tier=Tier.GENERAL,
        jurisdiction="CN",
        facts=Facts(),
        created_at=SystemClock().now(),
    )
    prompt_for(case, "whole")
    guard_for("CN").check("您好。", lang="zh")


def serve(port: int) -> None:
    os.setsid()  # what is killed is this process and whatever it has started
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    uvicorn.run(create_app(load_settings()), host="127.0.0.1", port=port, log_level="warning", access_log=False)


def tell(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    load()
    tell("ready")
    for _ in sys.stdin:
        desk = os.fork()
        if desk == 0:
            code = 1
            try:
                serve(int(sys.argv[1]))
                code = 0
            except BaseException:  # noqa: BLE001 - nothing of the copy may go on behind this line
                traceback.print_exc()
            os._exit(code)
        tell(desk)
        _, status = os.waitpid(desk, 0)
        tell(f"ended {os.waitstatus_to_exitcode(status)}")
