"""The ways out: a file is a channel, and its `channel(outfit)` gives it, or None where the settings name none."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from drafter.domain import Case
from drafter.ports import Channel, Clock
from drafter.settings import Settings


@dataclass(frozen=True)
class Outfit:
    """What a channel is made from.

    Attributes:
        case: finds a case by id.
    """

    settings: Settings
    case: Callable[[str], Case]
    clock: Clock


def channels(outfit: Outfit | None = None) -> dict[str, Channel]:
    """Return the channels of the settings by name; without an outfit only those that need none.

    Raises:
        SettingsError: a channel is set up by halves.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    made = (import_module(f"{__name__}.{name}").channel(outfit) for name in names)
    return {channel.name: channel for channel in made if channel is not None}
