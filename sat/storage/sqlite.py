"""SQLite behind the :class:`~sat.storage.database.Database` interface: one connection, one worker thread.

Why one thread and grouped commits: ``docs/decisions/005-one-sqlite-worker-grouped-commits.md``.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, TypeVar

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from sat.api.errors import StorageError
from sat.storage.database import Cursor, Reactor
from sat.storage.faults import is_damage, of_disk, translated

T = TypeVar("T")

log = logging.getLogger(__name__)

GROUP_LIMIT = 500
"""Works in one transaction: more gains nothing, and their results come back in one turn of the event loop."""

GATHER = 0.01
"""Seconds for works to come together, after a group of several: while stanzas come a few at a time, each commit would
have a few. A lone work never waits."""

IDLE_EVERY = 0.5
"""Seconds between two turns of the idle works, so that they do not follow each of the groups of a burst."""

QUEUE_LIMIT = 20_000
"""Works that may wait; what comes on top fails at once."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a commit is on the disk when it returns
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-4000",  # KiB
    "PRAGMA journal_size_limit=16777216",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA secure_delete=FAST",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",  # notices damage before it spreads
)


def connect(path: Path) -> sqlite3.Connection:
    """A connection with our settings, transactions by hand."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


class _Cursor(sqlite3.Cursor):
    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.notes: dict[Any, Any] = {}


class _Job(NamedTuple):
    work: Callable[[Cursor], Any]
    done: Deferred[Any]
    writes: bool


class _Retry(Exception):
    """A work has failed: the group is run again with a savepoint around each."""


class SqliteDatabase:
    """One SQLite file. Without a reactor every work is done at once, in the caller's thread (for unit tests)."""

    def __init__(self, path: Path, reactor: Reactor | None = None) -> None:
        self.damaged = False
        """Whether SQLite has found the file broken since it was opened."""
        self.fault: Exception | None = None
        """Why nothing can be stored: the last write failed because of the disk."""
        self.health_changed: Callable[[], None] = lambda: None
        """Called in the event loop when ``damaged`` or ``fault`` is another."""
        self._fault: Exception | None = None  # as the worker knows it
        self._told = (False, "")
        self._connection = connect(path)
        self._cursor = self._connection.cursor(_Cursor)
        self._reactor = reactor
        self._idle: list[Callable[[Cursor], bool]] = []
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed: Deferred[None] | None = None
        if reactor is not None:
            threading.Thread(target=self._serve, args=(reactor,), name="sat-storage", daemon=True).start()

    # -- in the event loop ---------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """How many works wait for the worker."""
        return self._queue.qsize()

    def write(self, work: Callable[[Cursor], T]) -> Deferred[T]:
        """See :meth:`sat.storage.database.Database.write`."""
        return self._submit(work, True)

    def read(self, work: Callable[[Cursor], T]) -> Deferred[T]:
        """See :meth:`sat.storage.database.Database.read`."""
        return self._submit(work, False)

    def when_idle(self, work: Callable[[Cursor], bool]) -> None:
        """See :meth:`sat.storage.database.Database.when_idle`."""
        self._idle.append(work)

    def close(self) -> Deferred[None]:
        """See :meth:`sat.storage.database.Database.close`."""
        if self._closed is None:
            self._closed = Deferred()
            if self._reactor is None:
                self._close()
                self._closed.callback(None)
            else:
                self._queue.put(None)
        waiter: Deferred[None] = Deferred()
        self._closed.chainDeferred(waiter)
        return waiter

    def _submit(self, work: Callable[[Cursor], T], writes: bool) -> Deferred[T]:
        if self._closed is not None:
            return fail(StorageError(reason="the daemon is ending"))
        job = _Job(work, Deferred(), writes)
        if self._reactor is None:
            outcomes = self._run_group([job])
            self._deliver([job.done], outcomes, self._fault)
        elif self._queue.qsize() >= QUEUE_LIMIT:
            return fail(StorageError(reason="too much is waiting to be stored"))
        else:
            self._queue.put(job)
        return job.done

    def _deliver(self, waiters: list[Deferred[Any]], outcomes: list[Any], fault: Exception | None) -> None:
        self.fault = fault
        health = (self.damaged, str(fault or ""))
        if health != self._told:
            self._told = health
            self.health_changed()
        for done, outcome in zip(waiters, outcomes, strict=True):
            done.callback(outcome)  # a Failure starts the errbacks

    # -- in the worker thread ------------------------------------------------------------------------------------

    def _serve(self, reactor: Reactor) -> None:
        open_ = True
        idle, idle_at = False, 0.0  # whether the idle works are to be asked, and when
        while open_:
            jobs, open_ = self._take(max(0.0, idle_at - time.monotonic()) if idle else None)
            if jobs:
                outcomes = self._run_group(jobs)
                reactor.callFromThread(self._deliver, [job.done for job in jobs], outcomes, self._fault)
                idle = bool(self._idle)
            elif open_:
                idle = self._be_idle()
                idle_at = time.monotonic() + (0.0 if idle else IDLE_EVERY)
                if self.damaged or self._fault:
                    reactor.callFromThread(self._deliver, [], [], self._fault)
            if len(jobs) > 1 and self._queue.qsize() < len(jobs):
                time.sleep(GATHER)
        self._close()
        reactor.callFromThread(self._report_closed)

    def _take(self, patience: float | None) -> tuple[list[_Job], bool]:
        """All jobs that wait, and whether others may come. ``patience`` is how many seconds to wait for the first one,
        None for as long as it takes."""
        jobs: list[_Job] = []
        try:
            job = self._queue.get(timeout=patience)
            while job is not None:
                jobs.append(job)
                if len(jobs) == GROUP_LIMIT:
                    return jobs, True
                job = self._queue.get(block=False)
        except Empty:
            return jobs, True
        return jobs, False

    def _run_group(self, jobs: list[_Job]) -> list[Any]:
        """The result of each job, or its Failure."""
        if not any(job.writes for job in jobs):
            return [self._attempt(job) for job in jobs]
        try:
            try:
                return self._in_transaction(jobs, self._attempt_first)
            except _Retry:
                return self._in_transaction(jobs, self._attempt_apart)
        except Exception as error:
            self._note(error)
            failure = _failure(error)
            # Nothing was written. A read may have seen what is not there now, so it looks again.
            return [failure if job.writes else self._attempt(job) for job in jobs]

    def _in_transaction(self, jobs: list[_Job], attempt: Callable[[_Job], Any]) -> list[Any]:
        self._cursor.notes.clear()
        before, fault, self._fault = self._connection.total_changes, self._fault, None
        try:
            self._cursor.execute("BEGIN IMMEDIATE")
            outcomes = [attempt(job) for job in jobs]
            self._cursor.execute("COMMIT")
            if self._fault is None and self._connection.total_changes == before:
                self._fault = fault  # nothing was to be written, so nobody knows
        except BaseException:
            self._fault = self._fault or fault
            if self._connection.in_transaction:
                self._connection.rollback()
            raise
        finally:
            self._cursor.notes.clear()
        return outcomes

    def _attempt(self, job: _Job) -> Any:
        try:
            return job.work(self._cursor)
        except Exception as error:
            if self._was_undecodable(error):
                return self._attempt(job)
            self._note(error)
            return _failure(error)

    def _attempt_first(self, job: _Job) -> Any:
        """Without a savepoint, because nearly every work succeeds."""
        outcome = self._attempt(job)
        if job.writes and isinstance(outcome, Failure):
            raise _Retry
        return outcome

    def _attempt_apart(self, job: _Job) -> Any:
        if not job.writes:
            return self._attempt(job)
        self._cursor.execute("SAVEPOINT work")
        try:
            outcome = job.work(self._cursor)
        except Exception as error:
            self._note(error)
            if not self._connection.in_transaction:
                raise  # SQLite has undone the whole group: the disk is full, or broken
            self._cursor.execute("ROLLBACK TO work")
            self._cursor.notes.clear()
            outcome = _failure(error)
        self._cursor.execute("RELEASE work")
        return outcome

    def _be_idle(self) -> bool:
        """One round of the idle works; whether there is more to do."""
        more = False
        for work in self._idle:
            done: Deferred[Any] = Deferred()
            outcome = self._run_group([_Job(work, done, True)])[0]
            if isinstance(outcome, Failure):
                log.warning("idle work failed: %s", outcome.value)
            elif outcome:
                more = True
        return more

    def _was_undecodable(self, error: Exception) -> bool:
        """Whether a text in the file is no UTF-8, for the first time: from then on such texts are read all the same.
        A message with a broken letter must not hide its conversation."""
        if not str(error).startswith("Could not decode to UTF-8") or self._connection.text_factory is not str:
            return False
        self._connection.text_factory = lambda text: text.decode("utf-8", "replace")
        return True

    def _note(self, error: Exception) -> None:
        if is_damage(error):
            self.damaged = True
        elif of_disk(error):
            self._fault = translated(error)

    def _close(self) -> None:
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:  # the WAL stays, and is read at the next start
            log.warning("the write-ahead log could not be emptied: %s", error)
        self._connection.close()

    def _report_closed(self) -> None:
        assert self._closed is not None
        self._closed.callback(None)


def _failure(error: Exception) -> Failure:
    return Failure(translated(error))
