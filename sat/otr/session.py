"""An off-the-record conversation with one full address."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from sat.otr import text as texts
from sat.otr import wire
from sat.otr.outcomes import (
    Asked,
    Compared,
    Ended,
    Error,
    Outcome,
    Plain,
    Policy,
    Reason,
    Refusal,
    Result,
    Started,
    State,
    Text,
    Unencrypted,
    Unreadable,
)

if TYPE_CHECKING:
    from sat.otr.engine import Engine

MAX_SECRET = 1_000  # characters, of a secret to compare
MAX_ERROR = 1_000  # characters, of what the peer says has gone wrong
WAITING = 300.0  # seconds for which the peer may answer that we would like to begin
HEARTBEAT = 60.0  # seconds after which we send something when we only read
RATE, PER = 5, 60.0  # what the peer may make us do, in so many seconds
# libotr knows an error only with the space.
NOT_PRIVATE = "?OTR Error: You have sent an encrypted message, but this conversation is not encrypted here."
NOT_READABLE = "?OTR Error: You have sent an encrypted message that could not be read here."


class Trusts(Protocol):
    """Which keys of the peer our person has verified, kept for their bare address. Fingerprints as in ``keys``."""

    def is_verified(self, fingerprint: str) -> bool:
        """Whether this key is known to be the peer's."""

    def set_verified(self, fingerprint: str) -> None:
        """Keep that it is: both know the same secret."""


