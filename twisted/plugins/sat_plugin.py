"""``twistd sat``: the daemon under Twisted's own runner."""

from __future__ import annotations

import atexit
import os
import sys
from typing import Any

from twisted.application.service import IServiceMaker, Service
from twisted.internet.defer import Deferred
from twisted.plugin import IPlugin
from twisted.python import usage
from zope.interface import implementer


class Options(usage.Options):
    """No options of its own: sat.conf has the settings."""

    def postOptions(self) -> None:
        """Get ready while there is no reactor, and a terminal that can be told what is wrong."""
        import asyncio

        from sat.api.errors import SatError
        from sat.app import complain
        from sat.core import logs
        from sat.core.config import Config, folders
        from sat.daemon import use_reactor

        self.folders = folders()
        try:
            self.config = Config(self.folders.config / "sat.conf")
            self.reactor = use_reactor(asyncio.new_event_loop())
        except SatError as error:
            raise SystemExit(complain(error)) from None
        logs.start(None if self.parent.get("nodaemon", True) else self.folders.state / "sat.log")


class DaemonService(Service):
    """The daemon as a Twisted service."""

    def __init__(self, options: Options) -> None:
        from sat.daemon import Daemon

        self._reactor = options.reactor
        self._daemon = Daemon(self._reactor, options.config, options.folders, self._reactor.stop)

    def startService(self) -> None:
        """Start when the reactor runs."""
        super().startService()
        self._reactor.callWhenRunning(lambda: Deferred.fromCoroutine(self._daemon.start()).addErrback(self._failed))

    def _failed(self, failure: Any) -> None:
        from sat.daemon import log, told

        error = told(failure)
        log.error("%s %s", error, error.advice)
        self._reactor.stop()
        atexit.register(_end, error.exit_code)

    def stopService(self) -> Deferred[None]:
        """Close streams and store everything before the reactor ends."""
        from sat.daemon import PATIENCE

        super().stopService()
        self._reactor.callLater(PATIENCE, self._reactor.crash)
        return Deferred.fromCoroutine(self._daemon.stop())


def _end(code: int) -> None:
    """twistd itself always ends with 0, so this comes last, when it has tidied up."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@implementer(IServiceMaker, IPlugin)
class DaemonMaker:
    """What ``twistd`` finds."""

    tapname = "sat"
    description = "Salut à Toi: XMPP accounts kept online, shared by jp, primitivus and libervia."
    options = Options

    def makeService(self, options: Options) -> DaemonService:
        """Called by ``twistd sat``."""
        return DaemonService(options)


maker = DaemonMaker()
