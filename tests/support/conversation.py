"""A conversation with juliet, wired as ``LiveProfile`` does it."""

from __future__ import annotations

from sat_frontends.quick_frontend.chat import Chat, ChatChange
from support.fakes import (
    JULIET,
    Archive,
    ChatStates,
    Correction,
    Loop,
    Messages,
    Reactions,
    Retraction,
    message,
)


class Scene:
    """The conversation, the daemon behind it, and what it told."""

    def __init__(self, *stored, archive=None, keep=2000):
        self.loop, self.messages, self.states = Loop(), Messages(*stored), ChatStates()
        self.archive = Archive(self.messages, *archive) if archive is not None else None
        self.correction, self.retraction = Correction(self.messages), Retraction(self.messages)
        self.reactions = Reactions(self.messages)
        self.chat = Chat(
            JULIET,
            self.messages,
            self.states,
            self.archive,
            self,
            spawn=self.loop.spawn,
            clock=self.loop.clock,
            keep=keep,
        )
        self.messages.added.connect(self.chat.hear_messages)
        self.messages.edited.connect(self.chat.hear_edits)
        self.messages.updated.connect(self.chat.hear_changes)
        self.messages.unread_changed.connect(lambda counts: self.chat.hear_unread(counts[0].unread))
        self.told: list[ChatChange] = []
        self.chat.changed.connect(self.told.append)

    def loads(self):
        self.loop.now(self.chat.load())
        self.told.clear()
        return self

    def orders(self):
        return [row.message.order for row in self.chat.rows()]

    def back_down(self):
        """Scroll down to the newest message; there is no gap on the way."""
        while self.chat.has_newer:
            self.loop.now(self.chat.load_newer())
            assert self.orders() == list(range(self.orders()[0], self.orders()[-1] + 1))
        return self.orders()

    def what(self):
        told = [change.what for change in self.told]
        self.told.clear()
        return told


def many(first, last, **fields):
    """Messages from one order to another."""
    return [message(order, **fields) for order in range(first, last + 1)]
