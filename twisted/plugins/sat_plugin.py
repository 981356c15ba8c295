"""``twistd sat``: the daemon under Twisted's own runner (use ``--reactor=asyncio``)."""

from __future__ import annotations

from typing import Any

from twisted.application.service import IServiceMaker, Service
from twisted.internet.defer import Deferred
from twisted.plugin import IPlugin
from twisted.python import usage
from zope.interface import implementer


class Options(usage.Options):
    """No options of its own: sat.conf has the settings."""


class DaemonService(Service):
    """The daemon as a Twisted service."""

    def startService(self) -> None:
        """Start when the reactor runs."""
        from twisted.internet import reactor

        from sat.core.config import Config, folders
        from sat.daemon import Daemon

        super().startService()
        running: Any = reactor
        where = folders()
        self._daemon = Daemon(running, Config(where.config / "sat.conf"), where, running.stop)
        running.callWhenRunning(lambda: Deferred.fromCoroutine(self._daemon.start()).addErrback(self._failed))

    def _failed(self, failure: Any) -> None:
        from twisted.internet import reactor

        print(f"sat: {failure.value}")
        running: Any = reactor
        running.stop()

    def stopService(self) -> Deferred[None]:
        """Close streams and store everything before the reactor ends."""
        super().stopService()
        return Deferred.fromCoroutine(self._daemon.stop())


@implementer(IServiceMaker, IPlugin)
class DaemonMaker:
    """What ``twistd`` finds."""

    tapname = "sat"
    description = "Salut à Toi: XMPP accounts kept online, shared by jp, primitivus and libervia."
    options = Options

    def makeService(self, options: Options) -> DaemonService:
        """Called by ``twistd sat``."""
        return DaemonService()


maker = DaemonMaker()
