"""Offers that wait for a person: each file of a session is taken or not, then the session is answered."""

from __future__ import annotations

from typing import NamedTuple

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sat.api.errors import OfferExpired, RequestTimeout
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.files.receiving import Place
from sat.plugins.files.wire import About
from sat.plugins.jingle.content import Content
from sat.plugins.jingle.session import Session
from sat.xmpp.jingle import Condition
from sat.xmpp.xml import Element

SEALED = "encrypted"  # the name of a content that is


class Answer:
    """What is to be said to the contents with which a session was offered, or that were added to it later."""

    def __init__(self, session: Session, contents: list[Content], added: bool) -> None:
        self._session, self._added = session, added
        self._open = {content.name: content for content in contents}
        self._taken: dict[str, Element] = {}

    def take(self, content: Content, description: Element) -> None:
        """Somebody wants it, so described."""
        if self._open.pop(content.name, None) is None:
            return
        if self._added:
            self._session.accept_content_later(content, description)
            return
        self._taken[content.name] = description
        self._settle()

    def leave(self, content: Content, condition: Condition = Condition.DECLINE) -> None:
        """Nobody wants it. One that was taken, too, is given up."""
        if self._open.pop(content.name, None) is None or self._added:
            self._session.reject_content(content, condition)
        elif not self._open and not self._taken:
            self._session.end(condition)
        else:
            self._settle()

    def _settle(self) -> None:
        if not self._open:
            self._session.accept_later(self._taken)


class Waiting(NamedTuple):
    """A file that is offered: ``decision`` fires with where it is to be put, or fails where it is offered no longer."""

    content: Content
    about: About
    answer: Answer
    decision: Deferred[Place]
    secret: Shared | None = None
    """What opens it, where it is encrypted."""

    def watch(self) -> None:
        """Let it be over when the peer takes the offer back, or goes."""

        def lost(failure: Failure) -> None:
            if self.decision.called:
                return
            expired = failure.check(RequestTimeout)  # nobody here has decided
            self.decision.errback(OfferExpired() if expired else failure)

        Deferred.fromCoroutine(self.content.stream()).addErrback(lost)
