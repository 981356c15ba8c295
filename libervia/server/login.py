"""Who may open a session: who knows the password that the daemon keeps for the address."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from sat.api import JID, SatError, Secret
from sat.api.errors import (
    AuthFailed,
    InternalError,
    InvalidAddress,
    InvalidArgument,
    PasswordMissing,
    ProfileExists,
    ProfileKeyMissing,
    ServerNotFound,
    StorageError,
    WrongProfilePassword,
)
from sat.api.manager import ProfileInfo

if TYPE_CHECKING:
    from libervia.server.app import App
    from libervia.server.config import Config

FAILURE_TAKES = 1.0
"""Seconds that a refused log-in takes, whatever the reason was."""


class WrongLogin(Exception):
    """The address or the password is wrong. The sentence depends on what was typed, and on whether the daemon has
    profiles that it cannot open, whichever they are: so nobody learns which accounts exist."""

    def __init__(self, address: str, allow_new: bool, troubled: bool) -> None:
        self._address, self._allow_new, self._troubled = address, allow_new, troubled

    def __str__(self) -> str:
        trouble = " Some accounts here cannot be opened at the moment; jp doctor says why." if self._troubled else ""
        return self._sentence() + trouble

    def _sentence(self) -> str:
        error: SatError | None = None
        try:
            jid = JID.parse(self._address) if "@" in self._address else JID("")
        except InvalidAddress as invalid:
            error = invalid
        else:
            if jid.local and self._allow_new:  # then every address's server is asked, so this is true
                error = AuthFailed(server=jid.domain, user=jid.local)
        return f"{error} {error.advice}" if error else "This address and password do not fit together."


def for_strangers(error: SatError, config: Config) -> SatError:
    """An error as it is told to who has not logged in: where anybody can read it, it does not name the servers that
    others here use."""
    if isinstance(error, ServerNotFound) and not config.private:
        return ServerNotFound(server=error.details["server"])
    return error


class TooSoon(Exception):
    """Too many tries."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))

    def __str__(self) -> str:
        return f"Too many tries. Wait {self.seconds} second{'s' if self.seconds > 1 else ''}, then try again."


class Place(NamedTuple):
    """Where a server is that DNS does not know; empty and 0 mean: ask DNS."""

    host: str = ""
    port: int = 0


def read_place(form: Mapping[str, str]) -> Place:
    """The fields ``host`` and ``port`` of a form. Errors: InvalidArgument."""
    host, port = form.get("host", "").strip(), form.get("port", "").strip()
    if port and not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
        raise InvalidArgument(reason="A port is a number from 1 to 65535.")
    if host and (len(host) > 255 or not host.isprintable() or any(char.isspace() or char in "/@" for char in host)):
        raise InvalidArgument(reason="A host is a name or an IP address.")
    return Place(host, int(port or 0))


async def log_in(app: App, client: str, address: str, password: str, place: Place) -> str:
    """The profile of an address, when the password is right. ``client`` is the network address of the browser;
    ``place`` is for accounts that are new here.

    Raises TooSoon, WrongLogin, and SatError for what is not the person's fault (no daemon, no server found).
    """
    await app.daemon.check()
    key: Hashable = (address.casefold()[:1100], client)
    wait = max(app.account_limit.wait(key), app.address_limit.wait(client))
    if wait > 0:
        raise TooSoon(wait)
    app.account_limit.attempt(key)
    app.address_limit.attempt(client)
    done = asyncio.get_running_loop().time() + FAILURE_TAKES
    try:
        profile = await _check(app, address, Secret(password), place)
    except (AuthFailed, WrongProfilePassword, InvalidAddress, ProfileExists, _Closed):
        await asyncio.sleep(max(0.0, done - asyncio.get_running_loop().time()))
        troubled = any(each.error for each in await app.daemon.manager.list_profiles())
        raise WrongLogin(address, app.config.allow_new, troubled) from None
    app.account_limit.succeeded(key)
    app.address_limit.succeeded(client)
    app.tasks.spawn(_go_online(app, profile))
    return profile


async def _check(app: App, address: str, password: Secret, place: Place) -> str:
    manager = app.daemon.manager
    jid = JID.parse(address).bare if "@" in address else None
    profiles = await manager.list_profiles()
    known = next((each for each in profiles if (each.jid.bare == jid if jid else each.name == address)), None)
    if known is None:
        if jid is None or not app.config.allow_new:
            raise InvalidAddress(address=address, reason="nobody is called so here")
        return await add_account(app, jid, password, place)
    await _check_known(app, known, password)
    return known.name


class _Closed(Exception):
    """The daemon cannot open the profile, so nobody knows whether the password is right."""


async def _check_known(app: App, known: ProfileInfo, password: Secret) -> None:
    if known.error:
        try:
            await app.daemon.manager.unlock_profile(known.name, Secret(""))
        except (ProfileKeyMissing, StorageError, InternalError):
            raise _Closed from None
    if known.locked:
        await app.daemon.manager.unlock_profile(known.name, password)
        return
    profile = app.daemon.profile(known.name).profile
    try:
        await profile.check_password(password)
    except PasswordMissing:
        # Nothing is stored to compare with: let the server judge.
        raise AuthFailed(server=known.jid.domain, user=known.jid.local) from None


async def add_account(app: App, jid: JID, password: Secret, place: Place) -> str:
    """A new profile, connected; forgotten again when its server refuses it. The profile's name."""
    await app.daemon.manager.create_profile(str(jid), jid, password)
    profile = app.daemon.profile(str(jid)).profile
    try:
        if place.host or place.port:
            account = await profile.get_account()
            await profile.set_account(account._replace(host=place.host, port=place.port))
        await profile.connect()
    except BaseException:
        with contextlib.suppress(SatError):
            await app.daemon.manager.delete_profile(str(jid))
        raise
    return str(jid)


async def _go_online(app: App, name: str) -> None:
    """Who logs in wants to be online; if that fails, the pages show why."""
    with contextlib.suppress(SatError):
        await app.daemon.profile(name).profile.connect()
