"""Work that would block, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from twisted.internet.defer import Deferred, execute
from twisted.python.failure import Failure

from sat.storage.database import Reactor

T = TypeVar("T")


def aside(reactor: Reactor | None, function: Callable[[], T]) -> Deferred[T]:
    """Run a function in a new thread; without a reactor (unit tests) at once.

    The thread is no reason for the process to stay."""
    if reactor is None:
        return execute(function)
    done: Deferred[T] = Deferred()
    threading.Thread(target=_run, args=(reactor, function, done), name="sat-aside", daemon=True).start()
    return done


def _run(reactor: Reactor, function: Callable[[], T], done: Deferred[T]) -> None:
    try:
        result: T | Failure = function()
    except Exception:
        result = Failure()
    reactor.callFromThread(_fire, done, result)


def _fire(done: Deferred[T], result: T | Failure) -> None:
    if not done.called:  # it may have been given up in the meantime
        done.callback(result)
