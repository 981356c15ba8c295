"""A profile at work: opens its session, connects its account, serves both on the bus."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sat.api.errors import AuthFailed, InvalidArgument, PasswordMissing, SatError
from sat.api.names import profile_path
from sat.api.profile import Account, Connection, ConnectionState, ProfileApi
from sat.api.settings import SettingsApi
from sat.api.values import Secret
from sat.core.session import Session
from sat.core.settings import Settings
from sat.storage.profiles import StoredProfile
from sat.storage.stores import Store
from sat.storage.vault import Vault

if TYPE_CHECKING:
    from sat.core.backend import Backend

PASSWORD = "password"  # noqa: S105 - the name of the secret


class OpenProfile(ProfileApi):
    """A profile that is loaded and unlocked."""

    def __init__(self, backend: Backend, stored: StoredProfile, vault: Vault) -> None:
        self._backend, self._vault = backend, vault
        self.account = stored.account
        self.name.value = stored.name
        self.jid.value = stored.account.jid
        self.log = logging.LoggerAdapter(logging.getLogger(__name__), {"profile": stored.name})
        self.settings = Settings(
            backend.registry, backend.config.settings, backend.storage.store(stored.name, "settings")
        )
        self.session = Session(stored.name, stored.account, backend.storage, self.settings, backend.clock)
        self.session.connection_changed = self.connection.set
        self._undo: list[Callable[[], None]] = []
        self._memory = _Memory(backend.storage.store(stored.name, "security"))
        self._password = ""

    async def open(self) -> None:
        """Load settings and plugins, and appear on the bus."""
        await self.settings.load()
        await self._memory.load()
        plugins = await self.session.load(self._backend.loader.plugins, self._backend.plugin_failed)
        path = profile_path(self.name.value)
        served: list[tuple[type[Any], Any]] = [(ProfileApi, self), (SettingsApi, self.settings)]
        served += [(api, plugin) for plugin in plugins for api in plugin.apis()]
        self._undo = [self._backend.bridge.publish(path, api, implementation) for api, implementation in served]

    async def close(self) -> None:
        """Go offline, leave the bus, stop the plugins."""
        await self.disconnect()
        for undo in reversed(self._undo):
            undo()
        self.session.stop()

    # -- ProfileApi --------------------------------------------------------------------------------------------

    async def connect(self) -> None:
        if self.connection.value.state is ConnectionState.ONLINE:
            return
        link = self.session.link
        if link is None:
            self._password = await self._vault.get(PASSWORD) or ""
            if not self._password:
                raise PasswordMissing(profile=self.name.value, jid=self.jid.value)
            link = self.session.link = self._backend.make_link(self, self._memory)
        await link.connect()

    async def log_in(self, password: Secret) -> None:
        was_online = self.session.online
        await self.disconnect()
        self._password = str(password)
        link = self.session.link = self._backend.make_link(self, self._memory)
        try:
            await link.connect()
        except AuthFailed:
            await self.disconnect()
            if was_online:  # a slip of the finger is no reason to stay away
                self.session.tasks.spawn(self.connect())
            raise
        except SatError:  # the server could not be asked: the link goes on trying, with this password
            await self._vault.set(PASSWORD, str(password))
            raise
        await self._vault.set(PASSWORD, str(password))

    async def disconnect(self) -> None:
        link, self.session.link = self.session.link, None
        if link is not None:
            await link.disconnect()
        self._password = ""
        self.connection.set(Connection())

    async def get_account(self) -> Account:
        return self.account

    async def set_account(self, account: Account) -> None:
        if account.jid.bare != self.account.jid.bare:
            raise InvalidArgument(reason="The address of a profile cannot be changed; make another profile.")
        if not 0 <= account.port <= 65535:
            raise InvalidArgument(reason=f"{account.port} is no port; it must be between 1 and 65535.")
        await self._backend.storage.profiles.set_account(self.name.value, account)
        self.account = self.session.account = account
        if self.connection.value.state is not ConnectionState.ONLINE:
            await self._renew()

    async def set_password(self, password: Secret) -> None:
        await self._vault.set(PASSWORD, str(password))
        if self.connection.value.state is not ConnectionState.ONLINE:
            await self._renew()

    async def set_lock(self, old: Secret, new: Secret) -> None:
        await self._backend.storage.profiles.set_lock(self.name.value, str(old), str(new))

    async def check_password(self, password: Secret) -> None:
        stored = await self._vault.get(PASSWORD) or ""
        if not stored or not hmac.compare_digest(stored.encode(), str(password).encode()):
            raise AuthFailed(server=self.jid.value.domain, user=self.jid.value.local)

    async def forget_security(self) -> None:
        await self._memory.clear()

    # -- for the link ------------------------------------------------------------------------------------------

    def password(self) -> str:
        """The account's password, while connected or trying to."""
        return self._password

    async def _renew(self) -> None:
        """What the link was made with has changed: the next connection uses what holds now."""
        link, self.session.link = self.session.link, None
        if link is not None:
            await link.disconnect()


class _Memory:
    """What the link remembers between runs (``sat.xmpp.link.SecurityMemory``), read once, written through."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._values: dict[str, str] = {}

    async def load(self) -> None:
        self._values = {key: str(value) for key, value in (await self._store.all()).items()}

    def get(self, key: str) -> str:
        return self._values.get(key, "")

    def set(self, key: str, value: str) -> None:
        if self._values.get(key) != value:
            self._values[key] = value
            self._store.set(key, value).addErrback(
                lambda failure: logging.getLogger(__name__).error("%s could not be stored: %s", key, failure.value)
            )

    async def clear(self) -> None:
        for key in list(self._values):
            await self._store.delete(key)
        self._values.clear()
