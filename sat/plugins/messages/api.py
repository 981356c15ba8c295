"""Messages with one contact: sending, hearing, history, search."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method, prop, signal
from sat.api.messages import PLAIN, Extra, Message, MessageChange, MessageKind, MessageState, Reaction, Version
from sat.api.values import ANYBODY

__all__ = [
    "LONGEST",
    "PLAIN",
    "Conversation",
    "Extra",
    "Message",
    "MessageChange",
    "MessageKind",
    "MessageState",
    "MessagesApi",
    "Reaction",
    "Unread",
    "Version",
]

LONGEST = 100_000
"""Bytes of a message's text; servers take 256 KiB a stanza."""


class Conversation(NamedTuple):
    """A contact written with, the last message (a long text is shortened), how many of theirs are unread, and how many
    of these name us."""

    peer: JID
    unread: int
    last: Message
    mentions: int = 0


class Unread(NamedTuple):
    """How many messages of a conversation are unread now, and how many of them name us."""

    peer: JID
    unread: int
    mentions: int = 0


class MessagesApi(Api):
    """Write to a contact, hear what contacts write, look back (RFC 6121 §5)."""

    unread = prop(int, 0, "How many messages are unread, in all conversations.")
    added = signal(list[Message], "What was just stored: received, sent from any device, or found in the archive.")
    edited = signal(list[Message], "Stored messages that say something else now: corrected, taken back, reacted to.")
    updated = signal(list[MessageChange], "How far stored messages have come.")
    unread_changed = signal(list[Unread], "The conversations in which more or fewer are unread than before.")

    @method
    async def send(
        self,
        peer: JID,
        body: str,
        kind: MessageKind = MessageKind.CHAT,
        subject: str = "",
        reply: str = "",
        extra: Extra = PLAIN,
        encrypt: str = "",
    ) -> str:
        """Store a message and send it, now or when the profile is online again; returns its id once it is stored.
        ``reply`` is the id of the message of this conversation that it answers. ``encrypt`` is the method by which this
        one message has to be encrypted, ``none`` leaves it in clear; without it, it is as the conversation is.
        Errors: MessageTooLong, NotFound, StorageFull, StorageError; with ``encrypt`` those of ``Encryption.Begin``."""

    @method
    async def retry(self, id: str) -> None:
        """Send a message again that had failed. Errors: NotFound."""

    @method
    async def get_message(self, id: str) -> Message:
        """One message. Errors: NotFound."""

    @method
    async def get_versions(self, id: str) -> list[Version]:
        """What a corrected message has said, oldest first, the present text last. Errors: NotFound."""

    @method
    async def get_history(self, peer: JID, before: int = 0, limit: int = 50) -> list[Message]:
        """The newest messages of a conversation whose ``order`` is below ``before`` (0: from the end), oldest first.
        At most 500, and fewer where their texts are long: see ``sat.api.messages.may_go_on``."""

    @method
    async def search(self, text: str, peer: JID = ANYBODY, before: int = 0, limit: int = 50) -> list[Message]:
        """Messages that hold all the words (the last may be the beginning of one), newest first; of one conversation
        or of all. Filters among the words: ``from:`` with a contact's name or address or a nick in rooms
        (``from:me``), ``in:`` with that of a contact or a room, ``after:`` and ``before:`` with a day (2026-01-31,
        2026-01, 2026, yesterday, 7d), ``has:`` with link, file, picture, reaction, reply or correction. At most 500,
        and fewer where their texts are long. Errors: InvalidArgument."""

    @method
    async def get_conversations(self, limit: int = 100) -> list[Conversation]:
        """The conversations, the one written in last first."""

    @method
    async def mark_read(self, peer: JID, order: int = 0) -> None:
        """Everything in a conversation up to ``order`` (0: all of it) has been read."""

    @method
    async def mark_unread(self, peer: JID, order: int = 0) -> None:
        """What the contact wrote from ``order`` on is unread again, the last of it at least (0: only that). Errors:
        NotFound where they have written nothing."""
