"""The small interface between what is stored and the engine that stores it.

Everything above speaks to :class:`Database` only: functions that run SQL on a cursor, queued, away from the event
loop. SQLite is behind it (``sqlite.py``); another engine is one more class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import Deferred

T = TypeVar("T")


class Cursor(Protocol):
    """What a work may use: the part of a DB-API cursor that we need. It is only valid during the work."""

    notes: dict[Any, Any]
    """What the works of one transaction tell each other. Empty at its start and after anything was undone, so what
    stands here is true."""

    @property
    def rowcount(self) -> int: ...

    @property
    def lastrowid(self) -> int | None: ...

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


class Reactor(Protocol):
    """What we need of Twisted's reactor, which is always given and never imported."""

    def callFromThread(self, callable: Callable[..., object], *args: object) -> None: ...

    def callLater(self, delay: float, callable: Callable[..., object], *args: object) -> Any: ...


class Database(Protocol):
    """A queue of works on one database.

    A work is a function of a cursor. It must do nothing but SQL and computing, because it runs in another thread and
    may be run again when another one of its group fails.
    """

    @property
    def waiting(self) -> int:
        """How many works wait. Who can slow down (by not reading from the network) does so when it grows."""

    def write(self, work: Callable[[Cursor], T]) -> Deferred[T]:
        """Run a work that changes something. Fires only after the commit has reached the disk.

        Works that wait together are committed together; one that raises undoes itself only. Errors: StorageFull,
        StorageError, and what the work raises."""

    def read(self, work: Callable[[Cursor], T]) -> Deferred[T]:
        """Run a work that only looks. It sees every write that was queued before it."""

    def when_idle(self, work: Callable[[Cursor], bool]) -> None:
        """Run this work after others whenever nothing waits; again at once as long as it returns True."""

    def close(self) -> Deferred[None]:
        """Do everything that is queued, then close the file properly. Later works fail with StorageError."""