class OtrSession:
    """One conversation. Hold it for a full address, from the same sender only, and never feed it what came by a copy
    (carbons), from an archive or from a room: OTR version 2 knows no devices.

    ``key`` is what ``new_private_key`` made. ``send`` gets the bodies that the protocol sends by itself, in order,
    while a method runs; they are not to be archived or copied. ``clock`` gives seconds. Dropping a session leaves
    nothing behind. Errors: OtrMissing where potr is not installed, ValueError for something that is no key."""

    def __init__(
        self,
        key: bytes,
        trusts: Trusts,
        send: Callable[[str], None],
        policy: Policy = Policy.MANUAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from sat.otr import engine, keys

        self.policy = policy
        self.state = State.PLAIN
        self._engines = engine
        self._key = keys.read_private_key(key)
        self._trusts, self._send, self._clock = trusts, send, clock
        self._current: Engine | None = None  # whose keys are used, while encrypted
        # Whose keys are being exchanged: because we have begun, because they have. At times both, see _exchange.
        self._ours: Engine | None = None
        self._theirs: Engine | None = None
        self._fragments = wire.Assembler()
        self._waiting_until = 0.0
        self._last_sent = 0.0
        self._exchanges, self._errors, self._questions = (_Rate(clock) for _ in range(3))
        self.own_fingerprint = keys.fingerprint(self._key)

    @property
    def fingerprint(self) -> str:
        """That of the peer's key, while encrypted; else nothing."""
        return self._current.fingerprint if self._current else ""

    @property
    def is_starting(self) -> bool:
        """Whether we wait for the peer, who was asked to begin."""
        return self._clock() < self._waiting_until

    # -- what our person does -----------------------------------------------------------------------------------------

    def start(self) -> Refusal | None:
        """Ask the peer to begin, or say yes when they have asked. An encrypted conversation gets new keys."""
        if self.policy is Policy.NEVER:
            return Refusal.NEVER
        self._waiting_until = self._clock() + WAITING
        self._exchanges = _Rate(self._clock)  # what the peer tried before does not count
        self._send(wire.QUERY)
        return None

    def end(self) -> None:
        """End the encryption: the peer is told, the keys are forgotten, what follows is plain."""
        if self._current is not None:
            self._current.tell_ended()
        self._forget(State.PLAIN)

    def lose(self) -> None:
        """The peer is gone, and its keys with it: nothing is sent until somebody begins anew."""
        self._forget(State.FINISHED)

    def send(self, text: str) -> list[str] | Refusal:
        """A text as the bodies to send, in this order. It is never plain: what cannot be encrypted is refused."""
        if self._current is None:
            return self._not_encrypted()
        data = texts.clean(text).encode()
        try:
            bodies = wire.split(self._current.encrypt(data)) if data else []
        except ValueError:
            return Refusal.TOO_LONG
        self._last_sent = self._clock()
        return bodies

    def begin_comparing(self, secret: str, question: str = "") -> Refusal | None:
        """Compare a secret with the peer's, who is asked the question if there is one. It may take them any time; a
        ``Compared`` says how it ended."""
        if self._current is None:
            return self._not_encrypted()
        if len(secret) > MAX_SECRET or len(question) > self._engines.MAX_QUESTION:
            return Refusal.TOO_LONG
        self._current.compare(secret, texts.clean(question))
        return None

    def answer(self, secret: str) -> Refusal | None:
        """Answer the peer's question."""
        if self._current is None:
            return self._not_encrypted()
        if len(secret) > MAX_SECRET:
            return Refusal.TOO_LONG
        if not self._current.is_asked:
            return Refusal.NOT_ASKED
        self._current.answer(secret)
        return None

    def abort_comparing(self) -> None:
        """Do not compare, whoever has begun."""
        if self._current is not None:
            self._current.abort()

    def _not_encrypted(self) -> Refusal:
        return Refusal.FINISHED if self.state is State.FINISHED else Refusal.NOT_ENCRYPTED

    # -- what the peer does -------------------------------------------------------------------------------------------

    def receive(self, body: str, *, known: bool) -> list[Outcome]:
        """What a body was, in the order in which it is to be shown; nothing for what only the programs tell each other.
        ``known`` is whether the sender is a contact who may see that we are there: OTR is spoken with nobody else,
        unless our person has begun."""
        if self.state is State.PLAIN and not self.is_starting and (self.policy is Policy.NEVER or not known):
            return [Plain(body)]
        return self._read(wire.read(body))

    def _read(self, body: wire.Body) -> list[Outcome]:
        match body:
            case wire.Fragment():
                whole = self._fragments.add(body)
                if whole is None:
                    return []
                inner = wire.read(whole) if isinstance(whole, str) else whole
                return self._read(inner if isinstance(inner, wire.Encoded) else wire.Malformed())
            case wire.Plain():
                if body.offer and self.policy is Policy.ASKED and self.state is State.PLAIN:
                    self._answer_query()
                return [Plain(body.text) if self.state is State.PLAIN else Unencrypted(body.text)]
            case wire.Query():
                return self._query(body.usable)
            case wire.Error():
                return [Error(texts.readable(body.text[:MAX_ERROR].encode("utf-8", "replace")))]
            case wire.Encoded() if body.version == self._engines.VERSION:
                try:
                    message = self._engines.parse(body)
                except Exception:  # whatever potr trips over
                    return [Unreadable(Reason.MALFORMED)]
                return self._data(message) if self._engines.is_data(message) else self._exchange(message)
            case wire.Encoded():
                return [Unreadable(Reason.VERSION)]
            case _:
                return [Unreadable(Reason.MALFORMED)]

    def _query(self, usable: bool) -> list[Outcome]:
        if not usable:
            return [Unreadable(Reason.VERSION)]
        if not self._may_begin:
            return [Asked()] if self._exchanges.allows() else []
        self._answer_query()
        return []

    @property
    def _may_begin(self) -> bool:
        """Whether an exchange of keys may begin without asking our person again."""
        return self.policy is Policy.ASKED or self.is_starting or self.state is not State.PLAIN

    def _answer_query(self) -> None:
        if self._exchanges.allows():
            self._ours = self._new_engine()
            self._ours.begin()

    def _exchange(self, message: Any) -> list[Outcome]:
        if self._engines.is_commit(message):
            if not self._may_begin:
                return self._query(usable=True)
            # When both have begun at once, the smaller hash gives way. libotr 4.1.1 does so always, whatever it has: so
            # what we had begun is kept, and goes on if they do give way.
            if not self._exchanges.allows() or (self._ours and self._ours.outranks(message)):
                return []
            self._theirs = self._theirs or self._new_engine()
        engine = self._ours if self._engines.is_for_who_began(message) else self._theirs
        if engine is None:
            return []
        try:
            engine.exchange(message)
        except Exception:  # whatever potr trips over; the next message may be the right one
            return [Unreadable(Reason.EXCHANGE)]
        return self._started(engine) if engine.encrypted else []

    def _started(self, engine: Engine) -> list[Outcome]:
        before = self.fingerprint
        self._forget(State.ENCRYPTED)
        self._current = engine
        return [Started(engine.fingerprint, self._trusts.is_verified(engine.fingerprint), before)]

    def _data(self, message: Any) -> list[Outcome]:
        engine = self._current
        if engine is None:
            return self._unreadable(message, Reason.NOT_PRIVATE, NOT_PRIVATE)
        try:
            data, records = engine.decrypt(message)
        except Exception:  # whatever potr trips over
            return self._unreadable(message, Reason.UNREADABLE, NOT_READABLE)
        outcomes: list[Outcome] = []
        if data:
            outcomes.append(Text(texts.readable(data), engine.fingerprint))
            if self._clock() - self._last_sent > HEARTBEAT:
                engine.heartbeat()
        for kind, value in records:
            outcome = engine.record(kind, value, self._questions.allows)
            if outcome is None:
                continue
            outcomes.append(outcome)
            if isinstance(outcome, Ended):
                self._forget(State.FINISHED)
                break
            if isinstance(outcome, Compared) and outcome.result is Result.SAME:
                self._trusts.set_verified(outcome.fingerprint)
        return outcomes

    def _unreadable(self, message: Any, reason: Reason, error: str) -> list[Outcome]:
        if self._engines.may_be_lost(message):
            return []
        if self._errors.allows():
            self._send(error)
        return [Unreadable(reason)]

    def _new_engine(self) -> Engine:
        return self._engines.Engine(self._key, self._send_data)

    def _send_data(self, message: bytes) -> None:
        self._last_sent = self._clock()
        for body in wire.split(message.decode()):
            self._send(body)

    def _forget(self, state: State) -> None:
        """All keys are thrown away."""
        self.state = state
        self._current = self._ours = self._theirs = None
        self._waiting_until = 0.0
        self._fragments.clear()


class _Rate:
    """How often something may be done: ``RATE`` times in ``PER`` seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=RATE)

    def allows(self) -> bool:
        """Whether it may be done now; then it counts."""
        now = self._clock()
        if len(self._times) == RATE and now - self._times[0] < PER:
            return False
        self._times.append(now)
        return True
