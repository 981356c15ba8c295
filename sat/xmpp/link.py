"""One account's connection: online as long as it shall be, over as many streams as it takes."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, succeed

from sat.api import JID, SatError
from sat.api.errors import (
    AccountDisabled,
    AuthFailed,
    CertificateRefused,
    ConnectionLost,
    EncryptionMissing,
    InternalError,
    NoCommonMechanism,
    NotConnected,
    OfferTampered,
    ProtocolViolation,
    ServerError,
    ServerNotFound,
    ServerNotProven,
    SessionReplaced,
    StepUnknown,
    WeakerThanBefore,
)
from sat.api.profile import Account, Connection, ConnectionState
from sat.xmpp.connect import Discover, connected, new_stream, reach
from sat.xmpp.inline import Told
from sat.xmpp.login import SecurityMemory, Wishes, has_logged_in, log_in
from sat.xmpp.opening import Opening
from sat.xmpp.phases import machine
from sat.xmpp.resolve import Dns, Lookup, Target, located
from sat.xmpp.saved import read_saved
from sat.xmpp.session import Listener, Session
from sat.xmpp.stream import Stream
from sat.xmpp.xml import Element

__all__ = ["Link", "Listener", "SecurityMemory"]

_SESSION = "session"  # what the memory calls it

STABLE = 60.0  # seconds online, after which pauses begin at their shortest again
STABLE_IF_LOST = 10.0  # the same, where the server did not send us away: it restarts, or the network broke
LONGEST = 60.0  # seconds of a pause
SLOWEST = 600.0  # the same, where something looks like an attack or a captive portal

# Only a person can mend these; trying again would lock the account or fight another program for it.
_FINAL = (AuthFailed, AccountDisabled, NoCommonMechanism, ServerNotProven, SessionReplaced, StepUnknown)
_SLOW = (CertificateRefused, EncryptionMissing, OfferTampered, WeakerThanBefore)


class Link:
    """The connection of one account.

    ``password`` is asked for at each log-in; what it raises ends the attempts. ``listener`` hears everything, in the
    reactor's thread. ``memory`` keeps the strongest mechanism used, ``secrets`` the server's token that stands for the
    password, if they are given. ``log`` has the profile in its lines. ``suggest``
    says which server may be meant by a domain that has none, as a sentence, or nothing.
    """

    def __init__(
        self,
        account: Account,
        password: Callable[[], str],
        listener: Listener,
        reactor: Any,
        memory: SecurityMemory,
        log: logging.LoggerAdapter[Any] | logging.Logger | None = None,
        lookup: Lookup | None = None,
        profile: str = "",
        suggest: Callable[[str], str] = lambda domain: "",
        secrets: SecurityMemory | None = None,
        discover: Discover | None = None,
    ) -> None:
        self.account, self.listener, self.reactor = account, listener, reactor
        self._password, self._memory = password, memory
        self.log = log or logging.getLogger(__name__)
        self._profile, self._suggest = profile or account.jid, suggest
        self._secrets = _Nothing() if secrets is None else secrets
        self._lookup, self._discover = lookup or Dns(reactor), discover
        self._phases = machine(self)
        self.connection = Connection()
        self._session: Session | None = None
        self._left: list[str] = []  # by sessions that are over, for the next
        self._stream: Stream | None = None
        self._attempt: Deferred[None] | None = None
        self._waiters: list[Deferred[None]] = []
        self._error: SatError = ConnectionLost(server=account.jid.domain)
        self._security = ""
        self._target: Target | None = None  # where we came in last
        self._resumed = False
        self._told = Told()
        self._tries = 0
        self._online_since: float | None = None
        self._pause: Any = None
        self._closing: Deferred[None] = succeed(None)

    # -- what the core calls -------------------------------------------------------------------------------------

    @property
    def online(self) -> bool:
        """Whether there is a live session."""
        return self.connection.state is ConnectionState.ONLINE

    @property
    def resumable(self) -> bool:
        """Whether there is a session that can go on over another stream, as far as we know."""
        return self._session is not None and self._session.resumable

    @property
    def jid(self) -> JID:
        """Our full address, or the bare one when there is no session."""
        return self._session.jid if self._session else self.account.jid

    def connect(self) -> Deferred[None]:
        """Be online from now on. Fires when it is, or fails with the error of the first attempt; what can pass by
        itself is tried again all the same."""
        made: Deferred[None] = Deferred()
        if self.online:
            made.callback(None)
        else:
            self._waiters.append(made)
            self._phases.connect()
        return made

    def disconnect(self) -> Deferred[None]:
        """Be offline from now on; fires when the stream is closed, within 3 seconds."""
        self._phases.disconnect()
        return self._closing

    def send(self, element: Element, token: Hashable | None = None) -> bool:
        """Send a stanza now, or as soon as the session is resumed. False where there is no session to carry it.
        With a token, the listener hears when the server has it."""
        return self._session is not None and self._session.send(element, token)

    async def ask(self, iq: Element, timeout: float = 30.0) -> Element:
        """Send a question and wait for its answer, believed from whom it was sent to only.
        Errors: PeerError, RequestTimeout (``timeout`` is in seconds), NotConnected."""
        session = self._session
        if session is None or session.over:
            raise NotConnected(profile=self._profile)
        answer = session.requests.add(iq, timeout)
        if not session.send(iq):
            answer.addErrback(lambda _: None)
            answer.cancel()
            raise NotConnected(profile=self._profile)
        return await answer

    def indicate(self, element: Element) -> None:
        """Send what is no stanza: it counts nowhere, and is lost with the stream."""
        if self._session is not None and self._session.stream is not None:
            self._session.stream.send(element)

    def nudge(self) -> None:
        """The network may have changed: try at once, or see whether the stream is alive."""
        self._phases.nudge()

    # -- what the states do (see phases.py) ----------------------------------------------------------------------

    def begin(self) -> None:
        """Start an attempt."""
        self._cancel_pause()
        self._change(ConnectionState.CONNECTING, error=self._error if self._tries else None)
        self._attempt = Deferred.fromCoroutine(self._try())
        self._attempt.addErrback(lambda failure: None)  # it tells its errors itself

    def greet(self) -> None:
        """There is a session."""
        assert self._session is not None
        self._online_since = self.reactor.seconds()
        self._change(ConnectionState.ONLINE)
        try:
            self.listener.link_online(self._session.jid, self._resumed, self._told)
        except Exception:  # promise P4
            self.log.exception("could not start the session")
        if self._session:
            left, self._left = self._left, []
            self._session.inherit(left)
        self._tell_waiters(None)

    def pause(self) -> None:
        """Wait for the next attempt: 1, 2, 4 … 60 s, each ± 20 %."""
        lost = isinstance(self._error, ConnectionLost) or self._error.details.get("condition") == "system-shutdown"
        stable = STABLE if not lost else STABLE_IF_LOST
        if self._online_since is not None and self.reactor.seconds() - self._online_since >= stable:
            self._tries = 0
        self._online_since = None
        slow = isinstance(self._error, _SLOW)
        delay = min(SLOWEST, 30 * 2.0**self._tries) if slow else min(LONGEST, 2.0**self._tries)
        delay *= random.uniform(0.8, 1.2)  # noqa: S311 - jitter, no secret
        self._tries = min(self._tries + 1, 10)
        self.log.info("%s Trying again in %.0f s.", self._error, delay)
        self._pause = self.reactor.callLater(delay, self._phases.due)
        self._change(ConnectionState.WAITING, error=self._error, retry_in=delay)
        self._tell_waiters(self._error)

    def halt(self) -> None:
        """Stay offline, and say why."""
        self._end_session()
        self._online_since, self._tries = None, 0
        self.log.warning("%s", self._error)
        self._change(ConnectionState.OFFLINE, error=self._error)
        self._tell_waiters(self._error)

    def stop(self) -> None:
        """Go offline because we are asked to."""
        self._cancel_pause()
        attempt, self._attempt = self._attempt, None
        stream, self._stream = self._stream, None
        if attempt:
            attempt.cancel()
        if stream:
            stream.on_lost = None
            if self._session and self._session.stream is stream:
                self._session.farewell()
            self._closing = stream.close()
        self._end_session()
        self._left.clear()  # what a person wanted then need not be what they want when they come back
        self._online_since, self._tries = None, 0
        self._change(ConnectionState.OFFLINE)
        self._tell_waiters(NotConnected(profile=self._profile))

    def check(self) -> None:
        """Ask for a sign of life."""
        if self._session:
            self._session.probe(10.0)

    # -- an attempt ----------------------------------------------------------------------------------------------

    async def _try(self) -> None:
        try:
            await reach(self.account, self._lookup, self.reactor, self._try_at, self._discover, self._preferred())
        except CancelledError:
            return  # by stop()
        except SatError as error:
            self._attempt = None
            self._fail(error)
        except Exception:
            self.log.exception("the attempt to connect failed unexpectedly")
            self._attempt = None
            self._fail(InternalError(reference="connection"))

    def _preferred(self) -> Target | None:
        """Where the server keeps the session that can go on (XEP-0198 §5); who may be there is checked as anywhere."""
        session = self._session
        if session is None or self._target is None or not session.resumable:
            return None
        return located(session.location, self._target)

    async def _try_at(self, target: Target) -> None:
        stream = self._stream = new_stream(target, self.account, self.reactor, self.log)
        try:
            async with connected(stream, target, self.reactor):
                old = self._session or self._revive()
                opening = Opening(self.account, old, self._told, self._end_session, self._new_session)
                wishes = Wishes(opening.wishes, self._secrets)
                proof = await log_in(stream, self.account, self._password, self._memory, wishes)
                self._session = old
                self._session, self._resumed, self._told = await opening.open(stream, proof)
        except BaseException:  # a cancellation, too
            if self._stream is stream:
                self._stream = None
            if stream.transport is not None:
                stream.close()
            raise
        self._attempt, self._target = None, target
        stream.on_lost = self._lost
        self._security = _security(stream, proof.mechanism)
        if stream.lost:  # the listener never heard of it
            raise stream.lost
        self._phases.established()

    def _new_session(self, jid: JID) -> Session:
        return Session(jid, *self._parts())

    def _parts(self) -> tuple[Any, ...]:
        return self.listener, self.reactor, self.log, partial(self._memory.set, _SESSION)

    def _revive(self) -> Session | None:
        """The session of an earlier run that did not come to its end, if there is one."""
        saved = read_saved(self._memory.get(_SESSION))
        if saved is None or saved.jid.bare != self.account.jid.bare:
            return None
        return Session.revived(saved, *self._parts())

    # -- the end of a stream -------------------------------------------------------------------------------------

    def _lost(self, error: SatError) -> None:
        self._stream = None
        session = self._session
        if session:
            # A stream that was closed by </stream:stream> cannot be resumed (XEP-0198 §5), one that was cut can.
            if session.resumable and not isinstance(error, SessionReplaced):
                session.detach()
            else:
                self._end_session()
        self._fail(error)

    def _fail(self, error: SatError) -> None:
        complete(error, self._profile, self._memory, self._suggest)
        self._error = error
        if isinstance(error, ProtocolViolation):
            # Resuming would bring the same stanza, or the same wrong answer, again and again.
            self._end_session()
        if isinstance(error, _FINAL) or not isinstance(error, (ServerError, InternalError)):
            self._phases.refused()
        else:
            self._phases.interrupted()

    def _end_session(self) -> None:
        session, self._session = self._session, None
        if session:
            self._left += session.left
            session.end(NotConnected(profile=self._profile))

    def _cancel_pause(self) -> None:
        pause, self._pause = self._pause, None
        if pause is not None and pause.active():
            pause.cancel()

    def _change(self, state: ConnectionState, error: SatError | None = None, retry_in: float = 0.0) -> None:
        online = state is ConnectionState.ONLINE
        self.connection = Connection(
            state,
            self.jid if online else JID(""),
            type(error).__name__ if error else "",
            error.details if error else {},
            retry_in,
            self._security if online else "",
        )
        try:
            self.listener.link_changed(self.connection)
        except Exception:  # promise P4
            self.log.exception("could not tell that the connection changed")

    def _tell_waiters(self, error: SatError | None) -> None:
        waiters, self._waiters = self._waiters, []
        for each in waiters:
            if each.called:
                continue
            if error:
                each.errback(error)
            else:
                each.callback(None)


class _Nothing:
    """No secrets are kept: each log-in is by the password."""

    def get(self, key: str) -> str:
        """Nothing."""
        return ""

    def set(self, key: str, value: str) -> None:
        """Forget it."""


def complete(error: SatError, profile: str, memory: SecurityMemory, suggest: Callable[[str], str]) -> None:
    """Put into an error what only who knows the profile can say: its name, and which server may be meant."""
    if isinstance(error, WeakerThanBefore):
        error.details["profile"] = profile
    elif isinstance(error, ServerNotFound) and not has_logged_in(memory):  # else it is rather the network
        error.details["suggestion"] = suggest(error.details["server"])


def _security(stream: Stream, mechanism: str) -> str:
    """How the connection is protected, for people."""
    if not stream.encrypted:
        return f"Not encrypted (this machine only); logged in with {mechanism}"
    connection = stream.transport.getHandle()
    version = str(connection.get_protocol_version_name()).replace("TLSv", "TLS ")
    pinned = ", with the certificate that you trust" if stream.creator and stream.creator.verdict.pinned else ""
    inside = ", in a WebSocket" if stream.framed else ""
    return f"{version} ({connection.get_cipher_name()}){pinned}{inside}; logged in with {mechanism}"
