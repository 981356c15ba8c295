"""A profile at work: opens its session, connects its account, serves both on the bus."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from sat.api.errors import AuthFailed, InvalidArgument, NotConnected, PasswordMissing, SatError, StorageError
from sat.api.names import profile_path
from sat.api.profile import Account, Connection, ConnectionState, ProfileApi
from sat.api.settings import SettingsApi
from sat.api.values import Secret
from sat.core.plugin import Leaving
from sat.core.session import Session
from sat.core.settings import Settings
from sat.storage.profiles import StoredProfile
from sat.storage.stores import Store
from sat.storage.vault import PASSWORD_KEY, Vault
from sat.xmpp import register
from sat.xmpp.link import complete
from sat.xmpp.login import CLIENT, TOKEN
from sat.xmpp.once import revoke_token, try_password
from sat.xmpp.pins import read_pin
from sat.xmpp.resolve import web_target

if TYPE_CHECKING:
    from sat.core.backend import Backend
    from sat.xmpp.link import Link


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
        self.session = Session(
            stored.name,
            stored.account,
            backend.storage,
            self.settings,
            vault,
            backend.clock,
            desktop=backend.desktop,
        )
        self.session.connection_changed = self.connection.set
        self._undo: list[Callable[[], None]] = []
        self._memory = _Memory(backend.storage.store(stored.name, "security"))
        self.secrets = _Secrets(vault)
        self._password = ""
        self._turn = 0  # grows when the connection that was asked for is no longer wanted

    async def open(self) -> None:
        """Load settings and plugins, and appear on the bus."""
        await self.settings.load()
        await self._memory.load()
        loader = self._backend.loader
        plugins = await self.session.load(loader.plugins, loader.fail)
        self._publish(ProfileApi, self)
        self._publish(SettingsApi, self.settings)
        for plugin in plugins:
            try:
                for api in plugin.apis():
                    self._publish(api, plugin)
            except Exception as error:
                self.log.exception("the plugin %s cannot be published", plugin.name())
                loader.fail(plugin.name(), f"{type(error).__name__}: {error}")

    def _publish(self, api: type[Any], implementation: Any) -> None:
        self._undo.append(self._backend.bridge.publish(profile_path(self.name.value), api, implementation))

    async def close(self) -> None:
        """Go offline, leave the bus, stop the plugins."""
        await self._go_offline()
        for undo in reversed(self._undo):
            undo()
        self.session.stop()

    # -- ProfileApi --------------------------------------------------------------------------------------------

    async def connect(self) -> None:
        await self._want_online()
        if self.connection.value.state is ConnectionState.ONLINE:
            return
        if self.session.link is None:
            turn = self._turn
            password = await self._vault.get(PASSWORD_KEY) or ""
            await self.secrets.load()
            if turn != self._turn:
                raise NotConnected(profile=self.name.value)
            if not password:
                raise PasswordMissing(profile=self.name.value, jid=self.jid.value)
            self._make_link(password)
        assert self.session.link is not None
        await self.session.link.connect()

    async def log_in(self, password: Secret) -> None:
        # On the side first: a slip of the finger, or a stranger at the web page, does not end the session, and what
        # the server has not accepted is never kept.
        try:
            await try_password(self.account, str(password), self._backend.reactor, self._memory, self.log)
        except SatError as error:
            complete(error, self.name.value, self._memory, self._backend.suggest)
            raise
        await self._keep_password(password)
        await self._go_offline()
        await self.connect()

    async def disconnect(self) -> None:
        await self._go_offline()
        await self._store(self.account._replace(autoconnect=False))

    async def _go_offline(self) -> None:
        self._turn += 1
        self._password = ""
        if self.session.online:
            self.session.emit(Leaving())
        link, self.session.link = self.session.link, None
        if link is not None:
            await link.disconnect()
        if self.session.link is None:  # else somebody connects again already
            self.connection.set(Connection())

    async def get_account(self) -> Account:
        return self.account

    async def set_account(self, account: Account) -> None:
        if account.jid.bare != self.account.jid.bare:
            raise InvalidArgument(reason="The address of a profile cannot be changed; make another profile.")
        if not 0 <= account.port <= 65535:
            raise InvalidArgument(reason=f"{account.port} is no port; it must be between 1 and 65535.")
        if account.websocket:
            web_target(account.websocket, account.require_tls)
        await self._store(account._replace(pin=read_pin(account.pin)))
        if self.connection.value.state is not ConnectionState.ONLINE:
            await self._renew()

    async def _store(self, account: Account) -> None:
        if account != self.account:
            await self._backend.storage.profiles.set_account(self.name.value, account)
            self.account = self.session.account = account

    async def _want_online(self) -> None:
        """Who connects wants to be online when the daemon is started again, too; now they do even on a full disk."""
        try:
            await self._store(self.account._replace(autoconnect=True))
        except StorageError as error:
            self.log.error("%s", error)

    async def _keep_password(self, password: Secret) -> None:
        await self._vault.set(PASSWORD_KEY, str(password))
        await self.forget_token()  # it was given for the old one

    async def set_password(self, password: Secret) -> None:
        await self._keep_password(password)
        if self.connection.value.state is not ConnectionState.ONLINE:
            await self._renew()

    async def change_password(self, password: Secret) -> None:
        if not password:
            raise InvalidArgument(reason="An account needs a password.")
        await self.session.ask(register.new_password(self.account.jid, password))
        self._password = str(password)  # before it is stored: on a full disk, the connection comes back all the same
        await self._keep_password(password)

    async def delete_account(self) -> None:
        await self.session.ask(register.removal())
        self.log.warning("the account was removed from its server")
        await self.disconnect()
        await self._vault.set(PASSWORD_KEY, "")
        await self.secrets.clear()

    async def set_lock(self, old: Secret, new: Secret) -> None:
        await self._backend.storage.profiles.set_lock(self.name.value, str(old), str(new))

    async def check_password(self, password: Secret) -> None:
        stored = await self._vault.get(PASSWORD_KEY) or ""
        refused = self.connection.value.error == AuthFailed.__name__  # by the server, since: it is another one now
        if refused or not stored or not hmac.compare_digest(stored.encode(), str(password).encode()):
            raise AuthFailed(server=self.jid.value.domain, user=self.jid.value.local)

    async def forget_security(self) -> None:
        await self.forget_token()
        await self._memory.clear()

    async def forget_token(self) -> None:
        """Log in by no token any more, and have the server forget it, too: who finds it in a backup could use it. The
        server is told in the background, once, as far as it can be reached."""
        await self.secrets.load()
        token = self.secrets.get(TOKEN)
        await self.secrets.clear()
        if token:
            Deferred.fromCoroutine(self._revoke(self._memory.get(CLIENT), token))

    async def _revoke(self, client: str, token: str) -> None:
        try:
            await revoke_token(self.account, client, token, self._backend.reactor, self.log)
        except SatError as error:
            self.log.info("the server was not told to forget its token: %s", error)
        except Exception:  # promise P4
            self.log.exception("the server was not told to forget its token")

    # -- for the link ------------------------------------------------------------------------------------------

    def password(self) -> str:
        """The account's password, while connected or trying to."""
        return self._password

    def _make_link(self, password: str) -> Link:
        if self.session.link is not None:  # made while we waited, with what we now know better
            self.session.link.disconnect()
        self._password = password
        link = self.session.link = self._backend.make_link(self, self._memory)
        return link

    async def _renew(self) -> None:
        """What the link was made with has changed. Who was trying to connect tries again at once, with what holds now;
        the next connection of who is offline uses that."""
        trying = self.connection.value.state in (ConnectionState.CONNECTING, ConnectionState.WAITING)
        turn = self._turn
        link, self.session.link = self.session.link, None
        if link is not None:
            await link.disconnect()
        if trying and turn == self._turn:
            self.session.tasks.spawn(self._reconnect())

    async def _reconnect(self) -> None:
        try:
            await self.connect()
        except SatError as error:
            self.log.warning("%s", error)


