"""A whole folder of somebody's is fetched: first all of it is looked at, then what is not here comes, some at a time.

The daemon does this, and no frontend: it goes on when the terminal or the page that has asked for it is closed, all of
them see it and can give it up, and only the daemon is where the files are put, with their hashes and the room there."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, DeferredList

from sat.api import JID
from sat.api.errors import (
    CannotSendEncrypted,
    NobodyShares,
    NotAllFetched,
    NotConnected,
    NotFound,
    NotSafeEnough,
    SatError,
    StorageError,
    TooManyOpen,
    TooManyTransfers,
    TransferBroken,
)
from sat.api.messages import UNENCRYPTED
from sat.api.transfers import Transfer, TransferState
from sat.core.tasks import in_thread
from sat.plugins.files.receiving import Place, check_room
from sat.plugins.files.wire import About
from sat.plugins.shares import having
from sat.plugins.shares.walking import Walk, Wanted
from sat.plugins.transfers.plugin import storage_error

if TYPE_CHECKING:
    from sat.plugins.shares.plugin import Shares

AT_ONCE = 3  # files of one folder
FAILED = 20  # files that did not come, after which it is given up
WAIT, WAITS = 2.0, 60  # seconds until another file may be begun where there are too many, and how often
ENDS = NotConnected, NobodyShares, StorageError, CannotSendEncrypted, NotSafeEnough
"""What would be so with each other file, too."""


class Fetching:
    """One folder on its way: as ``path`` at a ``peer``, into the folder ``where``."""

    def __init__(self, plugin: Shares, peer: JID, path: str, where: Place, encrypt: str, method: str) -> None:
        """``method`` is what encrypts it now, where ``encrypt`` is how a person wants it."""
        self._plugin, self._files, self._transfers = plugin, plugin.files, plugin.files.transfers
        self._peer, self._path, self._where = peer, path, where
        self._encrypt, self._said = encrypt, UNENCRYPTED if encrypt == UNENCRYPTED else method
        self._id = ""
        self._moving: dict[str, int] = {}  # bytes of each that is under way
        self._moved = self._came = self._failed = 0
        self._first: tuple[str, SatError] | None = None  # what did not come
        self._end: SatError | None = None  # why no other one would come

    async def run(self, id: str) -> dict[str, Any]:
        """Carry it to its end, as the transfer of that id. Errors: NotAllFetched, FolderTooLarge, NoSpace, …"""
        self._id = id
        (program, *_) = await self._plugin.find_programs(self._peer)
        walk = Walk(partial(self._plugin.read, program), lambda files: self._update(files=files))
        found = await walk.run(self._path)
        for each in walk.faults:
            self._fail(self._path, each)
        missing = [each for each in found if not await in_thread(partial(having.is_here, self._where.path, each))]
        size = sum(max(each.told.size, 0) for each in missing)
        await in_thread(partial(check_room, self._where.folder, self._where.name, size))
        self._update(size=size, known=len(found) - len(missing))
        self._update(state=TransferState.RUNNING)
        await self._fetch(missing)
        if self._end is not None:
            raise self._end
        if self._first is not None:
            name, error = self._first
            files = len(found) + len(walk.faults)
            raise NotAllFetched(failed=self._failed, files=files, name=name, reason=error)
        return {"path": str(self._where.path), "moved": self._moved}

    async def _fetch(self, missing: list[Wanted]) -> None:
        waiting = iter(missing)

        async def work() -> None:
            for each in waiting:
                await self._bring(each)
                if self._end is not None or self._failed >= FAILED:
                    return

        undo = self._transfers.changed.connect(self._heard)
        works = [Deferred.fromCoroutine(work()) for _ in range(AT_ONCE)]
        try:
            for _, result in await DeferredList(works, consumeErrors=True):
                if result is not None:  # a mistake of ours
                    result.raiseException()
        finally:
            undo()

    async def _bring(self, wanted: Wanted) -> None:
        """One of the files; that it does not come holds up no other one."""
        try:
            folder = await in_thread(partial(having.made, self._where.folder, (self._where.name, *wanted.names[:-1])))
            where = Place(folder, wanted.names[-1])
            if wanted.told.size < 0:
                raise TransferBroken(peer=self._peer.bare, reason="they do not say how large it is")
            if wanted.told.size:
                path = await self._carry(wanted, where)
            else:
                path = str(await in_thread(partial(having.put_empty, where)))
            now = self._plugin.session.now()
            await in_thread(partial(having.put_date, path, wanted.told.modified, now))
        except SatError as error:
            self._fail("/".join(wanted.names), error)
        except OSError as error:
            self._fail("/".join(wanted.names), storage_error(error))
        else:
            self._came += 1
            self._moved += wanted.told.size
            self._update(came=self._came, moved=self._moved + sum(self._moving.values()))

    async def _carry(self, wanted: Wanted, where: Place) -> str:
        """Fetch one, or the rest of it where a part is here; where it is then."""
        transfer = await self._begin(wanted, where)
        id = transfer.id
        self._moving[id] = 0
        try:
            done = await self._transfers.finish(id)
        finally:
            del self._moving[id]
            with suppress(NotFound):
                await self._transfers.cancel(id)  # where this was given up: one that has ended stays as it is
        with suppress(NotFound):
            await self._transfers.forget([id])
        return done.path

    async def _begin(self, wanted: Wanted, where: Place) -> Transfer:
        told = wanted.told
        for _ in range(WAITS):
            try:
                if id := self._part(wanted, where):
                    with suppress(NotFound):  # it is gone
                        resumed = await self._files.resume(id)
                        return self._transfers.update(resumed.id, within=self._id)
                programs = await self._plugin.find_programs(self._peer)
                about = About(told.path, ranged=True)
                fetch = partial(self._files.fetch, programs, about, where, where.name, self._encrypt)
                return await fetch(most=told.size, within=self._id)
            except (TooManyTransfers, TooManyOpen):
                await self._pause()
        raise TransferBroken(peer=self._peer.bare, reason="too many others were on their way")

    def _part(self, wanted: Wanted, where: Place) -> str:
        told = wanted.told
        return self._files.find_part(self._peer, told.path, where.folder, told.size, told.modified, self._said)

    async def _pause(self) -> None:
        waited: Deferred[None] = Deferred(lambda _: timer.cancel())
        timer = self._plugin.session.clock.callLater(WAIT, lambda: waited.callback(None))
        await waited

    def _fail(self, name: str, error: SatError) -> None:
        self._failed += 1
        self._first = self._first or (name, error)
        self._update(failed=self._failed)
        if isinstance(error, ENDS):
            self._end = self._end or error

    def _heard(self, transfer: Transfer) -> None:
        if transfer.id in self._moving:
            self._moving[transfer.id] = transfer.moved
            self._update(moved=self._moved + sum(self._moving.values()))

    def _update(self, **fields: Any) -> None:
        self._transfers.update(self._id, **fields)
