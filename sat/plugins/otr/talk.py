"""A conversation with OTR: with one program of somebody, which is the one that has answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID
from sat.otr.outcomes import State
from sat.plugins.otr import sentences

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from sat.otr.session import OtrSession


class Talk:
    """``to`` is the full address with which it is, the bare one while it is not known who answers. ``asked`` is the
    program that would like to begin, ``wanted`` says that our person does. ``started`` fires when it is
    encrypted, if somebody waits for that. ``notice`` is a sentence that the person should know. ``gone``: it has ended
    because that program is offline."""

    def __init__(self, to: JID) -> None:
        self.session: OtrSession
        self.to = to
        self.asked: JID | None = None
        self.wanted = False
        self.started: Deferred[None] | None = None
        self.notice = ""
        self.gone = False

    @property
    def encrypted(self) -> bool:
        """Whether something can be encrypted now."""
        return self.session.state is State.ENCRYPTED

    @property
    def idle(self) -> bool:
        """Whether it is not locked to anybody: nothing has begun."""
        return self.session.state is State.PLAIN and not self.session.is_starting

    def is_with(self, sender: JID) -> bool:
        """Whether this program belongs to it."""
        return self.to == sender or not self.to.resource or self.idle

    @property
    def note(self) -> str:
        """What there is to know while it is to encrypt."""
        match self.session.state:
            case State.FINISHED:
                return sentences.GONE if self.gone else sentences.FINISHED
            case State.ENCRYPTED:
                return self.notice
            case _:
                return sentences.WAITS_AGAIN if self.session.is_starting else sentences.NOTHING_LEAVES

    def news(self, who: str) -> str:
        """The same while the conversation is in clear."""
        if self.session.is_starting and self.session.state is State.PLAIN:
            return sentences.WAITS
        return sentences.asked(who) if self.asked else ""
