"""The server on its port."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError

from libervia.server.app import App
from libervia.server.config import Config
from libervia.server.daemon import Daemon
from libervia.server.http import Site
from libervia.server.page import Page
from libervia.server.web import Root

logger = logging.getLogger(__name__)
SWEEP = 60.0
"""Seconds between looking for expired sessions."""


class Server:
    """The web server, listening."""

    def __init__(self, reactor: Any, app: App) -> None:
        self.app = app
        root = Root(app)
        self._port = reactor.listenTCP(app.config.port, Site(root), interface=app.config.host)
        root.port = self.port
        self._sweep()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._port.getHost().port)

    async def close(self) -> None:
        """Listen no more, and end everything."""
        self._port.stopListening()
        await self.app.close()

    def _sweep(self) -> None:
        self.app.sweep()
        self.app.tasks.later(SWEEP, self._sweep)


def serve(
    reactor: Any,
    config: Config,
    pages: dict[str, Page],
    connect: Callable[[], Awaitable[Daemon]],
    ready: Callable[[Server], object],
) -> int:
    """Run the reactor, which stands on asyncio's loop, until a signal comes; the exit code. ``ready`` is told once the
    port is open."""
    code = 0

    async def start() -> None:
        nonlocal code
        try:
            server = Server(reactor, App(config, await connect(), pages))
        except CannotListenError as error:
            logger.error("Port %d on %s cannot be used: %s", config.port, config.host, error.socketError)
            code = 1
        except Exception:
            logger.exception("The server could not be started")
            code = 111
        else:
            reactor.addSystemEventTrigger("before", "shutdown", _closing, server)
            ready(server)
            return
        reactor.stop()

    starting: list[asyncio.Future[None]] = []  # asyncio itself holds its tasks only weakly
    reactor.callWhenRunning(lambda: starting.append(asyncio.ensure_future(start())))
    reactor.run()
    return code


def _closing(server: Server) -> Deferred[None]:
    return Deferred.fromFuture(asyncio.ensure_future(server.close()))
