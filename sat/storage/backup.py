"""The daily check and copy of the database, beside the work that goes on."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sat.storage.aside import aside
from sat.storage.database import Reactor
from sat.storage.files import DAILY, DATABASE, Stopped, copy, is_sound
from sat.storage.sqlite import connect

log = logging.getLogger(__name__)

DAY = 86_400.0
FIRST_AFTER = 300.0
"""Seconds after the start: then there is less to do."""


class Damaged(Exception):
    """The check has found the database broken: the last copy is kept."""


def back_up(folder: Path, stopping: Callable[[], bool] = lambda: False) -> None:
    """Check the database and copy it, as it is at this moment. Blocks, but not those who write meanwhile.

    Errors: Damaged, Stopped, sqlite3.Error, OSError."""
    path = folder / DATABASE
    if shutil.disk_usage(folder).free < 2 * path.stat().st_size:
        raise Stopped
    connection = connect(path)
    # Called now and then inside of long statements; True ends them.
    connection.set_progress_handler(stopping, 100_000)
    try:
        connection.execute("BEGIN")  # one state for the check and the copy
        if not is_sound(connection):
            raise Damaged
        copy(connection, folder / DAILY, stopping)
    finally:
        connection.close()


class DailyBackup:
    """Makes a copy when the last one is a day old."""

    def __init__(self, folder: Path, reactor: Reactor, on_damage: Callable[[], None]) -> None:
        self._folder = folder
        self._reactor = reactor
        self._on_damage = on_damage
        self._stopping = False
        self._running: Deferred[Any] | None = None
        self._timer = reactor.callLater(max(FIRST_AFTER, self._due_in()), self._start)

    async def stop(self) -> None:
        """Give up what is being done, and do nothing more."""
        self._stopping = True
        if self._timer.active():
            self._timer.cancel()
        if self._running:
            await self._running

    def _due_in(self) -> float:
        try:
            age = time.time() - (self._folder / DAILY).stat().st_mtime
        except FileNotFoundError:
            return 0.0
        return DAY - age if 0 <= age < DAY else 0.0

    def _start(self) -> None:
        self._running = aside(self._reactor, lambda: back_up(self._folder, lambda: self._stopping))
        self._running.addBoth(self._done)

    def _done(self, result: Failure | None) -> None:
        self._running = None
        if self._stopping:
            return
        if isinstance(result, Failure):
            if result.check(Damaged, sqlite3.DatabaseError) and not result.check(sqlite3.OperationalError):
                log.error("the database is damaged; the next start repairs what can be repaired")
                self._on_damage()
                return
            log.warning("no backup today: %r", result.value)
        self._timer = self._reactor.callLater(DAY, self._start)
