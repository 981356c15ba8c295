"""What the messages tell other plugins."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID


class CaughtUp:
    """An event: the archive has told what it has, if there is one. Our own messages that it has are known as SENT."""


class Seen(NamedTuple):
    """An event: the person has read a conversation up to the message with this id on the wire, whose sender wants to
    know."""

    peer: JID
    wire_id: str


class ReadTo(NamedTuple):
    """An event: the person has read a conversation up to this message at least, as its archive calls it (XEP-0359)."""

    peer: JID
    order: int
    archive_id: str
