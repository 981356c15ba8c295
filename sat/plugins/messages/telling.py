"""Telling the frontends of messages, a batch a turn of the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID
from sat.plugins.messages.api import Message, MessageChange, MessageState, Unread

if TYPE_CHECKING:
    from sat.plugins.messages.plugin import Messages


class Telling:
    """What is about to be told of one profile's messages, and how many of them are unread."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._unread: dict[JID, tuple[int, int]] = {}  # with those among them that name us
        self._new: list[Message] = []
        self._edited: dict[str, Message] = {}
        self._moved: list[MessageChange] = []
        self._recounted: set[JID] = set()

    def load(self, unread: dict[JID, tuple[int, int]]) -> None:
        """So many are unread of each conversation, from an earlier run."""
        self._unread = unread
        self._messages.unread.value = self._total

    def unread_of(self, peer: JID) -> int:
        """How many messages of a conversation are unread."""
        return self._unread.get(peer, (0, 0))[0]

    @property
    def _total(self) -> int:
        return sum(unread for unread, _mentions in self._unread.values())

    def added(self, message: Message) -> None:
        """It was just stored."""
        self._new.append(message)
        if message.state is MessageState.UNREAD:
            unread, mentions = self._unread.get(message.peer, (0, 0))
            self.unread(message.peer, unread + 1, mentions + message.mention)
        self._soon()

    def moved(self, changes: list[MessageChange]) -> None:
        """These have come further."""
        if changes:
            self._moved += changes
            self._soon()

    def edited(self, messages: list[Message]) -> None:
        """These say something else now."""
        if messages:
            self._edited.update({each.id: each for each in messages})
            self._soon()

    def unread(self, peer: JID, count: int, mentions: int) -> None:
        """So many of a conversation are unread now, and so many of them name us."""
        if count:
            self._unread[peer] = count, mentions
        else:
            self._unread.pop(peer, None)
        self._recounted.add(peer)
        self._soon()

    def _soon(self) -> None:
        if not self._messages.tasks.waits("tell"):
            self._messages.after(0, self._flush, key="tell")

    def _flush(self) -> None:
        api = self._messages
        new, self._new = self._new, []
        moved, self._moved = self._moved, []
        edited, self._edited = self._edited, {}
        if new:
            api.added.emit(new)
        if moved:
            api.updated.emit(moved)
        if edited:
            api.edited.emit(list(edited.values()))
        counts = [Unread(peer, *self._unread.get(peer, (0, 0))) for peer in self._recounted]
        self._recounted.clear()
        if counts:
            api.unread.set(self._total)
            api.unread_changed.emit(counts)
