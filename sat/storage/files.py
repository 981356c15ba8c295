"""The folder that holds everything: its lock, its database, the copies that are kept of it."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sat.api.errors import DaemonRunning, SatError, StorageDamaged
from sat.storage.faults import is_damage
from sat.storage.migrations import has_its_layout, is_newest, migrate, version_of
from sat.storage.sqlite import connect

DATABASE = "sat.db"
DAILY = "sat.db.daily"

_SMALL = 1 << 20
"""Bytes. A database up to this size is checked at every start: it costs a few milliseconds."""


class Lock:
    """The right to use the folder. The kernel takes it back when the process dies, however it dies.

    The file holds the process's number, and is empty after a clean end."""

    def __init__(self, folder: Path) -> None:
        self._fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = self._holder()
            os.close(self._fd)
            raise DaemonRunning(pid=pid or "?") from None
        self.unclean = bool(os.pread(self._fd, 20, 0))
        """Whether the one before us did not end properly."""
        try:
            self._write(str(os.getpid()))
        except OSError:
            os.close(self._fd)
            raise

    def _holder(self) -> str:
        """The number of the process that has the lock. One that has just taken it writes it in a moment: until then
        there is nothing, or the number of a process that was killed."""
        pid = ""
        for _ in range(20):
            pid = os.pread(self._fd, 20, 0).decode("ascii", "replace").strip()
            if pid.isdecimal() and Path(f"/proc/{pid}").exists():
                break
            time.sleep(0.01)
        return pid

    def release(self, clean: bool) -> None:
        """Let others in; say whether everything was closed properly."""
        if clean:
            self._write("")
        os.close(self._fd)

    def _write(self, text: str) -> None:
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, text.encode(), 0)


class Prepared(NamedTuple):
    """A folder that is ready for use."""

    lock: Lock
    notice: SatError | None


def prepare(folder: Path) -> Prepared:
    """Make the folder if need be, lock it, check the database, mend or upgrade it. Blocks."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    lock = Lock(folder)
    try:
        return Prepared(lock, _ready(folder, lock.unclean))
    except BaseException:
        lock.release(clean=not lock.unclean)
        raise


def _ready(folder: Path, unclean: bool) -> SatError | None:
    path = folder / DATABASE
    if not path.exists():
        _create(path)
        return None
    try:
        if path.stat().st_size == 0:  # we never leave an empty file
            raise _Damage
        _check_and_upgrade(path, unclean or path.stat().st_size <= _SMALL)
    except (_Damage, UnicodeDecodeError):  # SQLite quotes the broken part in its complaint
        return _replace(folder)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return _replace(folder)
    return None


class Stopped(Exception):
    """No copy was made: the daemon is ending, or the disk has no room."""


class _Damage(Exception):
    """The check found something."""


def _check_and_upgrade(path: Path, check: bool) -> None:
    connection = connect(path)
    try:
        version = version_of(connection)
        if version == 0 or not has_its_layout(connection):
            raise _Damage
        if check and not is_sound(connection):
            raise _Damage
        if check and path.stat().st_size <= _SMALL:
            _mend_indexes(connection)
        if not is_newest(version):
            copy(connection, path.with_name(f"{DATABASE}.before-{version + 1}"))
            migrate(connection)
    finally:
        connection.close()


def _mend_indexes(connection: sqlite3.Connection) -> None:
    """Make the indexes again when they do not agree with their tables. This check takes long in a large file."""
    if not _passes(connection, "integrity_check"):
        connection.execute("REINDEX")
        if not _passes(connection, "integrity_check"):
            raise _Damage


def is_sound(connection: sqlite3.Connection) -> bool:
    """Whether SQLite finds no fault in the structure of the file."""
    return _passes(connection, "quick_check")


def _passes(connection: sqlite3.Connection, check: str) -> bool:
    # Newer versions look into the index for the search, too; that one is made again when it is found broken.
    found = connection.execute(f"PRAGMA {check}(20)").fetchall()
    return all(complaint == "ok" or "FTS5" in complaint for (complaint,) in found)


def _create(path: Path) -> None:
    # Under another name until it is complete: an empty sat.db always means damage.
    new = path.with_name(f"{path.name}.new")
    _remove(new)
    _touch(new)
    connection = connect(new)
    try:
        migrate(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    _remove(path)  # a log without its database would spoil the new one
    _put(new, path)


def _replace(folder: Path) -> SatError:
    """Set the damaged database aside; put the last backup, or an empty one, in its place."""
    path = folder / DATABASE
    kept = f"{DATABASE}.corrupt-{time.strftime('%Y-%m-%d-%H%M%S')}"
    for suffix in ("-wal", "-shm", ""):  # the database last: until then the next start comes here again
        part = Path(f"{path}{suffix}")
        if part.exists():
            part.rename(folder / f"{kept}{suffix}")
    instead = _restore(folder)
    if not instead:
        _create(path)
    return StorageDamaged(kept=kept, instead=instead or "an empty one")


def _restore(folder: Path) -> str:
    daily = folder / DAILY
    new = folder / f"{DATABASE}.new"
    try:
        _remove(new)
        shutil.copyfile(daily, new)
        new.chmod(0o600)
        _check_and_upgrade(new, check=True)
    except (FileNotFoundError, _Damage, UnicodeDecodeError, sqlite3.DatabaseError):
        _remove(new)
        return ""
    _put(new, folder / DATABASE)
    return f"the backup of {time.strftime('%Y-%m-%d %H:%M', time.localtime(daily.stat().st_mtime))}"


def copy(source: sqlite3.Connection, target: Path, stopping: Callable[[], bool] = lambda: False) -> None:
    """Copy a whole database; the target appears only when it is complete. Errors: Stopped."""

    def progress(status: int, remaining: int, total: int) -> None:
        if stopping():
            raise Stopped

    new = target.with_name(f"{target.name}.new")
    _remove(new)
    _touch(new)
    destination = sqlite3.connect(new)
    try:
        source.backup(destination, pages=1024, progress=progress, sleep=0)
    except BaseException:
        destination.close()
        _remove(new)
        raise
    destination.close()
    _put(new, target)


def _touch(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def _put(new: Path, path: Path) -> None:
    """Rename, so that a kill leaves the old or the new one on the disk."""
    _sync(new)
    new.rename(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
