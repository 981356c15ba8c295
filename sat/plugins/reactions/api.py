"""Reactions: emojis on a message."""

from __future__ import annotations

from sat.api import Api, method


class ReactionsApi(Api):
    """React to messages with emojis (XEP-0444). Those of a message are a part of it."""

    @method
    async def react(self, id: str, emojis: list[str]) -> None:
        """Put these emojis, and no others of ours, on a message; an empty list takes ours away.
        Errors: NotFound, NotEditable, InvalidArgument."""
