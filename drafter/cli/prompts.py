"""`drafter prompts`: what the model is told."""

from __future__ import annotations

from typing import Annotated

import typer

from drafter.cli.language import _


def register(app: typer.Typer) -> None:
    group = typer.Typer(help=_("What the model is told."), no_args_is_help=True)
    group.command("list", help=_("List the templates and the prompt versions."))(list_prompts)
    group.command("show", help=_("Show one template."))(show)
    group.command("render", help=_("Show the whole prompt for a case, as the model would get it."))(render)
    app.add_typer(group, name="prompts")


def list_prompts() -> None:
    from drafter.desk.prompting import PromptBook

    book = PromptBook.installed()
    for lang in book.languages():
        typer.echo(book.version(lang))
        for name in book.names(lang):
            typer.echo(f"  {name}")


def show(name: Annotated[str, typer.Argument(help=_("Name as `prompts list` prints it."))]) -> None:
    from drafter.desk.prompting import PromptBook

    typer.echo(PromptBook.installed().source(name), nl=False)


def render(
    *,
    message: Annotated[str, typer.Option(help=_("The debtor's message."))],
    tier: Annotated[str, typer.Option(help=_("premium, general or high-risk."))] = "general",
    facts: Annotated[str | None, typer.Option(metavar="FILE", help=_("JSON file with the facts."))] = None,
    lang: Annotated[str | None, typer.Option(help=_("Language of the reply: zh or en."))] = None,
) -> None:
    from drafter.bootstrap import SystemClock, prompt_for
    from drafter.cli.cases import case_from
    from drafter.settings import load_settings

    case = case_from(message.encode("utf-8", "surrogateescape"), tier=tier, facts=facts, lang=lang, clock=SystemClock())
    prompt = prompt_for(case, load_settings().how_written)
    typer.echo(prompt.version)
    for part in prompt.messages:
        typer.echo(f"--- {part.role}")
        typer.echo(part.content)
