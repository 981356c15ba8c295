"""Storages for tests: at once in the caller's thread, or with the real worker and an event loop turned by hand."""

from __future__ import annotations

import queue
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from sat.api.messages import MessageState
from sat.api.profile import Account
from sat.api.values import JID
from sat.storage.messages import NewMessage
from sat.storage.storage import Storage

T = TypeVar("T")

ALICE = JID("alice@example.org")
BOB = JID("bob@example.org")
NOW = 1_790_000_000.0


def result(awaitable: Deferred[T] | Coroutine[Any, Any, T]) -> T:
    """What something gives that needs no event loop, or its error."""
    deferred = awaitable if isinstance(awaitable, Deferred) else Deferred.fromCoroutine(awaitable)
    seen: list[Any] = []
    deferred.addBoth(seen.append)
    assert seen, "it is still waiting"
    if isinstance(seen[0], Failure):
        seen[0].raiseException()
    return seen[0]


class Turned(Clock):
    """A reactor whose turns are taken by :meth:`until`; its timers by ``advance``."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: queue.SimpleQueue[tuple[Callable[..., object], tuple[object, ...]]] = queue.SimpleQueue()

    def callFromThread(self, callable: Callable[..., object], *args: object) -> None:
        self._calls.put((callable, args))

    def turn(self) -> None:
        """Wait for a call of another thread, and do it."""
        callable, args = self._calls.get(timeout=60)
        callable(*args)

    def until(self, awaitable: Deferred[T] | Coroutine[Any, Any, T]) -> T:
        """Take turns until this has its result."""
        deferred = awaitable if isinstance(awaitable, Deferred) else Deferred.fromCoroutine(awaitable)
        seen: list[Any] = []
        deferred.addBoth(seen.append)
        while not seen:
            self.turn()
        if isinstance(seen[0], Failure):
            seen[0].raiseException()
        return seen[0]


def open_storage(folder: Path, clock: Callable[[], float] = lambda: NOW) -> Storage:
    """A storage that does everything at once, with the profile alice."""
    storage = result(Storage.open(folder, None, clock=clock))
    if not result(storage.profiles.list()):
        result(storage.profiles.create("alice", Account(ALICE)))
    return storage


def heard(body: str = "Hello", **fields: Any) -> NewMessage:
    """A message from Bob."""
    sender = BOB.with_resource("phone")
    return NewMessage(BOB, sender, False, body, NOW, MessageState.UNREAD)._replace(**fields)


def said(body: str = "Hello", id: str = "", **fields: Any) -> NewMessage:
    """A message to Bob, written here."""
    sender = ALICE.with_resource("desk")
    message = NewMessage(BOB, sender, True, body, NOW, MessageState.PENDING, stanza_id=id, origin_id=id)
    return message._replace(**fields)
