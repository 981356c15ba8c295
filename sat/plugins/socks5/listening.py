"""Our own SOCKS5 server: open as long as some stream may come to it, for those that are expected only."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory

from sat.plugins.socks5.connection import Connection, Server

HANDSHAKE = 10.0  # seconds
AT_ONCE = 50  # connections that have not said what they want
OF_ONE = 10  # connections that want the same: one for each of our addresses

Log = logging.LoggerAdapter[logging.Logger]


class Listener:
    """One port, opened for the first that expects something and closed behind the last."""

    def __init__(self, reactor: Any, log: Log) -> None:
        self._reactor, self._log = reactor, log
        self._port: Any = None
        self._expected: dict[str, list[Server]] = {}
        self._strangers: dict[Server, Any] = {}  # → the end of its time

    def expect(self, destinations: tuple[str, ...], address: str, port: int) -> int:
        """Let in who asks for one of those; the port, 0 where none can be opened. Each ``expect`` needs a
        ``forget``."""
        for each in destinations:
            self._expected.setdefault(each, [])
        if self._port is None:
            self._open(address, port)
        return 0 if self._port is None else int(self._port.getHost().port)

    def come(self, destinations: tuple[str, ...], host: str) -> Connection | None:
        """The connection of a peer that has come for it, at our address ``host`` where there is one there."""
        alive = [each for name in destinations for each in self._expected.get(name, ()) if each.lost is None]
        there = [each for each in alive if str(each.transport.getHost().host).removeprefix("::ffff:") == host]
        return next(iter(there or alive), None)

    def forget(self, destinations: tuple[str, ...]) -> None:
        """Expect it no longer. Connections that came for it and carry no stream are closed."""
        for name in destinations:
            for each in self._expected.pop(name, ()):
                if each.stream is None and each.lost is None:
                    each.transport.abortConnection()
        if not self._expected:
            self.close()

    def close(self) -> None:
        """Close the port; streams go on."""
        if self._port is not None:
            self._port.stopListening()
            self._port = None
        for each in list(self._strangers):
            each.transport.abortConnection()

    def _open(self, address: str, port: int) -> None:
        for place in [(port, address)] if address else [(port, "::"), (port, ""), (0, "::"), (0, "")]:
            try:
                self._port = self._reactor.listenTCP(place[0], _Factory(self._made), interface=place[1], backlog=20)
            except (CannotListenError, OSError) as error:
                self._log.info("streams cannot come to port %s of “%s”: %s", *place, error)
            else:
                return

    def _made(self) -> Server | None:
        if len(self._strangers) >= AT_ONCE:
            return None
        made = Server(self._admit, self._known)
        self._strangers[made] = self._reactor.callLater(HANDSHAKE, self._late, made)
        return made

    def _late(self, made: Server) -> None:
        made.transport.abortConnection()

    def _known(self, made: Server) -> None:
        """It is let in, or it is gone."""
        timer = self._strangers.pop(made, None)
        if timer is not None and timer.active():
            timer.cancel()

    def _admit(self, destination: str, connection: Server) -> bool:
        came = self._expected.get(destination)
        if came is None:
            return False
        came[:] = [each for each in came if each.lost is None]
        if len(came) >= OF_ONE:
            return False
        came.append(connection)
        self._known(connection)
        return True


class _Factory(Factory):
    noisy = False

    def __init__(self, make: Callable[[], Server | None]) -> None:
        self._make = make

    def buildProtocol(self, addr: IAddress | None) -> Server | None:
        return self._make()
