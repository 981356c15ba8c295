"""Everything that is kept on the disk."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from sat.api.errors import SatError, StorageError
from sat.storage.aside import aside
from sat.storage.backup import DailyBackup
from sat.storage.database import Cursor, Reactor
from sat.storage.faults import translated
from sat.storage.files import DATABASE, Lock, prepare
from sat.storage.messages import Messages
from sat.storage.profiles import Profiles
from sat.storage.search import has_many_unindexed, index_some, with_sound_index
from sat.storage.sqlite import SqliteDatabase
from sat.storage.stores import Store


class Storage:
    """One folder: a database, its lock, its copies. Made by :meth:`open`."""

    def __init__(
        self,
        database: SqliteDatabase,
        lock: Lock,
        profiles: Profiles,
        notice: SatError | None,
        clock: Callable[[], float],
    ) -> None:
        self.database = database
        self.profiles = profiles
        self.notice = notice
        """What a person should know: StorageDamaged after a start that had to replace the database, StorageError when
        damage was found since."""
        self._backup: DailyBackup | None = None
        self._lock = lock
        self._clock = clock

    @classmethod
    async def open(
        cls,
        folder: Path,
        reactor: Reactor | None,
        use_keyring: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> Storage:
        """Open the storage in a folder, which is made if need be, for this process alone.

        Without a reactor (unit tests) everything is done at once, and the desktop's keyring is left alone.
        Errors: DaemonRunning, StorageFull, StorageError."""
        try:
            lock, notice = await aside(reactor, lambda: prepare(folder))
            try:
                database = SqliteDatabase(folder / DATABASE, reactor)
                database.when_idle(_index_when_many)
                profiles = Profiles(database, reactor, folder, use_keyring)
                await profiles.load()
            except BaseException:
                lock.release(clean=False)
                raise
        except (OSError, sqlite3.Error) as error:
            raise translated(error) from error
        storage = cls(database, lock, profiles, notice, clock)
        if reactor:
            storage._backup = DailyBackup(folder, reactor, storage._found_damaged)
        return storage

    def messages(self, profile: str) -> Messages:
        """The messages of a profile. Errors: ProfileNotFound."""
        return Messages(self.database, self.profiles.number_of(profile), self._clock)

    def store(self, profile: str, namespace: str) -> Store:
        """A store for a plugin and a profile; the profile "" is the daemon. Errors: ProfileNotFound."""
        return Store(self.database, self.profiles.number_of(profile), namespace)

    async def close(self) -> None:
        """Write everything that waits, and let the folder go."""
        if self._backup:
            await self._backup.stop()
        await self.database.close()
        self._lock.release(clean=not self.database.damaged)

    def _found_damaged(self) -> None:
        self.database.damaged = True  # the next start looks closely
        self.notice = StorageError(reason="the database is damaged; the next start repairs what can be repaired")


def _index_when_many(cursor: Cursor) -> bool:
    return has_many_unindexed(cursor) and with_sound_index(cursor, lambda: index_some(cursor))
