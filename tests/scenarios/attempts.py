"""Trying to log in at a server that is not to be trusted, with a link of this process."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from scenarios.hostile import DOMAIN, HostileServer, ReactorThread
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.profile import Account, Connection
from sat.xmpp.inline import Told
from sat.xmpp.link import Link
from sat.xmpp.xml import Element


class Ear:
    """Hears a link, and remembers for it."""

    def __init__(self) -> None:
        self.changes: list[Connection] = []
        self.stored: dict[str, str] = {}

    def get(self, key: str) -> str:
        return self.stored.get(key, "")

    def set(self, key: str, value: str) -> None:
        self.stored[key] = value

    def link_online(self, jid: JID, resumed: bool, told: Told) -> None: ...
    def link_stanza(self, element: Element) -> None: ...
    def link_acknowledged(self, tokens: list[Hashable]) -> None: ...

    def link_changed(self, connection: Connection) -> None:
        self.changes.append(connection)


def attempt(reactor: ReactorThread, server: HostileServer, ear: Ear | None = None, **account: Any) -> Any:
    """Connect once and go offline again: the error, or None."""
    ear = ear or Ear()

    def run() -> Deferred[Any]:
        told = Account(JID(f"romeo@{DOMAIN}"), "127.0.0.1", server.port, server.direct)._replace(**account)
        link = Link(told, lambda: "secret", ear, reactor.reactor, ear, secrets=ear)

        async def connect() -> Any:
            try:
                await link.connect()
            except Exception as error:
                return error
            finally:
                await link.disconnect()
            return None

        return Deferred.fromCoroutine(connect())

    return reactor.call(run)
