"""The worker: order, groups, failures, the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from support.storing import Turned, result
from twisted.internet.defer import Deferred, gatherResults

from sat.api.errors import StorageError, StorageFull
from sat.storage import sqlite
from sat.storage.database import Cursor
from sat.storage.sqlite import SqliteDatabase


@pytest.fixture
def reactor() -> Turned:
    return Turned()


@pytest.fixture
def database(tmp_path: Path, reactor: Turned) -> Iterator[SqliteDatabase]:
    database = SqliteDatabase(tmp_path / "x.db", reactor)
    reactor.until(database.write(lambda cursor: cursor.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)").rowcount))
    yield database
    reactor.until(database.close())


def insert(number: int) -> Callable[[Cursor], int]:
    def work(cursor: Cursor) -> int:
        cursor.execute("INSERT INTO t VALUES (?)", (number,))
        return number

    return work


def numbers(cursor: Cursor) -> list[int]:
    return [n for (n,) in cursor.execute("SELECT n FROM t ORDER BY n").fetchall()]


def hold(database: SqliteDatabase) -> Callable[[], None]:
    """Keep the worker busy until the answer is called."""
    started, go = Event(), Event()

    def work(cursor: Cursor) -> None:
        started.set()
        assert go.wait(30)

    database.read(work)
    assert started.wait(30)
    return go.set


def commits(database: SqliteDatabase) -> list[str]:
    """The COMMITs that SQLite runs from now on."""
    seen: list[str] = []
    database._connection.set_trace_callback(lambda sql: seen.append(sql) if sql == "COMMIT" else None)
    return seen


def test_a_read_sees_the_writes_before_it(database, reactor):
    write = database.write(insert(1))
    assert reactor.until(database.read(numbers)) == [1]
    assert reactor.until(write) == 1


def test_works_that_wait_are_committed_together(database, reactor):
    seen = commits(database)
    go = hold(database)
    done = gatherResults([database.write(insert(n)) for n in range(300)])
    go()
    assert reactor.until(done) == list(range(300))
    assert len(seen) == 1


def test_a_failing_work_undoes_itself_only(database, reactor):
    def half(cursor: Cursor) -> None:
        cursor.execute("INSERT INTO t VALUES (50)")
        raise ValueError("no")

    go = hold(database)
    first, bad, twice, last = (database.write(work) for work in (insert(1), half, insert(1), insert(2)))
    seen = database.read(numbers)
    go()
    assert reactor.until(seen) == [1, 2]
    assert (result(first), result(last)) == (1, 2)
    with pytest.raises(ValueError, match="no"):
        result(bad)
    with pytest.raises(sqlite3.IntegrityError):
        result(twice)


def test_nothing_fires_before_the_commit(database, reactor):
    other = sqlite3.connect(database._connection.execute("PRAGMA database_list").fetchone()[2])
    seen: list[list[int]] = []
    done: Deferred[int] = database.write(insert(7))
    done.addCallback(lambda _: seen.append([n for (n,) in other.execute("SELECT n FROM t")]))
    reactor.until(done)
    assert seen == [[7]]
    other.close()


def test_notes_last_for_one_transaction_and_no_undone_work(database, reactor):
    def note(cursor: Cursor) -> list[str]:
        before = list(cursor.notes)
        cursor.notes["x"] = 1
        return before

    def noted_and_failed(cursor: Cursor) -> None:
        cursor.notes["false"] = 1
        raise ValueError

    go = hold(database)
    both = gatherResults([database.write(note), database.write(note)])
    go()
    assert reactor.until(both) == [[], ["x"]]
    assert reactor.until(database.write(note)) == []
    go = hold(database)
    failed, after = database.write(noted_and_failed), database.write(note)
    go()
    assert reactor.until(after) == []
    with pytest.raises(ValueError):
        result(failed)


def test_close_does_what_is_queued_and_takes_no_more(tmp_path, reactor):
    database = SqliteDatabase(tmp_path / "x.db", reactor)
    database.write(lambda cursor: cursor.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)").rowcount)
    go = hold(database)
    writes = [database.write(insert(n)) for n in range(700)]  # more than a group
    closed = [database.close(), database.close()]
    late = database.write(insert(9999))
    go()
    reactor.until(gatherResults(closed))
    assert [result(write) for write in writes] == list(range(700))
    with pytest.raises(StorageError, match="ending"):
        result(late)
    assert not (tmp_path / "x.db-wal").exists()
    assert sqlite3.connect(tmp_path / "x.db").execute("SELECT count(*) FROM t").fetchone() == (700,)


def test_too_many_works_are_refused_at_once(database, reactor, monkeypatch):
    monkeypatch.setattr(sqlite, "QUEUE_LIMIT", 10)
    go = hold(database)
    works = [database.write(insert(n)) for n in range(12)]
    assert database.waiting == 10
    with pytest.raises(StorageError, match="too much"):
        result(works[11])
    go()
    assert reactor.until(works[9]) == 9


def test_idle_work_is_done_when_nothing_waits_and_as_long_as_it_wants(database, reactor):
    rounds: list[int] = []
    fifth = Event()

    def idle(cursor: Cursor) -> bool:
        rounds.append(cursor.execute("SELECT count(*) FROM t").fetchone()[0])
        if len(rounds) == 5:
            fifth.set()
        return len(rounds) < 5

    go = hold(database)
    database.when_idle(idle)
    done = gatherResults([database.write(insert(n)) for n in range(sqlite.GROUP_LIMIT + 100)])
    go()
    reactor.until(done)
    assert fifth.wait(30)
    assert rounds == [sqlite.GROUP_LIMIT + 100] * 5


def test_idle_work_that_fails_harms_nobody(database, reactor):
    database.when_idle(lambda cursor: 1 / 0 > 1)
    reactor.until(database.write(insert(1)))
    assert reactor.until(database.write(insert(2))) == 2


def test_a_full_disk_is_an_error_and_heals(database, reactor):
    pages = database._connection.execute("PRAGMA page_count").fetchone()[0]
    database._connection.execute(f"PRAGMA max_page_count={pages + 20}")
    reactor.until(database.write(lambda cursor: cursor.execute("CREATE TABLE big (x BLOB)").rowcount))

    def big(cursor: Cursor) -> str:
        cursor.execute("INSERT INTO big VALUES (zeroblob(40000))")
        return "stored"

    go = hold(database)
    works = [database.write(big) for _ in range(4)]
    go()
    outcomes = []
    for work in works:
        try:
            outcomes.append(reactor.until(work))
        except StorageFull:
            outcomes.append("full")
    assert "full" in outcomes
    (count,) = reactor.until(database.read(lambda cursor: cursor.execute("SELECT count(*) FROM big").fetchone()))
    assert count == outcomes.count("stored")
    database._connection.execute("PRAGMA max_page_count=100000")
    assert reactor.until(database.write(big)) == "stored"


def test_a_commit_that_fails_fails_its_writes_but_not_the_reads(database, reactor):
    database._connection.execute("CREATE TABLE parent (n INTEGER PRIMARY KEY)")
    database._connection.execute("CREATE TABLE child (n REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
    database._connection.execute("PRAGMA foreign_keys=ON")
    go = hold(database)
    good = database.write(insert(1))
    bad = database.write(lambda cursor: cursor.execute("INSERT INTO child VALUES (5)").rowcount)
    seen = database.read(numbers)
    go()
    assert reactor.until(seen) == []
    for write in (good, bad):
        with pytest.raises(sqlite3.IntegrityError):
            result(write)
    assert reactor.until(database.write(insert(2))) == 2


def test_without_a_reactor_all_is_done_at_once(tmp_path):
    database = SqliteDatabase(tmp_path / "x.db")
    result(database.write(lambda cursor: cursor.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)").rowcount))
    assert result(database.write(insert(3))) == 3
    with pytest.raises(sqlite3.IntegrityError):
        result(database.write(insert(3)))
    assert result(database.read(numbers)) == [3]
    result(database.close())
