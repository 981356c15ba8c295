"""The profiles of the daemon and their connections."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from sat.api import JID, SatError, Secret, Signal
from sat.api.errors import ProfileNotFound, error_named
from sat.api.manager import ManagerApi, ProfileInfo
from sat.api.profile import Connection, ConnectionState, ProfileApi
from sat.plugins.messages.api import MessagesApi
from sat.plugins.transfers.api import Transfer, TransfersApi


class ProfileRow(NamedTuple):
    """A profile as it is drawn. ``error`` is what ended its last connection; of one that is not open, why it is not.
    ``unread`` is how many messages of all its conversations are unread, and ``offers`` how many files wait for a
    person, as far as that is known."""

    name: str
    jid: JID
    state: ConnectionState
    open: bool
    locked: bool
    default: bool
    current: bool
    error: SatError | None = None
    unread: int = 0
    offers: int = 0


def connection_error(connection: Connection) -> SatError | None:
    """The error that ended a connection, as it was raised in the daemon."""
    return error_named(connection.error, connection.details) if connection.error else None


class Profiles:
    """All profiles and which one is current. Methods raise SatError, and change nothing then.

    ``profile``, ``messages`` and ``transfers`` give clients of a profile by its name. The list stays as it
    was while the daemon is away.
    """

    def __init__(
        self,
        manager: ManagerApi,
        profile: Callable[[str], ProfileApi],
        messages: Callable[[str], MessagesApi] | None = None,
        transfers: Callable[[str], TransfersApi] | None = None,
    ) -> None:
        self.changed: Signal[str] = Signal()
        """The name of the profile that changed; empty: the list, or which one is current."""
        self.current = ""
        """The name of the current profile; empty when there is none."""
        self._manager, self._profile, self._messages, self._transfers = manager, profile, messages, transfers
        self._infos: dict[str, ProfileInfo] = {}
        self._watched: dict[str, list[Callable[[], None]]] = {}
        self._offers: dict[str, set[str]] = {}
        self._disconnects: list[Callable[[], None]] = []

    @property
    def rows(self) -> list[ProfileRow]:
        """All profiles, the default one first."""
        return [self.row(name) for name in sorted(self._infos, key=lambda name: (not self._infos[name].default, name))]

    def row(self, name: str) -> ProfileRow:
        """One profile. Errors: ProfileNotFound."""
        info = self._infos.get(name)
        if info is None:
            raise ProfileNotFound(profile=name)
        obstacle, current = info.obstacle, name == self.current
        connection = Connection() if obstacle else self._profile(name).connection.value
        unread = 0 if obstacle or self._messages is None else self._messages(name).unread.value
        error, is_open = obstacle or connection_error(connection), obstacle is None
        offers = len(self._offers.get(name, ()))
        return ProfileRow(
            name, info.jid, connection.state, is_open, info.locked, info.default, current, error, unread, offers
        )

    def __contains__(self, name: object) -> bool:
        return name in self._infos

    def __len__(self) -> int:
        return len(self._infos)

    # -- its life -------------------------------------------------------------------------------------------------

    async def start(self, wanted: str = "") -> None:
        """Hear everything from now on, and load the list. The profile wanted becomes the current one, else the
        default one. Errors: ProfileNotFound for the one wanted."""
        if not self._disconnects:
            self._disconnects = [
                self._manager.profile_added.connect(self._take),
                self._manager.profile_changed.connect(self._take),
                self._manager.profile_removed.connect(self._forget),
            ]
        await self.resync()
        if wanted:
            self.choose(wanted)

    def close(self) -> None:
        """Hear nothing any more."""
        for disconnect in self._disconnects:
            disconnect()
        self._disconnects.clear()
        for name in tuple(self._watched):
            self._unwatch(name)

    async def resync(self) -> None:
        """The daemon was away and is back: load everything again."""
        infos = await self._manager.list_profiles()
        for name in self._infos.keys() - {info.name for info in infos}:
            self._unwatch(name)
        self._infos = {info.name: info for info in infos}
        for name in self._infos:
            self._watch(name)
            await self._look_at_offers(name)
        if self.current not in self._infos:
            self.current = infos[0].name if infos else ""
        self.changed.emit("")

    # -- what a person does ---------------------------------------------------------------------------------------

    def choose(self, name: str) -> None:
        """Make a profile the current one. Errors: ProfileNotFound."""
        if name not in self._infos:
            raise ProfileNotFound(profile=name)
        if name != self.current:
            self.current = name
            self.changed.emit("")

    async def log_in(
        self, jid: JID, password: Secret, name: str = "", host: str = "", port: int = 0, pin: str = ""
    ) -> str:
        """Store an account and connect; the profile's name. A new profile whose log-in fails is forgotten again; one
        that was there for this address gets the password, and the host, port and pin if they are given."""
        changes: dict[str, Any] = {"host": host, "port": port} if host or port else {}
        if pin:
            changes["pin"] = pin
        known = next((info.name for info in self._infos.values() if info.jid.bare == jid.bare), "")
        if known and name in ("", known):
            await self._log_in_again(self._profile(known), password, changes)
            return known
        name = name or self._free_name(jid)
        info = await self._manager.create_profile(name, jid.bare, password)
        self._take(info)
        try:
            profile = self._profile(name)
            if changes:
                await profile.set_account((await profile.get_account())._replace(**changes))
            await profile.connect()
        except SatError:
            with suppress(SatError):  # the first error is the one to tell
                await self.delete(name)
            raise
        return name

    async def _log_in_again(self, profile: ProfileApi, password: Secret, changes: dict[str, Any]) -> None:
        before = await profile.get_account() if changes else None
        if before is not None:
            await profile.set_account(before._replace(**changes))
        try:
            await profile.log_in(password)
        except SatError:
            if before is not None:
                with suppress(SatError):  # the first error is the one to tell
                    await profile.set_account(before)
            raise

    async def stop(self, jid: JID) -> None:
        """Stop connecting the profile of an address."""
        for name in [info.name for info in self._infos.values() if info.jid.bare == jid.bare]:
            await self._profile(name).disconnect()

    async def connect(self, name: str) -> None:
        """Connect a profile."""
        await self._profile(name).connect()

    async def disconnect(self, name: str) -> None:
        """Disconnect a profile."""
        await self._profile(name).disconnect()

    async def unlock(self, name: str, lock: Secret) -> None:
        """Open a profile that has a password of its own, or try another again that is not open."""
        await self._manager.unlock_profile(name, lock)

    async def set_default(self, name: str) -> None:
        """The profile that frontends take when none is named."""
        await self._manager.set_default_profile(name)

    async def delete(self, name: str) -> None:
        """Forget a profile and all that is stored for it. The account on the server stays."""
        await self._manager.delete_profile(name)
        self._forget(name)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _free_name(self, jid: JID) -> str:
        """A name for the profile of an address: the shortest that is free."""
        base = jid.local or jid.domain
        for name in (base, jid.bare):
            if name not in self._infos:
                return name
        number = 2
        while f"{base}{number}" in self._infos:
            number += 1
        return f"{base}{number}"

    def _take(self, info: ProfileInfo) -> None:
        if info.default:
            self._infos = {name: each._replace(default=False) for name, each in self._infos.items()}
        self._infos[info.name] = info
        self._watch(info.name)
        if not self.current:
            self.current = info.name
        self.changed.emit(info.name)

    def _forget(self, name: str) -> None:
        if self._infos.pop(name, None) is None:
            return
        self._unwatch(name)
        if self.current == name:
            rows = self.rows
            self.current = rows[0].name if rows else ""
        self.changed.emit("")

    def _watch(self, name: str) -> None:
        if name not in self._watched and self._infos[name].obstacle is None:
            self._watched[name] = [self._profile(name).connection.changed.connect(lambda _: self.changed.emit(name))]
            if self._messages is not None:
                unread = self._messages(name).unread.changed
                self._watched[name].append(unread.connect(lambda _: self.changed.emit(name)))

            if self._transfers is not None:
                moved = self._transfers(name).changed
                self._watched[name].append(moved.connect(lambda transfer: self._moved(name, transfer)))

    async def _look_at_offers(self, name: str) -> None:
        """Those that came before we listened; there are none where the daemon does not know of such things."""
        if self._transfers is not None and self._infos[name].obstacle is None:
            with suppress(SatError):
                found = await self._transfers(name).get_all()
                self._offers[name] = {each.id for each in found if each.asks}

    def _moved(self, name: str, transfer: Transfer) -> None:
        known = self._offers.setdefault(name, set())
        if transfer.asks != (transfer.id in known):
            (known.add if transfer.asks else known.discard)(transfer.id)
            self.changed.emit(name)

    def _unwatch(self, name: str) -> None:
        self._offers.pop(name, None)
        for disconnect in self._watched.pop(name, ()):
            disconnect()
