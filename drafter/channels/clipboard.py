"""The agent carries the text: it is released to be copied, and the copy is noted."""

from __future__ import annotations

from drafter.channels import Outfit
from drafter.domain import ApprovedReply, Delivery
from drafter.errors import ChannelError


class Clipboard:
    """Gives the text to the person at the page; nothing is sent by the desk."""

    name = "clipboard"
    by_hand = True

    def send(self, reply: ApprovedReply, delivery: Delivery) -> None:  # noqa: ARG002 - its shape
        """Refuse: what a person carries is not sent.

        Raises:
            ChannelError: always.
        """
        raise ChannelError("A person carries this text; the desk does not send it.", temporary=False)


def channel(outfit: Outfit | None) -> Clipboard:  # noqa: ARG001 - its shape
    return Clipboard()
