"""`drafter demo`: three sample cases drafted before a stranger's eyes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from drafter.cli.language import _, interface_language

if TYPE_CHECKING:
    from drafter.domain import Case
    from drafter.ports import Clock


def register(app: typer.Typer) -> None:
    app.command("demo", help=_("Draft replies for three sample cases, one a tier, with the embedded model."))(demo)


def demo() -> None:
    import asyncio

    asyncio.run(_demo())


async def _demo() -> None:
    import tempfile
    from pathlib import Path

    from rich.console import Console
    from rich.rule import Rule

    from drafter.bootstrap import SystemClock, open_desk
    from drafter.cli.drafting import show_trip
    from drafter.cli.model import ensure_model
    from drafter.settings import load_settings

    settings = load_settings()
    ensure_model(settings)
    console = Console(highlight=False)
    # The samples are no one's cases: they must not stand among real ones.
    with tempfile.TemporaryDirectory() as folder:
        samples = settings.model_copy(update={"database_url": f"sqlite:///{Path(folder) / 'demo.sqlite3'}"})
        async with open_desk(samples, warm=(interface_language(),)) as desk:
            console.print(
                _("Starting the embedded model; the first reply takes longest, since the prompt is read once.")
            )
            for case in sample_cases(SystemClock()):
                console.print()
                console.print(Rule(_("tier: {tier}").format(tier=case.tier.value), align="left"))
                console.print(_("Debtor: ") + case.message.text, style="bold", markup=False)
                await show_trip(desk, case, stream=False)
    console.print()
    console.print(_("Nothing was sent. Try your own:"))
    example = '.venv/bin/drafter suggest --message "..." --tier general --facts facts.json --stream'
    console.print("  " + example, markup=False, soft_wrap=True)
    console.print(_("`.venv/bin/drafter --help` lists the rest; `make serve` opens the console."))


def sample_cases(clock: Clock) -> list[Case]:
    """Return the sample cases in the interface's language, their dates reckoned from today."""
    from datetime import timedelta
    from importlib.resources import files
    from uuid import uuid4

    from drafter.desk.intake import new_case, read_facts, read_message, read_tier

    now = clock.now()
    cases = []
    folder = files("drafter").joinpath("samples", interface_language())
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        sample = json.loads(file.read_text(encoding="utf-8"))
        due = now.date() - timedelta(days=sample["facts"]["days_past_due"])
        facts = read_facts(json.dumps({**sample["facts"], "due_date": due.isoformat()}))
        cases.append(
            new_case(
                read_message(sample["message"], lang=interface_language()),
                tier=read_tier(sample["tier"]),
                facts=facts,
                jurisdiction=None,
                id=uuid4().hex,
                at=now,
            )
        )
    return cases
