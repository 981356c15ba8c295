"""Full and failing disks (R7, R8): an error that says so, nothing falsely acknowledged, and it heals by itself."""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.storing import ALICE, BOB, Turned, heard, open_storage, result
from twisted.internet.defer import gatherResults

from sat.api.errors import StorageError, StorageFailing, StorageFull
from sat.api.profile import Account
from sat.storage.faults import translated
from sat.storage.storage import PROBE, Storage


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Leave no room at all."""
    path = folder / "filler"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    with suppress(OSError):
        while os.write(fd, b"x" * 4096):
            pass
    os.close(fd)
    return path


def test_a_full_disk_fails_what_it_must_and_heals(small_disk):
    reactor = Turned()
    storage = reactor.until(Storage.open(small_disk / "data", reactor, use_keyring=False))
    reactor.until(storage.profiles.create("alice", Account(ALICE)))
    messages = storage.messages("alice")
    stored: set[str] = set()
    failures: list[Exception] = []

    def burst() -> None:
        waiting = []
        for n in range(50):
            done = messages.add([heard(f"word {n} " + "x" * 3000)])
            done.addCallbacks(lambda added: stored.add(added[0].id), lambda failure: failures.append(failure.value))
            waiting.append(done)
        reactor.until(gatherResults(waiting))

    while not failures:
        burst()
    filler = fill(small_disk)
    before = len(stored)
    burst()
    assert all(isinstance(error, StorageFull) for error in failures)
    assert len(stored) == before
    with pytest.raises(StorageFull):
        reactor.until(storage.store("alice", "x").set("k", "v" * 5_000_000))
    reactor.until(messages.search("word"))  # finds what was indexed, if not all
    there = set()
    order = 0
    while page := reactor.until(messages.history(BOB, before=order, limit=500)):
        there |= {message.id for message in page}
        order = page[0].order
    assert there == stored

    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=9m", small_disk], check=True)
    burst()
    assert len(stored) == before + 50
    assert len(reactor.until(messages.search("word"))) == 50
    reactor.until(storage.profiles.create("bob", Account(BOB)))
    reactor.until(storage.close())
    storage = open_storage(small_disk / "data")
    assert storage.notices == []
    result(storage.close())


def test_a_start_on_a_full_disk(small_disk):
    result(open_storage(small_disk / "data").close())
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        open_storage(small_disk / "data")
    filler.unlink()
    result(open_storage(small_disk / "data").close())


def test_a_file_that_cannot_grow(tmp_path):
    """Any error of the disk while writing: here the limit of the process."""
    result(open_storage(tmp_path / "data").close())
    done = subprocess.run(
        [sys.executable, __file__, tmp_path / "data"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *stored, complaint = done.stdout.splitlines()
    assert complaint == ("What you asked for could not be stored, so it was not done: the disk reports an error.")
    storage = open_storage(tmp_path / "data")
    assert [message.id for message in result(storage.messages("alice").history(BOB, limit=500))] == stored
    result(storage.close())


def limited(folder: Path) -> None:
    storage = open_storage(folder)
    messages = storage.messages("alice")
    size = (folder / "sat.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300_000, resource.RLIM_INFINITY))
    try:
        while True:
            (message,) = result(messages.add([heard("x" * 3000)]))
            print(message.id)
    except StorageError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert result(messages.add([heard("healed", peer=ALICE)]))[0]
    result(storage.close())


def test_a_database_that_may_only_be_read(storage, messages):
    (message,) = result(messages.add([heard()]))
    storage.database._connection.execute("PRAGMA query_only = ON")
    told = []
    storage.changed.connect(lambda _: told.append(storage.notices))
    for _ in range(2):
        with pytest.raises(StorageError, match="read-only"):
            result(messages.add([heard()]))
    assert result(messages.history(BOB)) == [message]
    failing = [StorageFailing(reason="the disk or the folder is read-only")]
    assert (storage.notices, told) == (failing, [failing])
    storage.database._connection.execute("PRAGMA query_only = OFF")
    result(storage.database.write(lambda cursor: cursor.execute("SELECT 1").fetchone()))
    assert storage.notices == failing, "what writes nothing proves nothing"
    assert result(messages.add([heard()]))[0]
    assert (storage.notices, told) == ([], [failing, []])


def test_what_one_work_does_wrong_is_no_fault_of_the_disk(storage, messages):
    def fails(cursor):
        raise ValueError("a bug")

    for work in (fails, lambda cursor: cursor.execute("no SQL").rowcount):
        with pytest.raises((ValueError, sqlite3.OperationalError)):
            result(storage.database.write(work))
    assert storage.notices == []


def test_a_disk_that_heals_is_noticed_though_nobody_writes(tmp_path):
    reactor = Turned()
    storage = reactor.until(Storage.open(tmp_path, reactor, use_keyring=False))
    storage.database._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageError):
        reactor.until(storage.store("", "x").set("k", 1))
    reactor.advance(PROBE)
    reactor.turn()
    assert len(storage.notices) == 1
    storage.database._connection.execute("PRAGMA query_only = OFF")
    reactor.advance(PROBE)
    reactor.turn()
    assert storage.notices == []
    reactor.advance(PROBE)
    reactor.until(storage.close())
    assert reactor.getDelayedCalls() == []


def test_errors_of_the_system():
    assert translated(OSError(errno.ENOSPC, "No space left on device")) == StorageFull()
    assert translated(OSError(errno.EDQUOT, "Disk quota exceeded")) == StorageFull()
    assert translated(OSError(errno.EIO, "Input/output error")) == StorageError(reason="input/output error")
    error = ValueError("ours")
    assert translated(error) is error


if __name__ == "__main__":
    limited(Path(sys.argv[1]))
