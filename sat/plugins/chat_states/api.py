"""Typing notifications (XEP-0085)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import JID, Api, method, signal


class ChatState(StrEnum):
    """What somebody does in a conversation (XEP-0085 §4)."""

    ACTIVE = "active"
    COMPOSING = "composing"
    PAUSED = "paused"
    INACTIVE = "inactive"
    GONE = "gone"


class PeerState(NamedTuple):
    """What a contact does; or who is called ``nick``, in the room ``peer``."""

    peer: JID
    state: ChatState
    nick: str = ""


class ChatStatesApi(Api):
    """Say when we are typing, and hear when others are (XEP-0085). In rooms of more than 20 people nothing is said, and
    nothing told."""

    changed = signal(PeerState, "A contact, or somebody in a room, began to type, or stopped.")

    @method
    async def set_typing(self, peer: JID, typing: bool) -> None:
        """Tell a contact or a room that we are writing to them, or have stopped. Call it with each key if you like:
        only changes are sent, and a pause is told by itself."""
