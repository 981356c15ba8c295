"""What the engine and the disk complain about, in sentences for people."""

from __future__ import annotations

import errno
import sqlite3

from sat.api.errors import StorageError, StorageFull

_REASONS = {
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_READONLY: "the disk or the folder is read-only",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_CORRUPT: "the database is damaged; the next start repairs what can be repaired",
    sqlite3.SQLITE_NOTADB: "the database is damaged; the next start repairs what can be repaired",
    sqlite3.SQLITE_BUSY: "another program is using the database",
    sqlite3.SQLITE_LOCKED: "another program is using the database",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
    sqlite3.SQLITE_PERM: "the database may not be accessed",
    sqlite3.SQLITE_AUTH: "the database may not be accessed",
    sqlite3.SQLITE_TOOBIG: "it is too large",
    sqlite3.SQLITE_INTERRUPT: "the daemon is ending",
}

_OF_DISK = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
)


def code_of(error: BaseException) -> int:
    """SQLite's primary result code of an error, 0 if it has none."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def is_damage(error: BaseException) -> bool:
    """Whether an error means that the file itself is broken."""
    return code_of(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_taken(error: BaseException) -> bool:
    """Whether an error means that there is such a row already. Then nothing of the statement was done."""
    return code_of(error) == sqlite3.SQLITE_CONSTRAINT


def of_disk(error: BaseException) -> bool:
    """Whether an error means that no work can be stored now, whatever it is."""
    return isinstance(error, OSError) or code_of(error) in _OF_DISK


def translated(error: Exception) -> Exception:
    """The error to raise for one of SQLite or of the system; any other comes back as it is."""
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return StorageFull()
        return StorageError(reason=(error.strerror or str(error)).lower())
    code = code_of(error)
    if code == sqlite3.SQLITE_FULL:
        return StorageFull()
    if code in _REASONS:
        return StorageError(reason=_REASONS[code])
    return error
