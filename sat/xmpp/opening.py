"""From a log-in to a session: the one before goes on (XEP-0198 §5), or a new one begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import ProtocolViolation
from sat.api.profile import Account
from sat.xmpp import xml
from sat.xmpp.acks import NS_SM
from sat.xmpp.inline import NS_BIND2, Resumption, Told, requests, told
from sat.xmpp.login import Proof, bind
from sat.xmpp.management import enabled, manage, resume, resumed
from sat.xmpp.session import Session
from sat.xmpp.stream import Stream
from sat.xmpp.xml import NS_CLIENT, Element


class Opened(NamedTuple):
    """The session that there is now, whether it was there before, and what the server says about it."""

    session: Session
    resumed: bool
    told: Told


class Opening:
    """One attempt to have a session. ``old`` is the one before with what was ``told`` of it; ``forget`` ends it where
    it cannot go on, and ``new`` makes one at an address."""

    def __init__(
        self,
        account: Account,
        old: Session | None,
        told: Told,
        forget: Callable[[], None],
        new: Callable[[JID], Session],
    ) -> None:
        self._account, self._told = account, told
        self._old = old if old is not None and old.resumable else None
        self._forget, self._new = forget, new

    def wishes(self, offered: Element) -> list[Element]:
        """What to ask for along with the log-in, of what is ``offered``."""
        resumption = None
        if self._old is not None:
            self._old.incoming.forget()
            resumption = Resumption(self._old.resume_id, self._old.incoming.handled)
        return requests(offered, self._account, resumption)

    async def open(self, stream: Stream, proof: Proof) -> Opened:
        """The session, attached to the stream. Errors: ProtocolViolation, ServerClosed."""
        old = self._old
        revived = old is not None and old.saved is not None  # until it is settled
        if old is not None and await self._goes_on(stream, proof, old):
            return self._continued(proof, old, revived)
        if proof.features is None:
            raise ProtocolViolation(server=stream.domain, reason="it goes on with a session that there is not")
        self._forget()
        bound = xml.child(proof.success, "bound", NS_BIND2) if proof.success is not None else None
        early: list[Element] = []
        if bound is not None:
            if not proof.jid.resource:
                raise ProtocolViolation(server=stream.domain, reason="it gave no address")
            session = self._new(proof.jid)
            management = xml.child(bound, "enabled", NS_SM)
            if management is not None:
                enabled(session, management)
        else:
            session = self._new(await bind(stream, self._account))
            if _manages(proof):
                early = await manage(stream, session)
        for element in early:
            session.received_early(element)
        session.attach(stream)
        return Opened(session, False, told(proof.offered, proof.features, bound is not None))

    @staticmethod
    async def _goes_on(stream: Stream, proof: Proof, old: Session) -> bool:
        answers = xml.elements(proof.success, ns=NS_SM) if proof.success is not None else []
        if answers:  # we asked along with the log-in
            return resumed(stream, old, answers[0])
        return _manages(proof) and await resume(stream, old)

    def _continued(self, proof: Proof, old: Session, revived: bool) -> Opened:
        now = told(proof.offered, proof.features, False)
        if revived:  # nothing is known of the others' presence: ours has to begin anew (RFC 6121 §4.2.1)
            old.send(xml.element("presence", NS_CLIENT, type="unavailable"))
            return Opened(old, False, now)
        return Opened(old, True, Told(now.offers | self._told.offers, self._told.enabled))


def _manages(proof: Proof) -> bool:
    return proof.features is not None and xml.child(proof.features, "sm", NS_SM) is not None
