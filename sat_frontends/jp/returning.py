"""Waiting for a daemon that went, in commands that go on."""

from __future__ import annotations

import time as clocks
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sat.api import SatError
from sat.api.errors import DaemonSilent, NoBus, NoDaemon
from sat_frontends.jp.context import Jp

T = TypeVar("T")
RETRY = 1.0  # seconds between two looks whether the daemon is back
GONE = (NoBus, NoDaemon, DaemonSilent)


async def wait_for_daemon(
    jp: Jp, error: SatError, again: Callable[[], Awaitable[T]], late: Callable[[], bool]
) -> T | None:
    """Begin ``again`` when the daemon is back, and return what came of that; None where that is too ``late``."""
    jp.out.say(f"{error} Waiting for it to come back; Ctrl-C ends.")
    while not late():
        _pause()
        jp.forget_bridge()
        try:
            found = await again()
        except SatError:  # the profile may come a little later than the daemon
            continue
        jp.out.say("The daemon is back.")
        return found
    return None


def _pause() -> None:
    clocks.sleep(RETRY)  # jp has no loop that this could hold up
