"""Writing what must not be lost: again and again, in its order, for as long as the disk refuses (R7, R8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sat.api.errors import StorageError
from sat.core.tasks import Log, Tasks

T = TypeVar("T")
AGAIN = 2.0  # seconds between two tries


class Insistence:
    """The writes of one profile that the disk has refused. How many can wait is bounded by who brings them: the server
    must wait too when too many of its stanzas are not counted."""

    def __init__(self, tasks: Tasks, log: Log) -> None:
        self._tasks, self._log = tasks, log
        self._refused: list[tuple[Callable[[], Deferred[Any]], Deferred[Any]]] = []
        self._told = False

    def write(self, work: Callable[[], Deferred[T]]) -> Deferred[T]:
        """Do a work that writes; what this returns fires when it is stored, and never fails with StorageError."""
        if self._refused:
            return self._wait(work)  # not before those that wait already
        return work().addCallbacks(self._stored, self._refuse, errbackArgs=(work,))

    def _stored(self, result: T) -> T:
        if self._told and not self._refused:
            self._told = False
            self._log.info("what had to wait for the disk is stored")
        return result

    def _refuse(self, failure: Failure, work: Callable[[], Deferred[T]]) -> Deferred[T]:
        failure.trap(StorageError)
        if not self._told:
            self._told = True
            self._log.error("What comes in has to wait. %s", failure.value)
        return self._wait(work)

    def _wait(self, work: Callable[[], Deferred[T]]) -> Deferred[T]:
        done: Deferred[T] = Deferred()
        self._refused.append((work, done))
        if not self._tasks.waits(self):
            self._tasks.after(AGAIN, self._again, key=self)
        return done

    def _again(self) -> None:
        refused, self._refused = self._refused, []
        for work, done in refused:  # what is refused again waits again, in the same order
            work().addCallbacks(self._stored, self._refuse, errbackArgs=(work,)).chainDeferred(done)
