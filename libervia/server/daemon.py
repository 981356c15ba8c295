"""What libervia needs of the daemon; ``sat_frontends.bridge`` gives it, a test can give its own."""

from __future__ import annotations

from typing import Protocol

from sat.api import Signal
from sat.api.manager import ManagerApi
from sat.api.settings import SettingsApi
from sat.plugins.registration.api import RegistrationApi
from sat_frontends.quick_frontend.live import ProfileApis


class WebProfileApis(ProfileApis, Protocol):
    """The clients of one profile."""

    @property
    def settings(self) -> SettingsApi: ...


class Daemon(Protocol):
    """The daemon's own interfaces, and its profiles. Calls raise NoBus or NoDaemon while it is away."""

    gone: Signal[None]
    back: Signal[None]

    @property
    def manager(self) -> ManagerApi: ...
    @property
    def registration(self) -> RegistrationApi: ...
    @property
    def settings(self) -> SettingsApi: ...
    def profile(self, name: str) -> WebProfileApis:
        """The clients of a profile; they keep working when the daemon was away and is back."""

    async def follow(self, apis: WebProfileApis) -> None:
        """Load the properties of a profile and the daemon's own; they stay true until ``leave``, or until the daemon
        goes."""

    def leave(self, apis: WebProfileApis) -> None:
        """Follow a profile no longer."""

    async def check(self) -> None:
        """Whether the daemon is there. Errors: NoBus, NoDaemon."""

    async def close(self) -> None:
        """Let go of the bus."""
