"""The way of a message through the plugins, in named stages.

An arriving message goes UNWRAP → PLACE → DECRYPT → CORRECT → ARCHIVE, is committed to the database, and only then
ANNOUNCE, unless an archive tells it: that is no news. A departing one, stored before, goes CORRECT → DECRYPT (here:
encrypt) → PLACE → UNWRAP. One plugin's fault is logged and never another's (P4); a handler that takes more than a
second is named in the log.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from enum import IntEnum
from inspect import isawaitable
from time import perf_counter
from typing import Any, Generic, NamedTuple, TypeVar

from twisted.internet.defer import Deferred, TimeoutError, succeed
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.messages import IN_CLEAR, PLAIN, Attachment
from sat.api.values import ANYBODY
from sat.core.tasks import Log, in_time, watch
from sat.storage.rows import Missed
from sat.xmpp.stanzas import Message

T = TypeVar("T")
PATIENCE = 30.0  # seconds that one message may wait for one plugin; those behind it wait too


class Stage(IntEnum):
    """Where in the way a handler stands."""

    UNWRAP = 10
    PLACE = 15
    DECRYPT = 20
    CORRECT = 30
    ARCHIVE = 40
    ANNOUNCE = 50


class Answered(NamedTuple):
    """The message that another one answers: who wrote it, its id on the wire, how it begins (XEP-0461)."""

    author: JID
    wire_id: str
    quote: str


class InRoom(NamedTuple):
    """What a room tells of a message in it: whether the ids are true that it gives to messages (XEP-0359), and how it
    knows the author (XEP-0421). ``mention``: the text holds our nick. ``author`` is who they are, where the room
    tells it."""

    trusted: bool = False
    occupant: str = ""
    mention: bool = False
    author: JID = ANYBODY


class Arrival:
    """A message that came in, and what the stages found out about it.

    ``message`` may be replaced by what was wrapped in it (a carbon) or encrypted. ``peer`` is the conversation;
    ``outgoing``: one of our programs wrote it. ``time`` is when it was written, None for now.
    ``old``: looked up in the archive, nothing new to the reader; ``below``, ``missed``: where it lies in the
    conversation (see ``NewMessage``). ``answers``: the message it is an answer to; ``markable``: its sender wants to
    know when it was read. ``attachments`` are files that come with it. ``room`` is set for what is written to a room
    that we are in. ``extra`` is what of what goes with the text had to be known early. ``encrypted`` is how it came;
    ``unreadable`` a sentence that says why it cannot be decrypted; ``copy``: nor needs it be, it is known by its ids.
    ``id`` is how the history calls it once it is stored; ``again``: so it calls it already, without a text, because it
    could not be decrypted before. ``stored`` fires when it is committed; ``storing`` are writes that follow what it
    says, and belong to it: keys that have been used up are gone for good.
    """

    __slots__ = (
        "again", "answers", "archive_id", "archived", "attachments", "below", "carbon", "copy", "encrypted", "extra",
        "id", "markable", "message", "missed", "old", "outgoing", "peer", "room", "sender", "stopped", "stored",
        "storing", "time", "unreadable",
    )  # fmt: skip

    def __init__(self, message: Message, sender: JID) -> None:
        self.message = message
        self.sender = sender
        self.peer = sender.bare
        self.outgoing = False
        self.carbon = False
        self.archived = False
        self.old = False
        self.missed = Missed.NOT
        self.below = 0
        self.time: float | None = None
        self.archive_id = ""
        self.answers: Answered | None = None
        self.attachments: list[Attachment] = []
        self.markable = False
        self.room: InRoom | None = None
        self.encrypted = IN_CLEAR
        self.unreadable = ""
        self.copy = False
        self.id = ""
        self.again = ""
        self.extra = PLAIN
        self.stopped = False
        self.stored: Deferred[Any] | None = None
        self.storing: list[Callable[[], Deferred[Any]]] = []

    def stop(self) -> None:
        """No later stage sees it."""
        self.stopped = True

    def wait_for(self, written: Deferred[Any]) -> None:
        """It is stored when that is, too."""
        self.stored = written if self.stored is None else self.stored.addCallback(lambda _: written)


class Departure:
    """A stored message about to leave; perhaps it answers another one, or files come with it. ``method`` is how it is
    to be encrypted: who does that leaves ``work`` behind, which is waited for and fails with why it cannot be done. An
    ``aside`` is no text of its own (a reaction): it leaves as it is where the other side reads only texts encrypted."""

    __slots__ = ("answers", "aside", "attachments", "id", "message", "method", "peer", "work")

    def __init__(
        self,
        message: Message,
        peer: JID,
        id: str,
        answers: Answered | None = None,
        attachments: Sequence[Attachment] = (),
        method: str = "",
        aside: bool = False,
    ) -> None:
        self.message, self.peer, self.id = message, peer, id
        self.answers, self.attachments, self.method, self.aside = answers, attachments, method, aside
        self.work: Coroutine[Any, Any, None] | None = None


class Handler(NamedTuple):
    """A function of a plugin. A handler of messages may want only those that hold an element of a namespace."""

    stage: int
    function: Callable[[Any], object]
    owner: str
    namespace: str = ""


class Handlers(Generic[T]):
    """Functions called in order of their stage, then of their registration."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._handlers: list[Handler] = []

    def __iter__(self) -> Iterator[Handler]:
        """Those that are registered now."""
        return iter(self._handlers)

    def add(
        self, function: Callable[[T], object], owner: str, stage: int = 0, namespace: str = ""
    ) -> Callable[[], None]:
        """Register; returns the undo."""
        handler = Handler(stage, function, owner, namespace)
        self._handlers = sorted([*self._handlers, handler], key=lambda each: each.stage)

        def remove() -> None:
            self._handlers = [each for each in self._handlers if each is not handler]

        return remove

    def call(self, value: T) -> None:
        """Call everybody that is there; for handlers that return nothing."""
        started = perf_counter()
        for _, function, owner, _ in self._handlers:
            try:
                function(value)
            except Exception:
                self._log.exception("the plugin %s failed", owner)
            started = watch(self._log, owner, started)


