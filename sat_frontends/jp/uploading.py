"""Putting a file on the server, with its progress on stderr."""

from __future__ import annotations

import os
import sys

from sat.api import JID
from sat.api.sizes import shown
from sat.api.values import ANYBODY
from sat.plugins.upload.api import Purpose, Transfer, TransferState
from sat_frontends.jp.context import Jp
from sat_frontends.jp.output import tidy


async def upload(
    jp: Jp,
    path: str,
    peer: JID = ANYBODY,
    reply: str = "",
    purpose: Purpose = Purpose.MESSAGE,
    seconds: int = 0,
) -> Transfer:
    """Put a file there; with a peer, the daemon tells them of it. Ctrl-C gives it up."""
    profile = await jp.profile()
    told: dict[str, Transfer] = {}
    progress = _Progress(jp)

    def heard(transfer: Transfer) -> None:
        told[transfer.id] = transfer
        progress.show(transfer)

    # Listen before: the end may come before the answer to the call.
    undo = profile.upload.changed.connect(heard)
    try:
        begun = await profile.upload.upload(_whole(path), peer, "", reply, purpose, seconds)
        told.setdefault(begun.id, begun)
        try:
            jp.listen(lambda: told[begun.id].state is not TransferState.RUNNING)
        except KeyboardInterrupt:
            await profile.upload.cancel(begun.id)
            raise
    finally:
        undo()
        progress.end()
    fault = told[begun.id].fault
    if fault is not None:
        raise fault
    return told[begun.id]


def _whole(path: str) -> str:
    """The daemon works in another folder."""
    return os.path.abspath(path)


class _Progress:
    """A line that is written again and again; on a terminal only."""

    def __init__(self, jp: Jp) -> None:
        self._wanted = not jp.out.quiet and sys.stderr.isatty()
        self._shown = False

    def show(self, transfer: Transfer) -> None:
        """How far it has come."""
        if self._wanted:
            part = 100 * transfer.sent // transfer.size if transfer.size else 0
            sys.stderr.write(f"\r\x1b[K⇡ {tidy(transfer.name)} {part}% of {shown(transfer.size)}")
            sys.stderr.flush()
            self._shown = True

    def end(self) -> None:
        """Take it away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
