"""Everything that is kept on the disk."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sat.api.contract import Signal
from sat.api.errors import DamageFound, SatError, StorageFailing
from sat.storage.aside import aside
from sat.storage.backup import DailyBackup
from sat.storage.database import Cursor, Reactor
from sat.storage.faults import translated
from sat.storage.files import DATABASE, Lock, prepare
from sat.storage.items import Items
from sat.storage.messages import Messages
from sat.storage.posts import Posts
from sat.storage.profiles import Profiles
from sat.storage.search import has_many_unindexed, index_some, with_sound_index
from sat.storage.sqlite import SqliteDatabase
from sat.storage.stores import Store

PROBE = 10.0
"""Seconds between two looks whether the disk takes something again."""


class Storage:
    """One folder: a database, its lock, its copies. Made by :meth:`open`."""

    def __init__(
        self,
        database: SqliteDatabase,
        lock: Lock,
        profiles: Profiles,
        notice: SatError | None,
        reactor: Reactor | None,
        clock: Callable[[], float],
    ) -> None:
        self.database = database
        self.profiles = profiles
        self.changed: Signal[None] = Signal()
        """``notices`` are others."""
        self._replaced = notice
        self._reactor = reactor
        self._probe: Any = None
        self._closing = False
        self._backup: DailyBackup | None = None
        self._lock = lock
        self._clock = clock
        database.health_changed = self._health_changed

    @property
    def notices(self) -> list[SatError]:
        """What a person should know: StorageDamaged after a start that had to replace the database, DamageFound when
        damage was found since, StorageFailing as long as nothing can be stored."""
        fault = self.database.fault
        reason = fault.details.get("reason", "the disk is full") if isinstance(fault, SatError) else ""
        found = (
            self._replaced,
            DamageFound() if self.database.damaged else None,
            StorageFailing(reason=reason) if fault else None,
        )
        return [each for each in found if each is not None]

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
        storage = cls(database, lock, profiles, notice, reactor, clock)
        if reactor:
            storage._backup = DailyBackup(folder, reactor, storage._found_damaged)
        return storage

    def messages(self, profile: str) -> Messages:
        """The messages of a profile. Errors: ProfileNotFound."""
        return Messages(self.database, self.profiles.number_of(profile), self._clock)

    def posts(self, profile: str) -> Posts:
        """What a profile follows has published. Errors: ProfileNotFound."""
        number = self.profiles.number_of(profile)
        return Posts(self.database, number, self.profiles.account_of(profile).jid.bare, self._clock)

    def items(self, profile: str) -> Items:
        """The items of nodes that a profile keeps. Errors: ProfileNotFound."""
        return Items(self.database, self.profiles.number_of(profile), self._clock)

    def store(self, profile: str, namespace: str) -> Store:
        """A store for a plugin and a profile; the profile "" is the daemon. Errors: ProfileNotFound."""
        return Store(self.database, self.profiles.number_of(profile), namespace)

    async def close(self) -> None:
        """Write everything that waits, and let the folder go."""
        if self._backup:
            await self._backup.stop()
        self._closing = True
        if self._probe is not None:
            self._probe.cancel()
        await self.database.close()
        self._lock.release(clean=not self.database.damaged)

    def _found_damaged(self) -> None:
        self.database.damaged = True  # the next start looks closely
        self.changed.emit(None)

    def _health_changed(self) -> None:
        self._watch_fault(None)
        self.changed.emit(None)

    def _watch_fault(self, _result: object) -> None:
        if self.database.fault is not None and self._probe is None and self._reactor and not self._closing:
            self._probe = self._reactor.callLater(PROBE, self._try_to_write)

    def _try_to_write(self) -> None:
        """To know whether that is possible again: perhaps nobody else wants to."""
        self._probe = None
        self.store("", "health").set("tried", self._clock()).addBoth(self._watch_fault)


def _index_when_many(cursor: Cursor) -> bool:
    return has_many_unindexed(cursor) and with_sound_index(cursor, lambda: index_some(cursor))
