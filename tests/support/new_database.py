"""A new database, made once for the whole process: else it would be the most of what a test of a profile costs."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sat.storage.files import DATABASE, prepare
from sat.storage.migrations import migrate
from sat.storage.sqlite import SqliteDatabase


def with_database(folder: Path) -> Path:
    """A folder with a database in which nothing is yet, if it has none."""
    path = folder / DATABASE
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(_file())
    return folder


def in_memory() -> SqliteDatabase:
    """A database in which nothing is yet, without a file."""
    database = SqliteDatabase(Path(":memory:"))
    _memory().backup(database._connection)
    return database


@cache
def _file() -> bytes:
    with TemporaryDirectory() as name:
        prepare(Path(name)).lock.release(clean=True)
        return (Path(name) / DATABASE).read_bytes()


@cache
def _memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return connection
