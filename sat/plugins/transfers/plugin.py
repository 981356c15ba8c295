"""What is on its way: who carries it begins it here, tells how far it is, and can be stopped from every frontend."""

from __future__ import annotations

import os
import resource
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from sat.api.errors import (
    Cancelled,
    CancelledThere,
    InternalError,
    NotFound,
    SatError,
    StorageError,
    StorageFull,
    TooManyOpen,
)
from sat.core.plugin import Plugin
from sat.plugins.transfers.api import Transfer, TransfersApi, TransferState

REMEMBERED = 100  # that have ended
SPARE = 24  # descriptors that are left to others: a connection, the disk, one file that is looked at
TOLD_EVERY = 0.25  # seconds
_QUIET = frozenset(("moved", "size", "files", "came", "known", "failed"))  # there is always a next value

Work = Callable[[str], Coroutine[Any, Any, dict[str, Any]]]
"""Carries the transfer of that id to its end; gives what is to be told of it then."""


class Transfers(Plugin, TransfersApi):
    """All that is on its way, and what was."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._known: dict[str, Transfer] = {}
        self._running: dict[str, tuple[Plugin, Deferred[None]]] = {}
        self._waiting: dict[str, list[Deferred[None]]] = {}
        self._dropped: dict[str, Callable[[], object]] = {}
        self._owners: set[Plugin] = set()
        self._stopping: set[Plugin] = set()

    # -- for those who carry ---------------------------------------------------------------------------------------

    @staticmethod
    def new_id() -> str:
        """An id that no other transfer has. A person types it: it begins with no dash."""
        return secrets.token_hex(6)

    @staticmethod
    def check_descriptors() -> None:
        """Whether there are enough descriptors for another one, and some for all else that we do. Errors:
        TooManyOpen."""
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(OSError):  # where the system does not tell, nothing is known
            if len(os.listdir("/proc/self/fd")) + SPARE > limit != resource.RLIM_INFINITY:
                raise TooManyOpen(limit=limit)

    def begin(self, owner: Plugin, transfer: Transfer, work: Work) -> Transfer:
        """Have a work carry it, which is cancelled when somebody gives it up, or its owner stops. It ends as the work
        does: DONE, CANCELLED, or FAILED with the error that it raises. What there was under this id is gone on with."""
        if owner not in self._owners:
            self._owners.add(owner)
            owner.undo(lambda: self._give_up(owner))
        self._dropped.pop(transfer.id, None)
        self.note(transfer._replace(begun=transfer.begun or self.session.now()))
        task = Deferred.fromCoroutine(self._carry(transfer.id, work))
        if not self._known[transfer.id].is_over:
            self._running[transfer.id] = owner, task
        return self._known[transfer.id]

    def note(self, transfer: Transfer) -> None:
        """Tell of it as it is now."""
        self.tasks.cancel(transfer.id)
        self._known[transfer.id] = transfer
        over = [each for each in self._known.values() if each.is_over and not each.partial]
        ended = [each.id for each in over if each.id not in self._waiting]
        for id in ended[:-REMEMBERED]:
            del self._known[id]
        self.changed.emit(transfer)
        if ended[:-REMEMBERED]:
            self.forgotten.emit(ended[:-REMEMBERED])

    def update(self, id: str, **fields: Any) -> Transfer:
        """It has come further; how far is told a few times a second, all else at once."""
        transfer = self._known[id] = self._known[id]._replace(**fields)
        if not _QUIET.issuperset(fields):
            self.note(transfer)
        elif not self.tasks.waits(id):
            self.after(TOLD_EVERY, lambda: self.changed.emit(self._known[id]), key=id)
        return transfer

    def on_forgotten(self, id: str, function: Callable[[], object]) -> None:
        """Call when a person wants to hear no longer of it, to remove what is left of it."""
        self._dropped[id] = function

    def find(self, id: str) -> Transfer:
        """One of them. Errors: NotFound."""
        if id not in self._known:
            raise NotFound(what=f"transfer {id}")
        return self._known[id]

    def running(self, owner: Plugin) -> list[Transfer]:
        """Those of an owner that have not ended."""
        return [self._known[id] for id, (whose, _) in self._running.items() if whose is owner]

    async def _carry(self, id: str, work: Work) -> None:
        fields: dict[str, Any] = {}
        error: SatError | None = None
        try:
            fields = await work(id)
        except CancelledError:
            error = Cancelled()
        except SatError as fault:
            error = fault
        except OSError as fault:
            error = storage_error(fault)
        except Exception:
            self.log.exception("a transfer failed")
            error = InternalError(reference=id)
        self._running.pop(id, None)
        if error is not None:
            cancelled = isinstance(error, Cancelled | CancelledThere)
            fields["state"] = TransferState.CANCELLED if cancelled else TransferState.FAILED
            fields |= {"error": type(error).__name__, "details": error.details}
        else:
            fields = {"state": TransferState.DONE, "moved": self._known[id].size or self._known[id].moved, **fields}
        self.note(self._known[id]._replace(ended=self.session.now(), **fields))
        for each in self._waiting.pop(id, []):
            each.callback(None)

    def is_stopping(self, owner: Plugin) -> bool:
        """Whether what it carries is cancelled because it stops, and not because a person wants that."""
        return owner in self._stopping

    def _give_up(self, owner: Plugin) -> None:
        self._stopping.add(owner)
        for whose, task in list(self._running.values()):
            if whose is owner:
                task.cancel()

    # -- TransfersApi ----------------------------------------------------------------------------------------------

    async def get_all(self) -> list[Transfer]:
        return sorted(self._known.values(), key=lambda each: each.begun)

    async def finish(self, id: str) -> Transfer:
        transfer = self.find(id)
        if not transfer.is_over:
            ended: Deferred[None] = Deferred()
            self._waiting.setdefault(id, []).append(ended)
            await ended
            transfer = self.find(id)
        if transfer.fault is not None:
            raise transfer.fault
        return transfer

    async def cancel(self, id: str) -> None:
        self.find(id)
        if id in self._running:
            self._running[id][1].cancel()

    async def forget(self, ids: list[str]) -> None:
        for id in ids:
            self.find(id)
        gone = [each.id for each in self._known.values() if each.is_over and (not ids or each.id in ids)]
        for id in gone:
            del self._known[id]
            self._dropped.pop(id, lambda: None)()
        if gone:
            self.forgotten.emit(gone)


def storage_error(error: OSError) -> SatError:
    """Why a file could not be written, for a person."""
    from errno import EDQUOT, ENOSPC

    if error.errno in (ENOSPC, EDQUOT):
        return StorageFull()
    reason = error.strerror or str(error)
    return StorageError(reason=reason[:1].lower() + reason[1:])
