"""What libervia needs of the daemon; ``sat_frontends.bridge`` gives it, a test can give its own."""

from __future__ import annotations

from typing import Protocol

from sat.api import Signal
from sat_frontends.quick_frontend.apis import DaemonApis, ProfileApis


class Daemon(DaemonApis, Protocol):
    """The daemon's own interfaces, and its profiles. Calls raise NoBus or NoDaemon while it is away."""

    gone: Signal[None]
    back: Signal[None]

    async def follow(self, apis: ProfileApis) -> None:
        """Load the properties of a profile and the daemon's own; they stay true until ``leave``, or until the daemon
        goes."""

    def leave(self, apis: ProfileApis) -> None:
        """Follow a profile no longer."""

    async def check(self) -> None:
        """Whether the daemon is there. Errors: NoBus, NoDaemon."""

    async def close(self) -> None:
        """Let go of the bus."""
