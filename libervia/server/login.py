"""Who may open a session: who knows the password of the account.

What the daemon keeps is compared first, so that one can log in while the XMPP server is away. A password that differs
is tried at the server: it may have been changed there, by another program. Only what the server accepts opens a
session, and from then on it is the one that is kept. Until then nobody has told the daemon of the change, so the former
one is good here, as it is for the session that the daemon holds; once the server has refused it, it is not.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from libervia.server.advice import sentences
from sat.api import JID, SatError, Secret
from sat.api.errors import (
    AuthFailed,
    InternalError,
    InvalidAddress,
    InvalidArgument,
    ProfileKeyMissing,
    ServerError,
    ServerNotFound,
    StorageError,
    WrongProfilePassword,
)
from sat.api.manager import ProfileInfo

if TYPE_CHECKING:
    from libervia.server.app import App
    from libervia.server.config import Config
    from libervia.server.desk import Desk

FAILURE_TAKES = 1.0
"""Seconds that a refused log-in takes, whatever the reason was."""
TROUBLE = " Some accounts here cannot be opened at the moment; who runs this server can find out why."


class WrongLogin(Exception):
    """The address or the password is wrong. The sentence depends on what was typed, and on whether the daemon has
    profiles that it cannot open, whichever they are: so nobody learns which accounts exist."""

    def __init__(self, address: str, allow_new: bool, troubled: bool) -> None:
        self._address, self._allow_new, self._troubled = address, allow_new, troubled

    def __str__(self) -> str:
        return self._sentence() + (TROUBLE if self._troubled else "")

    def _sentence(self) -> str:
        if "@" not in self._address:
            return "This address and password do not fit together. An address looks like name@example.org."
        error: SatError | None = None
        try:
            jid = JID.parse(self._address)
        except InvalidAddress as invalid:
            error = invalid
        else:
            if jid.local and self._allow_new:  # then every address's server is asked, so this is true
                error = AuthFailed(server=jid.domain, user=jid.local)
        return sentences(error) if error else "This address and password do not fit together."


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
    account = await _account(app, address)
    key = (account, client)
    wait = max(app.account_limit.wait(key), app.address_limit.wait(client))
    if wait > 0:
        raise TooSoon(wait)
    tries = [app.account_limit.attempt(key), app.address_limit.attempt(client)]
    done = asyncio.get_running_loop().time() + FAILURE_TAKES
    try:
        profile = await _check(app, account, address, Secret(password), place)
    except (SatError, _Closed) as error:
        if not isinstance(error, _WRONG if app.config.allow_new else (*_WRONG, ServerError)):
            raise
        await asyncio.sleep(max(0.0, done - asyncio.get_running_loop().time()))
        troubled = any(each.error for each in await app.daemon.manager.list_profiles())
        raise WrongLogin(address, app.config.allow_new, troubled) from None
    for take_back in tries:
        take_back()
    app.tasks.spawn(_go_online(app, profile))
    return profile


async def confirm(app: App, client: str, desk: Desk, password: str) -> None:
    """Whether who is logged in knows the password, too: before what cannot be undone. Raises TooSoon, SatError
    (AuthFailed)."""
    key = (desk.live.jid, client)
    wait = app.account_limit.wait(key)
    if wait > 0:
        raise TooSoon(wait)
    take_back = app.account_limit.attempt(key)
    await desk.apis.profile.check_password(Secret(password))
    take_back()


class _Closed(Exception):
    """The daemon cannot open the profile, so nobody knows whether the password is right."""


_WRONG = (AuthFailed, WrongProfilePassword, InvalidAddress, _Closed)
"""What only says that address and password do not fit. Where new accounts are refused, what a server says about an
account is such a thing, too: it would tell that the account is known here."""


async def _account(app: App, address: str) -> Hashable:
    """Whom an address stands for, however it is written: tries are counted by that."""
    with contextlib.suppress(InvalidAddress):
        jid, known = await _find(app, address)
        if known is not None or jid is not None:
            return known.jid.bare if known is not None else jid
    return f"nobody: {address.casefold()[:1100]}"


async def _find(app: App, address: str) -> tuple[JID | None, ProfileInfo | None]:
    """The bare address that was typed, unless it was a profile's name, and the profile that is meant, if there is one.
    Errors: InvalidAddress."""
    jid = JID.parse(address).bare if "@" in address else None
    profiles = await app.daemon.manager.list_profiles()
    return jid, next((each for each in profiles if (each.jid.bare == jid if jid else each.name == address)), None)


async def _check(app: App, account: Hashable, address: str, password: Secret, place: Place) -> str:
    async with app.adding(account):  # a profile that is being added has a password that nobody has proven
        jid, known = await _find(app, address)
        if known is None:
            if jid is None or not app.config.allow_new:
                raise InvalidAddress(address=address, reason="nobody is called so here")
            return await add_account(app, jid, password, place)
    await _check_known(app, known, password)
    return known.name


async def _check_known(app: App, known: ProfileInfo, password: Secret) -> None:
    if known.error:
        try:
            await app.daemon.manager.unlock_profile(known.name, Secret(""))
        except (ProfileKeyMissing, StorageError, InternalError):
            raise _Closed from None
    if known.locked:
        await app.daemon.manager.check_lock(known.name, password)  # unlocking asks for nothing where others just did it
        await app.daemon.manager.unlock_profile(known.name, password)
        return
    profile = app.daemon.profile(known.name).profile
    try:
        await profile.check_password(password)
    except AuthFailed:
        await profile.log_in(password)


async def add_account(app: App, jid: JID, password: Secret, place: Place) -> str:
    """A new profile, connected; forgotten again when its server refuses it. The profile's name. Call it within
    ``app.adding(jid)``: nobody else may take the profile for one whose password is proven."""
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
