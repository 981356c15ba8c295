"""The whole core of a daemon in one process: a storage that does all at once, a direct bridge, a clock moved by hand,
and links that do what the test says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twisted.internet.task import Clock

from sat.api import JID, SatError, Secret
from sat.api.manager import ManagerApi, ProfileInfo
from sat.api.names import ROOT, profile_path
from sat.api.profile import Connection, ConnectionState, ProfileApi
from sat.bridge.direct import DirectBridge
from sat.core.backend import Backend
from sat.core.config import Config
from sat.storage.storage import Storage
from support.new_database import with_database
from support.romeo import now


class Link:
    """A connection that comes about, or fails as ``house.fate`` says: with WAITING it is tried again later."""

    def __init__(self, house: House, profile: Any) -> None:
        self.house, self.profile, self.over, self.resumable = house, profile, False, False

    async def connect(self) -> None:
        self.house.tried.append(self.profile.password())
        error, state = self.house.fate
        if error is not None:
            self.tell(Connection(state, error=type(error).__name__, details=error.details))
            raise error
        self.succeed()

    def succeed(self) -> None:
        """The server has accepted the password."""
        full = self.profile.account.jid.with_resource("x")
        self.tell(Connection(ConnectionState.ONLINE, full))
        self.profile.session.link_online(full, False)

    def tell(self, connection: Connection) -> None:
        self.profile.session.link_changed(connection)

    async def disconnect(self) -> None:
        self.over = True
        self.tell(Connection())

    def send(self, element: Any, token: Any = None) -> bool:
        return not self.over

    async def ask(self, iq: Any, timeout: float = 30.0) -> Any:
        from sat.api.errors import RequestTimeout

        raise RequestTimeout(peer="nobody", seconds=timeout)


class House:
    """What lives in a folder, until it is closed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        self.fate: tuple[SatError | None, ConnectionState] = (None, ConnectionState.ONLINE)
        self.tried: list[str] = []  # the passwords with which a connection was tried
        self.links: list[Link] = []
        self.storage = now(Storage.open(with_database(folder), None, clock=self.clock.seconds))
        self.bridge = DirectBridge()
        self.backend = Backend(self.storage, self.bridge, Config(folder / "sat.conf"), self.clock, lambda: None)
        self.backend.make_link = self._link
        self.bridge.objects.missing = self.backend.why_missing

    def _link(self, profile: Any, memory: Any) -> Link:
        self.links.append(Link(self, profile))
        return self.links[-1]

    @property
    def manager(self) -> ManagerApi:
        return self.bridge.client(ROOT, ManagerApi)

    def profile(self, name: str) -> ProfileApi:
        return self.bridge.client(profile_path(name), ProfileApi)

    def create(self, name: str, stored: str = "secret", lock: str = "") -> None:
        now(self.manager.create_profile(name, JID(f"{name}@example.org"), Secret(stored), Secret(lock)))

    def info(self, name: str) -> ProfileInfo:
        return next(info for info in now(self.manager.list_profiles()) if info.name == name)

    def password(self, name: str, lock: str = "") -> str | None:
        """What is stored."""
        return now(now(self.storage.profiles.open(name, lock)).get("password"))


@contextmanager
def lived_in(folder: Path) -> Iterator[House]:
    """A house whose daemon has started. In the end it leaves nothing behind."""
    house = House(folder)
    now(house.backend.start())
    yield house
    now(house.backend.stop())
    assert not house.clock.getDelayedCalls()
