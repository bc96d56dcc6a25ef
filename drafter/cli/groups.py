"""A group of commands of which one needs no name."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class WithDefault(TyperGroup):
    """Runs its command `DEFAULT` where the first word names no other, as in `drafter eval FILE`."""

    DEFAULT = "replies"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [self.DEFAULT, *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed
