"""The way to the real daemon. Only what runs primitivus imports it; tests have a daemon in memory."""

from __future__ import annotations

from sat_frontends.bridge.aio import connect as reach
from sat_frontends.primitivus.session import Link

TIMEOUT = 1.0  # seconds after which a silent bus or daemon is told


async def connect() -> Link:
    """Connect to the daemon on the session bus, which starts it if it can. Errors: NoBus, NoDaemon, DaemonSilent."""
    return await reach(TIMEOUT, start=True)
