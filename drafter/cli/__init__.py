"""The command line: one file a group of commands."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the console script's entry."""
    from drafter.cli.app import run

    run()
