"""Adding many messages, each by who found out about it, in one work of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sat.api.errors import StorageError
from sat.storage.adding import Added
from sat.storage.database import Cursor, Database
from sat.storage.rows import NewMessage

T = TypeVar("T")
Add = Callable[[Sequence[NewMessage]], Deferred[Added]]


class Together:
    """The database of one profile's messages. What is added meanwhile waits for what is added next; before any other
    work it is handed over, so everything is done in the order in which it was asked for."""

    def __init__(self, database: Database, add: Add) -> None:
        self._database, self._add = database, add
        self._depth = 0
        self._waiting: list[tuple[NewMessage, Deferred[Added]]] = []

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """Within this, in one turn of the event loop, :meth:`add` lets messages wait for each other."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self._hand_over()

    def add(self, new: Sequence[NewMessage]) -> Deferred[Added]:
        """Add messages. The Deferred fires as if they had been added alone."""
        if not self._depth or len(new) != 1:
            self._hand_over()
            return self._add(new)
        added: Deferred[Added] = Deferred()
        self._waiting.append((new[0], added))
        return added

    def write(self, work: Callable[[Cursor], T]) -> Deferred[T]:
        """See :meth:`sat.storage.database.Database.write`."""
        self._hand_over()
        return self._database.write(work)

    def read(self, work: Callable[[Cursor], T]) -> Deferred[T]:
        """See :meth:`sat.storage.database.Database.read`."""
        self._hand_over()
        return self._database.read(work)

    def _hand_over(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        self._add([new for new, _ in waiting]).addCallbacks(
            _tell, self._apart, callbackArgs=(waiting,), errbackArgs=(waiting,)
        )

    def _apart(self, failure: Failure, waiting: list[tuple[NewMessage, Deferred[Added]]]) -> None:
        """Nothing was stored. If it was not the disk, it was one of them: the others must not suffer from it."""
        alone = len(waiting) == 1 or failure.check(StorageError)
        for new, added in waiting:
            if alone:
                added.errback(failure)
            else:
                self._add([new]).chainDeferred(added)


def _tell(stored: Added, waiting: list[tuple[NewMessage, Deferred[Added]]]) -> None:
    for message, (_, added) in zip(stored, waiting, strict=True):
        one = Added([message])
        one.changes, stored.changes = stored.changes, []  # with the first of them all are told
        added.callback(one)
