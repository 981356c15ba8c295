"""What an application and a way of carrying bytes are to a session (XEP-0166): the interfaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.plugins.jingle.stream import Stream
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.jingle.content import Content
    from sat.plugins.jingle.session import Session


class Offer(NamedTuple):
    """A content that we offer: what it is, as a ``<description/>``; who will send in it (``initiator``, ``responder``,
    ``both`` or ``none``, XEP-0166 §7.3); its name, unique in the session, where that matters; and how its stream is
    protected, as a ``<security/>`` (§8), which is ``confirmed`` in the acceptance, or there is none: that is for
    programs of which it is known, as XEP-0391 does not say it."""

    description: Element
    senders: str = "initiator"
    name: str = ""
    security: Element | None = None
    confirmed: bool = False


class Application(Protocol):
    """What streams are for: transferring files, pipes. Registered by the namespace of its ``<description/>``."""

    namespace: str

    @property
    def securities(self) -> Sequence[str]:
        """The namespaces of the ``<security/>`` that it knows: what is offered with another one is turned down."""

    def wants(self, peer: JID) -> bool:
        """Whether somebody who is not in the contact list, or has no subscription to our presence, may offer
        something. Where no application wants it they are answered as if this program did not know Jingle."""

    def offered(self, session: Session) -> None:
        """A session came in, all of whose contents are of this application. Call ``session.accept`` or
        ``session.end`` now or later; one that nobody has answered within ``session.PATIENCE`` is ended. Refuse what
        makes no sense by raising ``sat.core.plugin.Refusal``: then there never was a session."""

    def added(self, session: Session, content: Content) -> bool:
        """The peer wants to add a content to a session (content-add): whether it may. To accept it later, hold
        ``content`` and call ``session.accept_content``; True only says that this is not refused at once."""

    def told(self, session: Session, payload: Element) -> bool:
        """The peer says something in the session (session-info, the child of ``<jingle/>``); whether that is
        understood."""


class Channel(Protocol):
    """How a negotiation talks to its peer; what a session is to a way."""

    @property
    def peer(self) -> JID:
        """The other program."""

    @property
    def ours(self) -> JID:
        """Our own full address in this session."""

    @property
    def initiator(self) -> bool:
        """Whether this side has offered the session (not the content)."""

    def say(self, transport: Element) -> Deferred[None]:
        """Send a ``<transport/>`` by transport-info; fires when it was acknowledged; fails with a SatError."""


class Negotiation(Protocol):
    """One content's search for one stream by one way. Both sides have one."""

    namespace: str
    """That of its way."""

    def element(self) -> Element:
        """Our ``<transport/>``, for session-initiate, session-accept and their like. Called once, when ``prepared`` has
        fired."""

    def prepared(self) -> Deferred[None]:
        """Fires when ``element`` can be called: addresses are known, ports are open. Never fails."""

    def heard(self, transport: Element) -> None:
        """The peer's ``<transport/>``: of the offer or of the acceptance. Raises ``Refusal`` where it is nonsense."""

    def told(self, transport: Element) -> bool:
        """One of a transport-info; whether it is understood."""

    def open(self) -> Deferred[Stream]:
        """Both sides have agreed: find the stream. Fails with NoWayToPeer where this way leads nowhere. Called once."""

    def stop(self) -> None:
        """Give up what is not open yet; an open stream stays. Called once, at the end of all."""


class Way(Protocol):
    """A kind of transport. Registered by its namespace; of several that both sides know that with the highest
    ``preference`` is tried first."""

    namespace: str
    preference: int

    def begin(self, channel: Channel, offered: Element | None) -> Negotiation:
        """Begin to negotiate: as who offers (None), or with what the peer has offered, which may be refused as
        nonsense by raising ``Refusal``."""
