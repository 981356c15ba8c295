"""A session: what lasts from binding an address until it can no longer be resumed (XEP-0198), over several streams."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Protocol

from twisted.internet.defer import Deferred

from sat.api import JID, SatError
from sat.api.errors import ConnectionLost, PeerError, ProtocolViolation
from sat.api.profile import Connection
from sat.xmpp import traffic, xml
from sat.xmpp.acks import NS_SM, WRAP, HandledTooHigh, Incoming, Outgoing, read_h
from sat.xmpp.inline import Told
from sat.xmpp.requests import Requests
from sat.xmpp.saved import Saved
from sat.xmpp.stanzas import Iq, stanza_of
from sat.xmpp.stream import Stream
from sat.xmpp.xml import NS_CLIENT, Element

NS_PING = "urn:xmpp:ping"
QUIET = 0.2  # seconds without sending, after which an acknowledgement is asked for
BATCH = 20  # stanzas after which it is asked for at the latest
IDLE = 60.0  # seconds without a sign of life
ANSWER = 29.0  # seconds to wait for one: a dead connection is found within 30 s of sending (promise R2)
UNACKNOWLEDGED = 50_000  # stanzas
UNCOMMITTED = 2_000  # incoming stanzas that are not done: then the server has to wait
HEAVIEST = 16 * 1024 * 1024  # bytes of memory that they may take
KEPT = 600.0  # seconds that a server keeps a session, where it does not say
SUBSCRIPTION = ("subscribe", "subscribed", "unsubscribe", "unsubscribed")  # kinds of presence (RFC 6121 §3)
RARER = 0.01  # seconds for each hundred stanzas in flight: what is long is written down more seldom
REDELIVER = 30.0  # seconds after which what could not be stored is asked for again, by resuming


class Listener(Protocol):
    """Who is told what happens on a link: the core."""

    def link_online(self, jid: JID, resumed: bool, told: Told) -> None:
        """There is a session. With ``resumed`` nothing was lost; else everything begins anew. ``told`` is what the
        server says about it."""

    def link_changed(self, connection: Connection) -> None:
        """The link is in another state."""

    def link_stanza(self, element: Element) -> Deferred[None] | None:
        """A stanza came, with valid addresses. It counts as handled when the Deferred fires, or now with None. Where it
        fails, the stanza is not acknowledged, and the server sends it again later."""

    def link_acknowledged(self, tokens: list[Hashable]) -> None:
        """The server has the stanzas that were sent with these tokens, in their order."""


class Session:
    """One session at ``jid``. A stream is attached to it, or it waits to be resumed."""

    def __init__(
        self,
        jid: JID,
        listener: Listener,
        reactor: Any,
        log: Any,
        save: Callable[[str], Deferred[None] | None] = lambda text: None,
    ) -> None:
        self.jid, self.listener, self.reactor, self.log = jid, listener, reactor, log
        self._save = save  # writes down a ``Saved``, or nothing when the session is over
        self._saving = self._unsaved = False  # it is being written down, and what has changed since is afterwards
        self.requests = Requests(reactor, jid)
        self.stream: Stream | None = None
        self.managed = False  # XEP-0198 is enabled
        self.resume_id = self.location = ""  # what it is called, and where the server would have us come back
        self.longest_away = KEPT
        self.resume_until: float | None = None
        self.outgoing = Outgoing()
        self.incoming = Incoming()
        self.over = False
        self.saved: Saved | None = None  # what is to be settled, when this was revived
        self._asked_at: int | None = None  # how many were sent when we last asked, None: not asked
        self._unasked = 0
        self._weight = 0  # bytes that the incoming stanzas take that are not done
        self._owes = False  # the server asked for an acknowledgement that did not count all
        self._paused = False
        self._timers: dict[str, Any] = {}

    # -- streams -------------------------------------------------------------------------------------------------

    def attach(self, stream: Stream) -> None:
        """Go on over this stream."""
        self.stream = stream
        self._asked_at = None
        self._paused = False
        self._after("idle", IDLE, self._idle)
        stream.read(self._received)

    @classmethod
    def revived(cls, saved: Saved, *parts: Any) -> Session:
        """The session of a daemon that was killed: it can be resumed, to be settled."""
        session = cls(saved.jid, *parts)
        session.managed, session.resume_id = True, saved.resume_id
        session.incoming = Incoming(saved.handled)
        session.saved = saved
        return session

    def received_early(self, element: Element) -> None:
        """A stanza that came before XEP-0198 was enabled, so it does not count."""
        self._received(element)
        self.incoming = Incoming()

    def detach(self) -> None:
        """The stream is gone; the session may be resumed for a while."""
        self.stream = None
        self._owes = False
        self._stop_timers()
        self._write_down()
        self.resume_until = self.reactor.seconds() + self.longest_away

    @property
    def resumable(self) -> bool:
        """Whether it can go on over another stream, as far as we know."""
        return (
            bool(self.resume_id)
            and not self.over
            and (self.resume_until is None or self.reactor.seconds() < self.resume_until)
        )

    def resume(self, stream: Stream, h: int) -> None:
        """The server goes on with this session: what it has not got is sent again, once and in order."""
        self.arrived(h)
        self.resume_until = None
        self.attach(stream)
        if self.outgoing.waiting:
            self.log.debug("%d stanzas are sent again", len(self.outgoing.waiting))
            for sent in self.outgoing.waiting:
                stream.write(sent.text)
            self._ask_acknowledgement()

    def arrived(self, h: int) -> None:
        """The server had handled that many of ours when the last stream broke. Errors: HandledTooHigh."""
        if self.saved is None:
            self.acknowledged(h)
            return
        tokens = self.saved.settle(h)
        self.saved, self.outgoing = None, Outgoing(h)  # what had not arrived, the core sends again
        if tokens:
            self.listener.link_acknowledged(tokens)

    def end(self, error: SatError) -> None:
        """It is over: who waits for an answer is told."""
        self.over = True
        self.stream = None
        self._stop_timers()
        self._save("")
        self.requests.fail(error)

    @property
    def left(self) -> list[str]:
        """What the server has not acknowledged and a new session has to send, as XML.

        That is what was said of subscriptions: it was told to have succeeded, and nobody else would say it again.
        Messages the core has stored and sends itself; who waits for the answer to an IQ is told an error, and would
        be surprised if it were carried out later all the same; other presences each session tells anew.
        """
        return [sent.text for sent in self.outgoing.waiting if sent.lasting]

    def inherit(self, left: list[str]) -> None:
        """Send what the session before this one has left."""
        for text in left:
            self._write(text, lasting=True)

    # -- sending -------------------------------------------------------------------------------------------------

    def send(self, element: Element, token: Hashable | None = None) -> bool:
        """Send a stanza, or keep it for the resumption. False where neither is possible."""
        if self.over or self.saved is not None or (self.stream is None and not self.resumable):
            return False
        if self.stream:
            traffic.sent(self.log, element)
        attributes = element.attributes
        lasting = element.name == "presence" and "to" in attributes and attributes.get("type") in SUBSCRIPTION
        return self._write(xml.to_text(element), token, lasting)

    def _write(self, text: str, token: Hashable | None = None, lasting: bool = False) -> bool:
        tracked = self.managed or token is not None
        if tracked:
            if len(self.outgoing.waiting) >= UNACKNOWLEDGED:
                if self.stream:
                    self.stream.abort(ConnectionLost(server=self.jid.domain))
                return False
            self.outgoing.sent(text, token, lasting)
            self._changed()
        if self.stream:
            self.stream.write(text)
            if tracked:
                self._unasked += 1
                if self._unasked == BATCH and self._asked_at is None:
                    self._ask_acknowledgement()
                elif self._unasked == 1:
                    self._after("quiet", QUIET, self._quiet)
        return True

    def _quiet(self) -> None:
        if self._unasked and self._asked_at is None:
            self._ask_acknowledgement()

    def _ask_acknowledgement(self) -> None:
        if self.stream is None:
            return
        self._unasked = 0
        self._asked_at = len(self.outgoing.waiting)
        self._after("answer", ANSWER, self._silent)
        if self.managed:
            self.stream.send(xml.element("r", NS_SM))
        else:
            # Without XEP-0198: what was sent before a question that is answered has arrived at the server, which
            # handles the stanzas of a client in their order (RFC 6120 §10.1).
            self._ping(self._asked_at)

    def _ping(self, sent_before: int) -> None:
        iq = Iq.get(JID(self.jid.domain))
        iq.add("ping", NS_PING)
        answer = self.requests.add(iq.element, ANSWER + 5)

        def answered(_: object) -> None:
            self.acknowledged((self.outgoing.handled + sent_before) % WRAP)

        def refused(failure: Any) -> None:
            if failure.check(PeerError):  # an error is an answer, too
                answered(None)

        answer.addCallbacks(answered, refused)
        if self.stream:
            self.stream.send(iq.element)

    def acknowledged(self, h: int) -> None:
        """The server has handled that many of ours."""
        tokens = self.outgoing.acknowledged(h)
        self._changed()
        self._asked_at = None
        self._cancel("answer")
        if self._unasked:
            self._after("quiet", QUIET, self._quiet)
        if tokens:
            self.listener.link_acknowledged(tokens)

    # -- receiving -----------------------------------------------------------------------------------------------

    def _received(self, element: Element) -> None:
        if self.over:
            return  # what comes while the stream is being closed does not count, and comes again
        if element.uri == NS_CLIENT:
            self._stanza(element)
        elif element.uri == NS_SM and self.managed:
            self._management(element)
        else:
            self.log.debug("ignored an element {%s}%s", element.uri[:100], element.name[:100])

    def _stanza(self, element: Element) -> None:
        stanza = stanza_of(element)
        if stanza is None:
            self.log.warning("dropped <%s/>: it is no stanza, or an address in it is not valid", element.name[:40])
        elif element.name == "iq" and element.attributes.get("type") in ("result", "error"):
            if not self.requests.answered(element):
                self.log.info(
                    "dropped an answer that nobody asked %s for", element.attributes.get("from", "the server")
                )
        else:
            handled: Deferred[None] | None
            try:
                handled = self.listener.link_stanza(element)
            except Exception:  # promise P4; what cannot be handled now cannot be handled later either
                self.log.exception("a stanza could not be handled")
                handled = None
            if handled is not None:
                self._wait_for(handled)
                return
        self.incoming.handled_now()
        self._changed()

    def _wait_for(self, handled: Deferred[None]) -> None:
        ticket = self.incoming.came()
        weight = self.stream.weight if self.stream else 0
        self._weight += weight
        if (len(self.incoming) > UNCOMMITTED or self._weight > HEAVIEST) and self.stream and not self._paused:
            self._paused = True
            self.stream.pause(True)

        def done(_: object) -> None:
            self.incoming.done(ticket)
            self._changed()
            self._weight -= weight
            left = len(self.incoming)
            if self._paused and left < UNCOMMITTED // 2 and self._weight < HEAVIEST // 2 and self.stream:
                self._paused = False
                self.stream.pause(False)
            if self._owes and not left:
                self._acknowledge()

        def failed(failure: Any) -> None:
            self._weight -= weight
            self.log.error("a stanza was not taken, so the server keeps it: %s", failure.getErrorMessage())
            if self.managed and "redeliver" not in self._timers:
                self._after("redeliver", REDELIVER, self._drop)

        handled.addCallbacks(done, failed)

    def _management(self, element: Element) -> None:
        if element.name == "r":
            self._acknowledge()
        elif element.name == "a":
            h = read_h(element)
            try:
                if h is None:
                    raise HandledTooHigh(h)
                self.acknowledged(h)
            except HandledTooHigh:
                if self.stream:
                    reason = "it acknowledges what was never sent"
                    self.stream.fail(ProtocolViolation(server=self.jid.domain, reason=reason))

    def _acknowledge(self) -> None:
        self._owes = len(self.incoming) > 0
        if self.stream:
            self.stream.send(xml.element("a", NS_SM, h=self.incoming.handled))

    def farewell(self) -> None:
        """Before the stream is closed: say what has arrived (promise R21)."""
        if self.managed:
            self._acknowledge()

    # -- for the next run ----------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self._unsaved = True
        if self.resume_id and not self._saving and "save" not in self._timers:
            self._after("save", RARER * (len(self.outgoing.waiting) // 100), self._write_down)

    def _write_down(self) -> None:
        if not self.over and self.saved is None:
            self._unsaved = False
            tokens = [str(each.token or "") for each in self.outgoing.waiting]
            saved = Saved(self.jid, self.resume_id, self.incoming.handled, self.outgoing.handled, tokens)
            saving = self._save(saved.to_text())
            if saving is not None:
                self._saving = True
                saving.addCallback(self._written_down)

    def _written_down(self, _: object) -> None:
        self._saving = False
        if self._unsaved and not self.over:
            self._changed()

    # -- sign of life --------------------------------------------------------------------------------------------

    def probe(self, wait: float = ANSWER) -> None:
        """Ask for a sign of life; without one the stream is given up."""
        if self.stream is None:
            return
        if self._asked_at is None:
            self._ask_acknowledgement()
        self._after("answer", wait, self._silent)

    def _idle(self) -> None:
        if self.stream is None:
            return
        left = self.stream.heard_at + IDLE - self.reactor.seconds()
        if left <= 0:
            self.probe()
            left = IDLE
        self._after("idle", left, self._idle)

    def _silent(self) -> None:
        if self.stream is None:
            return
        left = self.stream.heard_at + ANSWER - self.reactor.seconds()
        if left > 0 and self._asked_at is not None:  # it is alive, only busy
            self._after("answer", left, self._silent)
        elif self._asked_at is not None:
            self._drop()

    def _drop(self) -> None:
        if self.stream:
            self.stream.abort(ConnectionLost(server=self.jid.domain))

    def _after(self, name: str, seconds: float, call: Any) -> None:
        self._cancel(name)

        def fire() -> None:
            self._timers.pop(name, None)
            call()

        self._timers[name] = self.reactor.callLater(seconds, fire)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None and timer.active():
            timer.cancel()

    def _stop_timers(self) -> None:
        for name in list(self._timers):
            self._cancel(name)
