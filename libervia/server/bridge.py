"""The daemon over the session bus. The web server starts without it, and finds it when it comes."""

from __future__ import annotations

import asyncio
import logging

from sat.api import SatError, Signal
from sat.api.errors import NoBus
from sat.api.manager import ManagerApi
from sat.api.names import BUS_NAME, ROOT
from sat.api.settings import SettingsApi
from sat.bridge.derive import load, release
from sat.bridge.link import DBUS, call_message
from sat.plugins.registration.api import RegistrationApi
from sat_frontends.bridge.aio import AioBridge
from sat_frontends.quick_frontend.apis import ProfileApis

logger = logging.getLogger(__name__)
TIMEOUT = 2.0
RETRY = 2.0
"""Seconds between two looks for a bus that was not there when we started."""


class BusDaemon:
    """See :class:`libervia.server.daemon.Daemon`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._bridge = AioBridge(loop)
        self._search: asyncio.Task[None] | None = None
        self.gone: Signal[None] = self._bridge.daemon_gone
        self.back: Signal[None] = self._bridge.resync

    @classmethod
    async def connect(cls, loop: asyncio.AbstractEventLoop) -> BusDaemon:
        """Look for the bus, which starts the daemon if it can; without one, go on looking."""
        daemon = cls(loop)
        try:
            await daemon._bridge.attach(TIMEOUT)
        except NoBus as error:
            logger.warning("%s %s", error, error.advice)
            daemon._search = loop.create_task(daemon._find())
        else:
            daemon._search = loop.create_task(daemon._start())  # the pages are there meanwhile
        return daemon

    @property
    def manager(self) -> ManagerApi:
        """Its profiles."""
        return self._bridge.manager

    @property
    def registration(self) -> RegistrationApi:
        """Creating accounts."""
        return self._bridge.registration

    @property
    def settings(self) -> SettingsApi:
        """Settings of the daemon."""
        return self._bridge.settings

    def profile(self, name: str) -> ProfileApis:
        """The clients of a profile."""
        return self._bridge.profile(name)

    async def follow(self, apis: ProfileApis) -> None:
        """Load the properties of a profile and the daemon's own; they stay true from now on."""
        await load(self.manager, apis.profile, apis.presence, apis.messages, apis.archive)

    def leave(self, apis: ProfileApis) -> None:
        """Follow a profile no longer."""
        release(apis.profile, apis.presence, apis.messages, apis.archive)

    async def check(self) -> None:
        """Whether the daemon is there. Errors: NoBus, NoDaemon."""
        if not self._bridge.present:
            await self._bridge.ask(call_message(BUS_NAME, ROOT, f"{DBUS}.Peer", "Ping"), TIMEOUT)

    async def close(self) -> None:
        """Leave the bus."""
        if self._search is not None:
            self._search.cancel()
        self._bridge.close()

    async def _find(self) -> None:
        while True:
            await asyncio.sleep(RETRY)
            try:
                await self._bridge.attach(TIMEOUT)
            except NoBus:
                continue
            await self._start()
            return

    async def _start(self) -> None:
        try:
            await self._bridge.start_daemon()
        except SatError as error:
            logger.warning("%s %s", error, error.advice)
