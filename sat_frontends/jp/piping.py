"""``jp pipe``: hands stdin or stdout to the daemon, and waits for the end of what goes through it."""

from __future__ import annotations

import os
import select
import time as clocks
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sat.api import JID, Pipe
from sat.api.errors import CannotReceiveEncrypted
from sat.api.transfers import Transfer, TransferState
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import BROKEN_PIPE, Failure, usage
from sat_frontends.jp.transferring import Following, outcome

if TYPE_CHECKING:
    from sat_frontends.bridge.access import ProfileAccess

LOOK = 1.0
"""Seconds between two looks whether somebody still reads what we write: the daemon only learns it when it writes."""


def no_terminal(descriptor: int, force: bool) -> None:
    """Failure where a pipe would begin or end at a terminal."""
    if force or not os.isatty(descriptor):
        return
    if descriptor == 0:
        raise usage("Nothing is piped into this: stdin is a terminal.", "tar c FOLDER | jp pipe out CONTACT")
    raise usage("What others send would act on this terminal.", "jp pipe in CONTACT > FILE; or into a pipe")


async def pipe_out(jp: Jp, profile: ProfileAccess, peer: JID, name: str, encrypt: str) -> int:
    """Send stdin; the exit code."""
    try:
        with _as_before(0):
            async with Following(jp, profile) as following:
                begun = await profile.pipes.out(peer, Pipe(0), name, encrypt)
                following.follow(begun)
                jp.out.detail(f"Waiting until {peer} has taken it{', encrypted' if begun.encrypted else ''}.")
                ended = following.to_end()
        return outcome(ended)
    except CannotReceiveEncrypted as error:
        clear = "To send it in clear on purpose: jp pipe out CONTACT --encrypt none"
        raise Failure(str(error), clear, error.exit_code) from None


async def pipe_in(
    jp: Jp, profile: ProfileAccess, peers: list[JID], name: str, encrypt: str, timeout: float | None
) -> int:
    """Write what comes to stdout; the exit code."""
    deadline = None if timeout is None else clocks.monotonic() + timeout
    with _as_before(1):
        async with Following(jp, profile) as following:
            begun = await profile.pipes.receive(peers, Pipe(1), name, encrypt)
            following.follow(begun)
            jp.out.detail(f"Waiting for {' or '.join(peers) or 'any of your contacts'}.")
            gone = False
            while following.under_way:
                jp.listen(lambda: not following.under_way, _pause(deadline))
                if not following.under_way:  # who reads may go when they have all, as tar does
                    break
                before, gone = gone, _nobody_reads()
                if before and gone:
                    raise BrokenPipeError
                if deadline is not None and clocks.monotonic() >= deadline and _waits(following.ours[begun.id]):
                    raise Failure("Nobody has sent anything in time.")
            (ended,) = following.ours.values()
            if ended.encrypted:
                jp.out.detail("It came encrypted.")
    if ended.state is TransferState.CANCELLED and _nobody_reads():
        return BROKEN_PIPE
    return outcome([ended])


def _pause(deadline: float | None) -> float:
    left = LOOK if deadline is None else deadline - clocks.monotonic()
    return min(LOOK, left) if left > 0 else LOOK


def _waits(transfer: Transfer) -> bool:
    return transfer.state is TransferState.OFFERED


def _nobody_reads() -> bool:
    """Whether the reader of stdout has gone, as ``head`` does."""
    poll = select.poll()
    poll.register(1, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


@contextmanager
def _as_before(descriptor: int) -> Iterator[None]:
    """The daemon may make what it is given non-blocking, and then that is so for all who have it open: a shell, and
    what else writes to the same terminal."""
    blocking = os.get_blocking(descriptor)
    try:
        yield
    finally:
        os.set_blocking(descriptor, blocking)
