"""One content of a session: the search for a stream by one way after the other (XEP-0166 §7.3, XEP-0260 §3)."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.errors import NotSafeEnough, NoWayToPeer, SatError
from sat.core.plugin import Refusal
from sat.core.tasks import in_time
from sat.plugins.jingle.outcome import Outcome
from sat.plugins.jingle.stream import Stream
from sat.xmpp.jingle import NS_ERRORS, Action, Condition, Part
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.jingle.session import Session
    from sat.plugins.jingle.ways import Negotiation, Way

NEGOTIATION = 120.0  # seconds in which a way must lead somewhere; ways have their own, shorter limits
REPLACEMENT = 60.0  # seconds that the other side has for another way, or for its answer to one


class Phase(Enum):
    """How far a content has come. Drawn in docs/state-machines/jingle.md."""

    OFFERED = auto()  # by either side, not accepted yet
    OPENING = auto()  # a way is looked for
    REPLACING = auto()  # one led nowhere: another one is to be offered, or was and is not answered yet
    OPEN = auto()  # there is a stream
    GONE = auto()


class Content:
    """One thing that a session is about, and its stream. It is the channel of its negotiation."""

    def __init__(self, session: Session, part: Part, ways: list[Way], offered: Element | None) -> None:
        """``ways`` are those that may be tried, the best first; ``offered`` is the peer's transport where it was the
        peer who has offered it. Raises ``Refusal`` where that makes no sense."""
        assert part.description is not None
        self.session = session
        self.name = part.name
        self.creator = part.creator
        """``initiator`` or ``responder`` (of the session)."""
        self.senders = part.senders
        self.description: Element = part.description
        """As offered; from the acceptance on as accepted, which may narrow it."""
        self.security = part.security
        """How its stream is to be protected, as offered; its application does that."""
        self.offered_here = offered is None
        self.to_be_confirmed = False
        """Whether the acceptance of what we offer has to say that it is protected so."""
        self._confirmation: Element | None = None
        self.phase = Phase.OFFERED
        self._ways = ways  # the one in use, and those that may be tried behind it
        self._negotiation = ways[0].begin(self, offered)
        self._next: Negotiation | None = None  # a replacement that was offered and is not accepted yet
        self._fault: SatError | None = None  # why the way before led nowhere
        self._found: Outcome[Stream] = Outcome()
        self._opening: Deferred[Stream] | None = None
        self._opened: Stream | None = None

    # -- for applications ----------------------------------------------------------------------------------------

    @property
    def sending(self) -> bool:
        """Whether this side sends in it."""
        return self.senders in ("both", "initiator" if self.session.initiator else "responder")

    @property
    def receiving(self) -> bool:
        """Whether the peer sends in it."""
        return self.senders in ("both", "responder" if self.session.initiator else "initiator")

    async def stream(self) -> Stream:
        """The bytes, when both sides have agreed and a way is found; may be called before that, and more than once.
        Errors: PeerDeclined, NoWayToPeer, TransferBroken, RequestTimeout, Cancelled."""
        return await self._found.wait()

    def confirm(self, security: Element) -> None:
        """Say in the acceptance that it is protected as was offered."""
        self._confirmation = security

    # -- for the session -----------------------------------------------------------------------------------------

    @property
    def key(self) -> tuple[str, str]:
        """What names it for both sides."""
        return self.creator, self.name

    @property
    def namespace(self) -> str:
        """That of the way that is being tried."""
        return self._negotiation.namespace

    @property
    def open_stream(self) -> Stream | None:
        """Its stream, once there is one."""
        return self._opened if self.phase is Phase.OPEN else None

    def part(self, transport: Element | None = None, description: Element | None = None) -> Part:
        """It, as it is named to the peer."""
        return Part(self.name, self.creator, self.senders, description, transport)

    async def whole(self) -> Part:
        """It with all that an offer or an acceptance has, as soon as that is known."""
        negotiation = self._negotiation
        await negotiation.prepared()
        whole = self.part(negotiation.element(), self.description)
        return whole._replace(security=self.security if self.offered_here else self._confirmation)

    def accepted(self, part: Part) -> None:
        """The peer takes what we have offered. Raises ``Refusal`` where that makes no sense; then it has come to its
        end."""
        if self.to_be_confirmed and (self.security is None or part.security is None):
            unsafe = NotSafeEnough(peer=self.peer, reason="its program would take it as if it were not encrypted")
            self.session.later(lambda: self.session.remove(self, Condition.SECURITY_ERROR, unsafe))
            raise Refusal("not-acceptable", specific=("security-required", NS_ERRORS))  # XEP-0166 §8
        try:
            if part.transport is not None:
                self._negotiation.heard(part.transport)
        except Refusal:
            error = NoWayToPeer(peer=self.peer, reason="what the other program says of it makes no sense")
            self.session.later(lambda: self.session.remove(self, Condition.FAILED_TRANSPORT, error))
            raise
        if part.description is not None:
            self.description = part.description
        self.open()

    def open(self) -> None:
        """Both sides have agreed: look for a stream, when what is being answered now is answered."""
        self.phase = Phase.OPENING
        self.session.later(self._open)

    def told(self, transport: Element) -> bool:
        """A transport-info came; whether it is understood."""
        return transport.uri == self._negotiation.namespace and self._negotiation.told(transport)

    def let_go(self) -> None:
        """The session is over; its stream may still go on."""
        self.phase = Phase.GONE

    def leave(self) -> None:
        """The session is over, and with it its stream: all has come."""
        stream = self.open_stream
        if stream is not None and not stream.is_over:
            self.let_go()
            stream.satisfy()

    def fail(self, error: SatError) -> None:
        """There is no stream, or none any more."""
        stream = self.open_stream
        self.phase = Phase.GONE
        self._found.fail(error)
        self._stop()
        if stream is not None:
            stream.abort(error)

    def _stop(self) -> None:
        self._negotiation.stop()
        if self._next is not None:
            self._next.stop()
        if self._opening is not None:
            self._opening.cancel()

    # -- looking for a way ---------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self.phase is not Phase.OPENING:
            return
        negotiation = self._negotiation
        opening = self._opening = in_time(negotiation.open(), NEGOTIATION, self.session.clock)
        opening.addCallbacks(self._has_opened, self._no_way, callbackArgs=(negotiation,), errbackArgs=(negotiation,))

    def _has_opened(self, stream: Stream, negotiation: Negotiation) -> None:
        if self._negotiation is not negotiation or self.phase is not Phase.OPENING:
            stream.abort()  # too late: it is gone, or the peer has chosen another way
            return
        self._opening = None
        self.phase, self._opened = Phase.OPEN, stream
        stream.on_end = self._has_ended
        if not stream.is_open:
            self._has_ended(stream.error)
        self._found.settle(stream)

    def _no_way(self, failure: Failure, negotiation: Negotiation) -> None:
        if self._negotiation is not negotiation or self.phase is not Phase.OPENING:
            return
        self._opening = None
        error = failure.value
        if not isinstance(error, SatError):
            self.session.log.warning("a way to %s was not found in time: %r", self.peer, error)
        self._fault = error if isinstance(error, SatError) else None
        self.phase = Phase.REPLACING
        negotiation.stop()
        if self.session.initiator:  # XEP-0260 §3: it offers another one
            self.session.spawn(self._replace())
        else:
            self._give_time()

    def _give_time(self) -> None:
        self.session.after(REPLACEMENT, self._give_up, key=("replacement", *self.key))

    def _give_up(self, error: SatError | None = None) -> None:
        if self.phase is Phase.REPLACING:
            reason = self._fault or error or NoWayToPeer(peer=self.peer, reason="it took too long")
            self.session.remove(self, Condition.FAILED_TRANSPORT, reason)

    async def _replace(self) -> None:
        """Offer the next way (transport-replace)."""
        self._ways = self._ways[1:]
        if not self._ways:
            self._give_up()
            return
        self._next = offered = self._ways[0].begin(self, None)
        self._give_time()
        await offered.prepared()
        if self._next is not offered or self.phase is not Phase.REPLACING:
            return
        try:
            await self.session.ask(Action.TRANSPORT_REPLACE, [self.part(offered.element())])
        except SatError as refusal:
            if self._next is offered and self.phase is Phase.REPLACING:
                self._give_up(refusal)

    def replaced(self, accepted: Element | None) -> None:
        """The peer has answered our transport-replace: its transport, or None where it does not want that."""
        offered = self._next
        if offered is None:
            raise LookupError
        if accepted is not None:
            offered.heard(accepted)
        self._next = None
        self.session.cancel(("replacement", *self.key))
        if accepted is None:
            offered.stop()
            self.session.spawn(self._replace())
        else:
            self._negotiation = offered
            self.open()

    @property
    def is_replacing(self) -> bool:
        """Whether we have offered another way, and have no answer yet."""
        return self._next is not None

    def replace(self, way: Way | None, transport: Element) -> None:
        """The peer offers another way (transport-replace), one of ours or none. Raises ``Refusal`` where what it says
        is nonsense."""
        if way is None or self.phase in (Phase.OPEN, Phase.GONE):
            self.session.later(lambda: self.session.say(Action.TRANSPORT_REJECT, [self.part(transport)]))
            return
        negotiation = way.begin(self, transport)
        self._stop()
        self._next = self._opening = self._fault = None
        self._negotiation = negotiation
        if self.phase is not Phase.OFFERED:
            self.phase = Phase.REPLACING
        self.session.cancel(("replacement", *self.key))
        self._give_time()
        self.session.later(lambda: self.session.spawn(self._accept_replacement(negotiation)))

    async def _accept_replacement(self, negotiation: Negotiation) -> None:
        await negotiation.prepared()
        if self._negotiation is not negotiation or self.phase is Phase.GONE:
            return
        try:
            await self.session.ask(Action.TRANSPORT_ACCEPT, [self.part(negotiation.element())])
        except SatError as error:
            self.session.remove(self, Condition.FAILED_TRANSPORT, error)
            return
        if self._negotiation is negotiation and self.phase is Phase.REPLACING:
            self.session.cancel(("replacement", *self.key))
            self.open()

    # -- the stream ----------------------------------------------------------------------------------------------

    def _has_ended(self, error: SatError | None) -> None:
        if self.phase is Phase.OPEN:
            self.session.stream_ended(self, error)

    # -- Channel -------------------------------------------------------------------------------------------------

    @property
    def peer(self) -> JID:
        """The other program."""
        return self.session.peer

    @property
    def ours(self) -> JID:
        """Our own full address in this session."""
        return self.session.ours

    @property
    def initiator(self) -> bool:
        """Whether this side has offered the session."""
        return self.session.initiator

    def say(self, transport: Element) -> Deferred[None]:
        """Send a transport-info."""
        return self.session.said(Action.TRANSPORT_INFO, [self.part(transport)])