class Pipeline:
    """Runs arrivals through the handlers, in order. Synchronous unless a handler is not."""

    def __init__(self, log: Log, clock: Any) -> None:  # IReactorTime
        self._log, self._clock = log, clock
        self._arriving: Handlers[Arrival] = Handlers(log)  # until the commit
        self._announcing: Handlers[Arrival] = Handlers(log)  # after it
        self._waiting: deque[tuple[Arrival, Deferred[None]]] = deque()
        self._busy = False

    def add(
        self, function: Callable[[Arrival], object], owner: str, stage: Stage, namespace: str = ""
    ) -> Callable[[], None]:
        """Register a handler; returns the undo."""
        handlers = self._announcing if stage is Stage.ANNOUNCE else self._arriving
        return handlers.add(function, owner, stage, namespace)

    def accept(self, arrival: Arrival) -> Deferred[None] | None:
        """Take a message in; it is unwrapped and placed when it comes ``again``. None: it is done; else what fires when
        it is committed."""
        if self._busy:
            done: Deferred[None] = Deferred()
            self._waiting.append((arrival, done))
            return done
        handlers: Iterable[Handler] = self._arriving
        if arrival.again:
            handlers = [each for each in handlers if each.stage >= Stage.DECRYPT]
        work = self._call(arrival, iter(handlers))
        if work is None:
            return self._commit(arrival)
        self._busy = True  # somebody has to wait (decryption): those behind keep their order
        finished: Deferred[None] = Deferred()
        Deferred.fromCoroutine(work).addBoth(lambda _: self._resume(arrival, finished))
        return finished

    def _call(self, arrival: Arrival, handlers: Iterator[Handler]) -> Coroutine[Any, Any, None] | None:
        """Call handlers until one returns an awaitable; then a coroutine that does the rest."""
        message: Message | None = None  # whose namespaces are known
        namespaces: set[str | None] = set()
        started = perf_counter()
        for _, function, owner, namespace in handlers:
            if arrival.stopped:
                return None
            if namespace:
                if arrival.message is not message:
                    message, namespaces = arrival.message, arrival.message.namespaces
                if namespace not in namespaces:
                    continue
            result = None
            try:
                result = function(arrival)
            except Exception:
                self._log.exception("the plugin %s failed on a message from %s", owner, arrival.sender)
            started = watch(self._log, owner, started)
            if result is not None and isawaitable(result):
                return self._wait(arrival, result, owner, handlers)
        return None

    async def _wait(self, arrival: Arrival, result: Any, owner: str, handlers: Iterator[Handler]) -> None:
        try:
            await in_time(result, PATIENCE, self._clock)
        except TimeoutError:
            self._log.error("the plugin %s is not waited for any longer", owner)
        except Exception:
            self._log.exception("the plugin %s failed on a message from %s", owner, arrival.sender)
        rest = self._call(arrival, handlers)
        if rest is not None:
            await rest

    def _resume(self, arrival: Arrival, finished: Deferred[None]) -> None:
        self._busy = False
        _chain(self._commit(arrival), finished)
        while self._waiting and not self._busy:
            waiting, finished = self._waiting.popleft()
            _chain(self.accept(waiting), finished)

    def _commit(self, arrival: Arrival) -> Deferred[None] | None:
        if arrival.stored is None and arrival.storing:
            arrival.stored = succeed(None)
        if arrival.stopped and arrival.stored is None:
            return None
        if arrival.stored is None:
            if not arrival.archived:
                self._announce(None, arrival)
            return None
        for write in arrival.storing:
            arrival.stored.addCallback(_after, write)
        if arrival.archived:
            return arrival.stored
        return arrival.stored.addCallback(self._announce, arrival)

    def _announce(self, _: Any, arrival: Arrival) -> None:
        work = self._call(arrival, iter(self._announcing))
        if work is not None:
            Deferred.fromCoroutine(work)  # it logs its errors itself


def _after(result: Any, write: Callable[[], Deferred[Any]]) -> Deferred[Any]:
    return write().addCallback(lambda _: result)


def _chain(work: Deferred[None] | None, finished: Deferred[None]) -> None:
    if work is None:
        finished.callback(None)
    else:
        work.addCallbacks(finished.callback, _pass(finished))


def _pass(finished: Deferred[None]) -> Callable[[Failure], None]:
    def fail(failure: Failure) -> None:
        finished.errback(failure)

    return fail
