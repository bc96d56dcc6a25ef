"""`drafter model`: the built-in language model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli.language import _

if TYPE_CHECKING:
    from drafter.settings import Settings


def register(app: typer.Typer) -> None:
    group = typer.Typer(help=_("The built-in language model."), no_args_is_help=True)
    group.command("pull", help=_("Fetch the built-in model (1.1 GB), go on where it was cut off, verify it."))(pull)
    group.command("path", help=_("Print the file of the model that is used."))(path)
    group.command("serve", help=_("Serve the model to other programs on this machine until Ctrl-C."))(serve)
    app.add_typer(group, name="model")


def pull() -> None:
    from drafter.llm.embedded_faults import check_model_file
    from drafter.settings import load_settings

    settings = load_settings()
    if settings.model_path is None:
        typer.echo(_fetched(settings, reread=True))
    else:
        check_model_file(settings.model_path)
        typer.echo(_("DRAFTER_MODEL_PATH names a model of your own, so there is nothing to fetch."), err=True)
        typer.echo(settings.model_path)


def path() -> None:
    from drafter.bootstrap import embedded_model_path
    from drafter.llm.embedded_faults import check_model_file
    from drafter.settings import load_settings

    model = embedded_model_path(load_settings())
    check_model_file(model)
    typer.echo(model)


def serve(
    *,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help=_("Port; a free one when not given."))] = None,
) -> None:
    from drafter.bootstrap import embedded_model_path
    from drafter.llm.embedded import EmbeddedServer
    from drafter.settings import load_settings

    settings = load_settings()
    if settings.model_path is None:
        _fetched(settings, reread=False)
    try:
        with EmbeddedServer(embedded_model_path(settings), threads=settings.threads, port=port) as server:
            typer.echo(server.base_url)
            typer.echo(_("Serving {model}; Ctrl-C stops it.").format(model=server.model_name), err=True)
            server.wait()
    except KeyboardInterrupt:
        typer.echo(_("Stopped."), err=True)


def ensure_model(settings: Settings) -> None:
    """Fetch the built-in model if the settings choose it and it is not here yet, showing how far it is.

    Raises:
        EmbeddedModelError: it cannot be fetched; says what was kept.
    """
    if settings.embedded and settings.model_path is None:
        _fetched(settings, reread=False)


def _fetched(settings: Settings, *, reread: bool) -> Path:
    from rich.console import Console

    from drafter.cli.fetching import shown_progress
    from drafter.llm.fetching import fetch_model
    from drafter.llm.model_file import embedded_model, model_folder

    with shown_progress(Console(stderr=True)) as on_progress:
        return fetch_model(embedded_model(), model_folder(settings.data_dir), on_progress=on_progress, reread=reread)
