"""One profile: its account and its connection. Served at the profile's object."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api.contract import Api, method, prop
from sat.api.values import JID, Secret


class ConnectionState(StrEnum):
    """How a profile stands to its server."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    ONLINE = "online"
    WAITING = "waiting"


class Connection(NamedTuple):
    """The connection as it is now.

    ``jid`` is the full address when online. ``error`` and ``details`` are the error that ended the last one (see
    ``sat.api.errors``); ``retry_in`` is in seconds, with WAITING. ``security`` says how it is protected, for people.
    """

    state: ConnectionState = ConnectionState.OFFLINE
    jid: JID = JID("")
    error: str = ""
    details: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never changed
    retry_in: float = 0.0
    security: str = ""


class Account(NamedTuple):
    """How to reach the server. An empty host and port 0 mean: ask DNS. ``autoconnect``: go online when the daemon is
    started; connecting and disconnecting the profile sets it. ``pin`` is the fingerprint of a certificate that is
    trusted although no authority vouches for it: ``SHA256:`` and hexadecimal digits. ``websocket``: the URL of a
    WebSocket (``wss:``) to use instead of host and port."""

    jid: JID
    host: str = ""
    port: int = 0
    direct_tls: bool = False
    require_tls: bool = True
    resource: str = ""
    autoconnect: bool = True
    pin: str = ""
    websocket: str = ""


class ProfileApi(Api):
    """The account of this profile and its connection."""

    name = prop(str, "", "What the profile is called on this machine.")
    jid = prop(JID, JID(""), "The address of the account.")
    connection = prop(Connection, Connection(), "How the profile stands to its server.")

    @method
    async def connect(self) -> None:
        """Connect and stay connected, also when the daemon is started again; returns when online. The error of the
        first try is raised, and what can pass by itself (a server that is down) is tried again all the same."""

    @method
    async def log_in(self, password: Secret) -> None:
        """Ask the server whether it accepts this password; if so, keep it and connect with it. Otherwise the one that
        was stored stays, and so does the connection. Errors: as for ``connect``."""

    @method
    async def disconnect(self) -> None:
        """Go offline and stay so, also when the daemon is started again. Errors: StorageError."""

    @method
    async def get_account(self) -> Account:
        """How the server is reached."""

    @method
    async def set_account(self, account: Account) -> None:
        """Change how the server is reached; used from the next connection on, and at once by who is trying to connect.
        The address must stay the same. Errors: InvalidArgument, StorageError."""

    @method
    async def set_password(self, password: Secret) -> None:
        """Store another password for the account; who is trying to connect uses it at once. It is not changed on the
        server."""

    @method
    async def change_password(self, password: Secret) -> None:
        """Have the server take another password for the account, and store it (XEP-0077 §3.3). Errors: InvalidArgument,
        NotConnected, PeerError, RequestTimeout, StorageError."""

    @method
    async def delete_account(self) -> None:
        """Have the server remove the account, for good (XEP-0077 §3.2). What is stored here stays, but for the
        password; the profile is offline then. Errors: NotConnected, PeerError, RequestTimeout, StorageError."""

    @method
    async def set_lock(self, old: Secret, new: Secret) -> None:
        """Change the profile's own password; empty means none. Errors: WrongProfilePassword."""

    @method
    async def check_password(self, password: Secret) -> None:
        """Whether this is the stored password of the account, as far as is known here: the server is not asked (the
        web log-in asks). Errors: AuthFailed, also when the server has refused the stored one since."""

    @method
    async def forget_security(self) -> None:
        """Accept that the server offers weaker ways to log in than it used to."""
