"""``jp file transfers``: what is on its way and what was, once or as it changes."""

from __future__ import annotations

import time as clocks
from typing import TYPE_CHECKING

from sat.api.transfers import Transfer, TransferState
from sat_frontends.jp.context import Jp
from sat_frontends.jp.output import BOLD, DIM, Column, iso, tidy
from sat_frontends.jp.progress import Progress, line_of
from sat_frontends.quick_frontend.text import moment
from sat_frontends.quick_frontend.transfer_words import Row
from sat_frontends.quick_frontend.transfers import Transfers

if TYPE_CHECKING:
    from sat_frontends.bridge.access import ProfileAccess

_COLUMNS = (
    Column("Id", DIM),
    Column("", DIM),
    Column("Name", BOLD, flexible=True),
    Column("Who"),
    Column("State", flexible=True),
    Column("How far"),
    Column("When", DIM),
)


def cells(transfer: Transfer) -> tuple[str, ...]:
    """One for scripts."""
    error = str(transfer.fault) if transfer.state is TransferState.FAILED else ""
    return (
        transfer.id,
        transfer.direction,
        transfer.state,
        transfer.peer,
        transfer.name,
        str(transfer.moved),
        str(transfer.size),
        iso(transfer.begun),
        transfer.path,
        transfer.way,
        "partial" if transfer.partial else "",
        error,
        "encrypted" if transfer.encrypted else "",
    )


async def show_all(jp: Jp, profile: ProfileAccess, running: bool) -> None:
    """All of them, or only those that have not ended."""
    found = [each for each in await profile.transfers.get_all() if not (running and each.is_over)]
    if not jp.out.terminal:
        jp.out.table(found, (), [cells(each) for each in found])
        return
    known = Transfers(profile.transfers, profile.files)
    for each in found:
        known.put(each)
    rows = [known.row(each.id) for each in found]
    shown = [(each.id, each.arrow, each.title, each.who, each.state, progress(each), _when(each)) for each in rows]
    jp.out.table(found, _COLUMNS, shown)
    if not found:
        jp.out.say("Nothing is on its way." if running else "Nothing is on its way, and nothing was.")


def progress(row: Row) -> str:
    """How far one is, and whether who carries it can read it."""
    return ", ".join(filter(None, [row.progress, row.secrecy]))


def _when(row: Row) -> str:
    return moment(row.time, clocks.time()) if row.time else ""


class TransferWatch:
    """``--watch``: in a pipe each change; on a terminal a line for each step, and below them how far they are."""

    def __init__(self, jp: Jp, profile: ProfileAccess) -> None:
        self.jp = jp
        self.all = Transfers(profile.transfers, profile.files)
        self._progress = Progress(jp)
        self._steps: dict[str, TransferState] = {}

    async def run(self, timeout: float | None) -> None:
        """Until Ctrl-C, or for so many seconds."""
        undo = [*self.all.listen(), self.all.changed.connect(self._heard)]
        try:
            await self.all.load()
            self.jp.out.detail("Watching.")
            self.jp.listen(lambda: False, timeout)
        finally:
            self._progress.end()
            for each in undo:
                each()

    def _heard(self, id: str) -> None:
        transfer = self.all.find(id)
        if transfer is None:  # forgotten
            return
        step, self._steps[id] = self._steps.get(id), transfer.state
        if step is not transfer.state or not self.jp.out.terminal:
            self._progress.end()
            self.jp.out.event(transfer, tidy(line_of(self.all.row(id))), cells(transfer))
        if self.jp.out.terminal:
            self._progress.show(transfer, [self.all.row(each.id) for each in self.all.under_way])
