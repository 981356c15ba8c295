"""A person with a daemon and a bus of their own, at a server that is there: two of them are two machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from sat.api import JID
from sat.world.bus import Bus
from sat.world.daemon import Daemon, environment
from sat.world.people import bridge_to, enter
from sat.world.server import Server
from sat.world.world import PASSWORD


class Home:
    """Where a new account lives, with one contact. What it has outlives a kill of ``daemon``. ``inside``: see
    ``Program``."""

    kind = Daemon

    def __init__(self, folder: Path, name: str, server: Server, friend: str, inside: Sequence[str] = ()) -> None:
        self.name, self.folder = name, folder
        self.jid = JID(f"{name}@{server.domain}")
        self.api: Any = None
        folder.mkdir()
        self._server, self._inside = server, inside
        self._bus = Bus(folder)
        server.register(name, PASSWORD)
        server.set_roster(name, {f"{friend}@{server.domain}": (friend, ["Friends"])})

    def __enter__(self) -> Self:
        self._bus.__enter__()
        variables = environment(self.folder, self._bus, self._server.ca_file)
        self.daemon = self.kind(self.folder, self._bus, variables)
        self.daemon.inside = self._inside
        self.daemon.start()
        bridge = bridge_to(self._bus.address)
        enter(bridge, self.name, self.jid, PASSWORD, self._server.port, self._server.address)
        self.api = bridge.profile(self.name)
        return self

    def __exit__(self, *_: object) -> None:
        self.daemon.__exit__()
        self._bus.__exit__()
