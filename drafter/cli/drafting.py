"""`drafter suggest` and `drafter triage`: the trip of one message, or of many."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli.language import _

if TYPE_CHECKING:
    from drafter.desk.drafting import Desk
    from drafter.domain import Attempt, Case, Suggestion, Triage, Wish

_BAD_LINES = 2


def register(app: typer.Typer) -> None:
    app.command(help=_("Suggest a reply to a debtor's message; nothing is sent."))(suggest)
    app.command(help=_("Say what a debtor's message is about and who must answer it."))(triage)


def suggest(
    source: Annotated[str | None, typer.Argument(metavar="[-]", help=_("- reads one case as JSON."))] = None,
    *,
    message: Annotated[str | None, typer.Option(help=_("The debtor's message."))] = None,
    case: Annotated[str | None, typer.Option(metavar="FILE", help=_("JSON file with one case."))] = None,
    jsonl: Annotated[str | None, typer.Option("--jsonl", metavar="FILE|-", help=_("Many cases, one a line."))] = None,
    tier: Annotated[str | None, typer.Option(help=_("premium, general or high-risk."))] = None,
    facts: Annotated[str | None, typer.Option(metavar="FILE", help=_("JSON file with the facts."))] = None,
    lang: Annotated[str | None, typer.Option(help=_("Language of the reply: zh or en."))] = None,
    jurisdiction: Annotated[str | None, typer.Option(help=_("CN, US or UK."))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
    stream: Annotated[bool, typer.Option("--stream", help=_("Show the draft while it is written."))] = False,
    case_id: Annotated[
        str | None, typer.Option(metavar="ID", help=_("Another version for a case kept before."))
    ] = None,
    wish: Annotated[str | None, typer.Option(help=_("warmer, firmer or shorter."))] = None,
    reply_lang: Annotated[str | None, typer.Option(help=_("Another language of the reply: zh or en."))] = None,
    say: Annotated[str, typer.Option(metavar="SENTENCE", help=_("Use this sentence word for word."))] = "",
    alternatives: Annotated[int, typer.Option(min=1, max=5, help=_("So many versions at once."))] = 1,
) -> int:
    import asyncio

    from drafter.bootstrap import SystemClock
    from drafter.cli.cases import case_from, case_of_json, language
    from drafter.cli.reading import read_bytes
    from drafter.desk.intake import read_wish
    from drafter.errors import InputError

    if sum(given is not None for given in (source, message, case, jsonl, case_id)) != 1:
        raise InputError("Give exactly one of --message, --case, --case-id, --jsonl or - for a case on standard input.")
    if jsonl is not None:
        return asyncio.run(_suggest_many(jsonl, tier))
    wanted = read_wish(wish, lang=language(reply_lang), sentence=say)
    clock = SystemClock()
    given: Case | str
    if case_id is not None:
        given = case_id
    elif message is not None:
        given = case_from(
            message.encode("utf-8", "surrogateescape"),
            tier=tier or "general",
            facts=facts,
            lang=lang,
            clock=clock,
            jurisdiction=jurisdiction,
        )
    else:
        given = case_of_json(read_bytes(str(case or source)), tier=tier, clock=clock)
        given = given.model_copy(update={"external_id": None})
    return asyncio.run(_suggest_one(given, wanted, alternatives, as_json=as_json, stream=stream))


async def _suggest_one(given: Case | str, wish: Wish, most: int, *, as_json: bool, stream: bool) -> int:
    from drafter.bootstrap import in_force, open_desk, open_store
    from drafter.desk.drafting import alternatives
    from drafter.desk.drafting import suggest as draft
    from drafter.settings import load_settings

    settings = in_force(load_settings())
    if isinstance(given, str):
        with open_store(settings) as store:
            case = store.case(given)
    else:
        case = given
    async with open_desk(settings, warm=(wish.lang or case.message.lang,)) as desk:
        if as_json:
            first, *others = await alternatives(lambda: draft(desk, case, wish=wish), most)
            told = first.model_dump(mode="json")
            _write(told | {"alternatives": [one.model_dump(mode="json") for one in others]} if most > 1 else told)
            return 0 if first.status != "rejected" else 1
        made = await alternatives(lambda: show_trip(desk, case, stream=stream, wish=wish), most)
    return 0 if any(one.status != "rejected" for one in made) else 1


async def show_trip(desk: Desk, case: Case, *, stream: bool, wish: Wish | None = None) -> Suggestion:
    """Draft one case and print triage, every attempt with its verdict, and what a human does next."""
    from rich.console import Console

    from drafter.cli.language import interface_language
    from drafter.cli.rendering import show_attempt, show_handover, show_outcome, show_triage
    from drafter.desk.drafting import suggest as draft
    from drafter.desk.handover import handover_cards

    console = Console(highlight=False)

    class Terminal:
        """Prints what happens as it happens."""

        attempts = 0

        def triaged(self, triage: Triage) -> None:
            show_triage(console, triage)

        def token(self, piece: str) -> None:
            if stream:
                console.file.write(piece)
                console.file.flush()

        def judged(self, attempt: Attempt) -> None:
            self.attempts += 1
            if stream:
                console.print()
            show_attempt(console, self.attempts, attempt)

    suggestion = await draft(desk, case, Terminal(), wish=wish)
    show_outcome(console, case, suggestion)
    show_handover(
        console,
        handover_cards(
            suggestion.triage,
            desk.triager.signals,
            desk.guard(case.jurisdiction).policy.file,
            reader=interface_language(),
            debtor=case.message.lang,
        ),
    )
    return suggestion


async def _suggest_many(file: str, tier: str | None) -> int:
    from rich.console import Console
    from rich.progress import track

    from drafter.bootstrap import SystemClock, in_force, open_desk
    from drafter.cli.cases import case_of_json
    from drafter.cli.reading import lines_of
    from drafter.desk.drafting import suggest as draft
    from drafter.desk.intake import line_id
    from drafter.errors import InputError
    from drafter.settings import load_settings

    worst = 0
    lines = list(lines_of(file))
    async with open_desk(in_force(load_settings())) as desk:
        for number, line in track(lines, description=_("drafting"), console=Console(stderr=True)):
            identity = line_id(line)
            try:
                case = case_of_json(line, tier=tier, clock=SystemClock())
            except InputError as error:
                worst = _BAD_LINES
                _write({"id": identity, "line": number, "error": error.message})
            else:
                kept = desk.store.suggestion_by_external_id(str(case.external_id))
                suggestion = kept or await draft(desk, case)
                _write({"id": identity, **suggestion.model_dump(mode="json")})
    return worst


def triage(
    file: Annotated[str | None, typer.Argument(metavar="[FILE|-]", help=_("File that holds the message."))] = None,
    *,
    text: Annotated[str | None, typer.Option("--text", help=_("The message itself."))] = None,
    jsonl: Annotated[
        str | None, typer.Option("--jsonl", metavar="FILE|-", help=_("Many messages, one a line."))
    ] = None,
    lang: Annotated[str | None, typer.Option(help=_("Language of the message: zh or en."))] = None,
) -> int:
    from drafter.bootstrap import triager as load
    from drafter.cli.cases import language
    from drafter.cli.reading import lines_of, text_from
    from drafter.desk.intake import line_id, read_message
    from drafter.errors import InputError

    triager = load()
    if jsonl is None:
        seen = triager.triage(read_message(text_from(text, file, what="message"), lang=language(lang)))
        _write({"id": None, **seen.model_dump(mode="json")})
        return 0
    worst = 0
    for number, line in lines_of(jsonl):
        identity = line_id(line)
        try:
            given = json.loads(line)
            if not isinstance(given, dict) or not isinstance(given.get("text"), str):
                raise InputError('a line must be a JSON object with a "text"')  # noqa: TRY301 - told below
            seen = triager.triage(read_message(given["text"], lang=language(given.get("lang") or lang)))
        except (InputError, ValueError) as error:
            worst = _BAD_LINES
            _write({"id": identity, "line": number, "error": str(error)})
        else:
            _write({"id": identity, **seen.model_dump(mode="json")})
    return worst


def _write(value: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()
