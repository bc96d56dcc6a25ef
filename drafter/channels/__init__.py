"""The ways out: a file is a channel."""

from __future__ import annotations

from drafter.channels.clipboard import Clipboard
from drafter.ports import Channel


def channels() -> dict[str, Channel]:
    """Return every channel by name."""
    return {channel.name: channel for channel in (Clipboard(),)}
