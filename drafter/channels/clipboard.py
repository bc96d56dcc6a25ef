"""The agent carries the text: it is released to be copied, and the copy is noted."""

from __future__ import annotations


class Clipboard:
    """Gives the text to the person at the page; nothing is sent by the desk."""

    name = "clipboard"
    by_hand = True
