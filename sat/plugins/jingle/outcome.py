"""How something ends for which several may wait."""

from __future__ import annotations

from typing import Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sat.api.errors import SatError

T = TypeVar("T")


class Outcome(Generic[T]):
    """A value or an error, once. Who stops waiting takes nothing from the others."""

    def __init__(self) -> None:
        self.settled = False
        self._result: T | Failure | None = None
        self._waiting: list[Deferred[T]] = []

    def wait(self) -> Deferred[T]:
        """Fires with the value, or fails with the error."""
        waiting: Deferred[T] = Deferred()
        if self.settled:
            waiting.callback(self._result)  # type: ignore[arg-type]  # settled: it is there
        else:
            self._waiting.append(waiting)
        return waiting

    def settle(self, value: T) -> None:
        """This is it. Later ones change nothing."""
        self._end(value)

    def fail(self, error: SatError) -> None:
        """There will be none. Later ones change nothing."""
        self._end(Failure(error))

    def _end(self, result: T | Failure) -> None:
        if self.settled:
            return
        self.settled, self._result = True, result
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.called:  # else who waited was cancelled
                each.callback(result)  # a Failure starts the errbacks
