"""What is on its way and what was, kept up to date by what the daemon tells; how fast it goes; what is done with it."""

from __future__ import annotations

import time as clocks
from collections.abc import Callable, Iterator
from contextlib import suppress

from sat.api import JID, SatError, Signal
from sat.api.transfers import Transfer, TransferState
from sat.plugins.files.api import FilesApi
from sat.plugins.transfers.api import TransfersApi
from sat_frontends.quick_frontend.transfer_words import Action, Row, row

WINDOW = 10.0
"""Seconds that are looked back at for the speed: less jumps, more is not what is felt."""
_SHORTEST = 0.5  # seconds of which nothing can be said yet


class Pace:
    """How fast one goes. Times are in seconds on a clock that never goes back."""

    def __init__(self) -> None:
        self._samples: list[tuple[float, int]] = []

    def note(self, now: float, moved: int) -> None:
        """So many bytes have moved by now. Less than before: it has begun again."""
        if self._samples and moved < self._samples[-1][1]:
            self._samples.clear()
        self._samples.append((now, moved))
        # One that is older than the window stays: what has happened since then is known from it only.
        while len(self._samples) > 2 and self._samples[1][0] <= now - WINDOW:
            del self._samples[0]

    def speed(self, now: float) -> float:
        """Bytes in a second, lately; 0.0 where that is not known yet, or nothing moves."""
        if not self._samples:
            return 0.0
        then, before = self._samples[0]
        passed = now - then
        return (self._samples[-1][1] - before) / passed if passed >= _SHORTEST else 0.0

    def left(self, now: float, size: int) -> float | None:
        """Seconds until it has all moved, if it goes on like this; None where that is not known."""
        speed = self.speed(now)
        return max(0, size - self._samples[-1][1]) / speed if speed and size else None


class Transfers:
    """All of a profile's, in the order in which they began."""

    def __init__(self, api: TransfersApi, files: FilesApi, clock: Callable[[], float] = clocks.monotonic) -> None:
        self.changed: Signal[str] = Signal()
        """The id of one that is new, has come further, or is forgotten."""
        self.offered: Signal[Transfer] = Signal()
        """Somebody has just offered one: a person may want to be told."""
        self._api, self._files, self._clock = api, files, clock
        self._known: dict[str, Transfer] = {}
        self._paces: dict[str, Pace] = {}

    def __iter__(self) -> Iterator[Transfer]:
        return iter(tuple(self._known.values()))

    def __len__(self) -> int:
        return len(self._known)

    def find(self, id: str) -> Transfer | None:
        """One of them."""
        return self._known.get(id)

    @property
    def asking(self) -> list[Transfer]:
        """Those that wait for a person here."""
        return [each for each in self if each.asks]

    @property
    def under_way(self) -> list[Transfer]:
        """Those that have not ended, and wait for nobody here."""
        return [each for each in self if not each.is_over and not each.asks]

    def speed(self, id: str) -> float:
        """Bytes in a second; 0.0 where one stands still."""
        return self._paces[id].speed(self._clock()) if id in self._paces else 0.0

    def left(self, id: str) -> float | None:
        """Seconds until one is there; None where that is not known."""
        return self._paces[id].left(self._clock(), self._known[id].size) if id in self._paces else None

    def row(self, id: str, name: str = "") -> Row:
        """One as a line of a list; its peer is known by that name, or by the address."""
        return row(self._known[id], name, self.speed(id), self.left(id))

    def rows(self, named: Callable[[JID], str] = str) -> list[Row]:
        """All of them: first what waits for a person, then what is under way, then what has ended, the newest first.
        ``named`` tells by which name somebody is known."""
        newest_first = list(self)[::-1]
        newest_first.sort(key=lambda each: 0 if each.asks else 2 if each.is_over else 1)
        return [self.row(each.id, named(each.peer.bare)) for each in newest_first]

    def look_again(self) -> None:
        """Time has passed: those that move, or have stopped to, have another speed now."""
        for each in self:
            if each.state is TransferState.RUNNING:
                self.changed.emit(each.id)

    # -- hearing ---------------------------------------------------------------------------------------------------

    def listen(self) -> list[Callable[[], None]]:
        """Hear of them from now on; what ends that."""
        return [self._api.changed.connect(self._heard), self._api.forgotten.connect(self._forgotten)]

    async def load(self) -> None:
        """Load them; there are none where the daemon does not know of such things."""
        with suppress(SatError):
            found = await self._api.get_all()
            self._forgotten(sorted(self._known.keys() - {each.id for each in found}))
            for each in found:
                self.put(each)

    def put(self, transfer: Transfer) -> None:
        """One is so now: what the daemon tells, or has answered."""
        if not transfer.is_told:
            self._forgotten([transfer.id])
            return
        self._known[transfer.id] = transfer
        if transfer.state is TransferState.RUNNING:
            self._paces.setdefault(transfer.id, Pace()).note(self._clock(), transfer.moved)
        else:
            self._paces.pop(transfer.id, None)
        self.changed.emit(transfer.id)

    def _heard(self, transfer: Transfer) -> None:
        before = self._known.get(transfer.id)
        self.put(transfer)
        if transfer.asks and (before is None or not before.asks):
            self.offered.emit(transfer)

    def _forgotten(self, ids: list[str]) -> None:
        for id in ids:
            self._paces.pop(id, None)
            if self._known.pop(id, None) is not None:
                self.changed.emit(id)

    # -- doing -----------------------------------------------------------------------------------------------------

    async def act(self, id: str, action: Action, path: str = "") -> None:
        """Do this with one; ``path`` is where one that is accepted is put, empty for the usual folder. What becomes of
        it is told by the daemon. Opening a folder is left to who asks. Raises SatError."""
        if action is Action.ACCEPT:
            await self._files.accept(id, path)
        elif action is Action.DECLINE:
            await self._files.decline(id)
        elif action is Action.CANCEL:
            await self._api.cancel(id)
        elif action is Action.RESUME:
            await self._files.resume(id)
        elif action is Action.FORGET:
            await self._api.forget([id])
