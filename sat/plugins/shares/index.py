"""The hashes of what is shared, so that a file can be asked for by its hash (XEP-0234 §6.3).

They are taken in threads, of one file after the other, when something is shared, and when somebody asks for one that
is not known; then at most every ten minutes. A file whose size and date are as before is not read again. What one look
costs is bounded: what is beyond that is found by a later look, or not by its hash."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from twisted.internet.defer import TimeoutError

from sat.core.disk import Disk
from sat.core.hashes import OURS, Hashes
from sat.core.tasks import Clock, Work, in_thread, in_time
from sat.plugins.jingle.outcome import Outcome
from sat.plugins.shares import folders
from sat.plugins.shares.folders import Entry, Found
from sat.storage.stores import Store

FILES = 20_000  # that are known at most
BYTES = 64 * 1024**3  # that one look reads at most
STORED_EVERY = 4 * 1024**3  # bytes after which what is known is written down
AGAIN = 600.0  # seconds from the end of a look to one that somebody asks for
PATIENCE = 60.0  # seconds that who asks waits for a look


class Hashed(NamedTuple):
    """A file below a folder that is shared, as it was when its hash was taken (SHA-256, in Base64)."""

    root: str
    found: Found
    digest: str


class Index:
    """What is known of one profile's shares. ``roots`` tells which folders and files are shared now."""

    def __init__(
        self, store: Store, clock: Clock, spawn: Callable[[Work], None], roots: Callable[[], list[str]]
    ) -> None:
        self._store, self._clock, self._spawn, self._roots = store, clock, spawn, roots
        self._known: dict[tuple[str, str], Hashed] = {}
        self._look: Outcome[bool] | None = None
        self._stale = False  # something was shared while a look was under way
        self._ended = -AGAIN

    async def load(self) -> None:
        """Read what was stored."""
        for each in await self._store.rows("hashes", _from_row):
            self._known[each.root, each.found.path] = each

    def refresh(self) -> None:
        """Look at all that is shared; something of it is new."""
        self._stale = True
        if self._look is None:
            self._begin()

    def hashed(self, root: str, parts: list[str], entry: Entry) -> Entry:
        """An entry of a folder, with its hash where that is known; of a file that is shared alone, too."""
        for path in ("/".join([*parts, entry.name]), ""):
            known = self._known.get((root, path))
            if known is not None and known.found == Found(path, entry.about.size, entry.modified):
                return entry._replace(about=entry.about._replace(hashes={OURS[0]: known.digest}))
        return entry

    async def find(self, roots: Iterable[str], fits: Callable[[str], bool]) -> list[Hashed]:
        """The files below these folders whose hash fits, as far as it is known within some time."""
        among = frozenset(roots)
        if found := await self._fitting(among, fits):
            return found
        if self._look is None and self._clock.seconds() - self._ended < AGAIN:
            return []
        if self._look is None:
            self._begin()
        if self._look is not None:
            with suppress(TimeoutError):  # what is known by then has to do
                await in_time(self._look.wait(), PATIENCE, self._clock)
        return await self._fitting(among, fits)

    async def _fitting(self, among: frozenset[str], fits: Callable[[str], bool]) -> list[Hashed]:
        known = list(self._known.values())
        return await in_thread(lambda: [each for each in known if each.root in among and fits(each.digest)])

    def _begin(self) -> None:
        self._look = Outcome()
        self._spawn(self._look_at_all())

    async def _look_at_all(self) -> None:
        look = self._look
        assert look is not None
        try:
            self._stale = True
            while self._stale:
                self._stale = False
                await self._look_once()
        finally:
            self._look, self._ended = None, self._clock.seconds()
            look.settle(True)

    async def _look_once(self) -> None:
        before, self._known = self._known, {}
        left = stored = BYTES
        for root in self._roots():
            for found in await in_thread(partial(folders.found_below, root, FILES - len(self._known))):
                key = root, found.path
                known = before.get(key)
                if known is not None and known.found == found:
                    self._known[key] = known
                elif found.size <= left and (digest := await _hash(root, found)):
                    left -= found.size
                    self._known[key] = Hashed(root, found, digest)
                if stored - left >= STORED_EVERY:
                    stored = left
                    await self._write(before | self._known)
        await self._write(self._known)

    async def _write(self, known: dict[tuple[str, str], Hashed]) -> None:
        await self._store.set("hashes", [[each.root, *each.found, each.digest] for each in known.values()])


async def _hash(root: str, found: Found) -> str:
    """That of a file; nothing where it is no longer the one that was found."""
    try:
        descriptor = await in_thread(partial(folders.open_below, root, found.parts))
    except OSError:
        return ""
    disk = Disk(descriptor, Hashes())
    try:
        whole = await disk.hash_to(found.size) == found.size
        same = await disk.work(lambda number: folders.is_same(found, os.fstat(number)))
    except OSError:
        return ""
    finally:
        disk.close()
    return disk.hashes.told()[OURS[0]] if whole and same else ""


def _from_row(row: Any) -> Hashed:
    root, path, size, modified, digest = row
    return Hashed(str(root), Found(str(path), int(size), int(modified)), str(digest))