class _Memory:
    """What the link remembers between runs (``sat.xmpp.link.SecurityMemory``), read once, written through."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._values: dict[str, str] = {}

    async def load(self) -> None:
        self._values = {key: str(value) for key, value in (await self._store.all()).items()}

    def get(self, key: str) -> str:
        return self._values.get(key, "")

    def set(self, key: str, value: str) -> Deferred[None] | None:
        if self._values.get(key) == value:
            return None
        self._values[key] = value
        return self._store.set(key, value).addErrback(
            lambda failure: logging.getLogger(__name__).error("%s could not be stored: %s", key, failure.value)
        )

    async def clear(self) -> None:
        for key in list(self._values):
            await self._store.delete(key)
        self._values.clear()


class _Secrets:
    """What the link keeps that opens the account, sealed as the password is: the server's token (XEP-0484)."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._token = ""

    async def load(self) -> None:
        try:
            self._token = await self._vault.get(TOKEN) or ""
        except StorageError as error:  # the password does as well
            self._token = ""
            logging.getLogger(__name__).warning("%s", error)

    def get(self, key: str) -> str:
        return self._token if key == TOKEN else ""

    def set(self, key: str, value: str) -> None:
        if key == TOKEN and value != self._token:
            self._token = value
            work = self._vault.set(TOKEN, value) if value else self._vault.delete(TOKEN)
            Deferred.fromCoroutine(work).addErrback(
                lambda failure: logging.getLogger(__name__).error("the token could not be stored: %s", failure.value)
            )

    async def clear(self) -> None:
        self._token = ""
        await self._vault.delete(TOKEN)
