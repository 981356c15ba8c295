"""What was begun and not sent, the same in all frontends."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method, signal

MOST = 200
"""Conversations with a draft; the one that was left alone for longest is forgotten first."""


class Draft(NamedTuple):
    """What was begun in a conversation, when it was last changed, in seconds since 1970. Without a text there is none
    any more."""

    peer: JID
    text: str
    time: float = 0.0


class DraftsApi(Api):
    """What was begun in conversations and not sent."""

    changed = signal(list[Draft], "Drafts that are others now, or gone.")

    @method
    async def get_drafts(self) -> list[Draft]:
        """All of them, at most 200, the one changed last first."""

    @method
    async def get_draft(self, peer: JID) -> Draft:
        """That of a conversation; without a text where there is none."""

    @method
    async def set_draft(self, peer: JID, text: str) -> None:
        """Keep what was begun in a conversation; nothing, or only blanks, forgets it. It is on the disk some seconds
        later. Errors: MessageTooLong."""
