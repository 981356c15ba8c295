"""Finch, Pidgin's sister in a terminal, on the same library; told what to do over D-Bus, as its users' scripts do."""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dbus
import dbus.bus
from support.talk import wait
from support.tmux import Terminal

from sat.world import PASSWORD, World

NAME, PATH = "im.pidgin.purple.PurpleService", "/im/pidgin/purple/PurpleObject"
INTERFACE = "im.pidgin.purple.PurpleInterface"
AVAILABLE = 2  # PURPLE_STATUS_AVAILABLE


class Finch:
    """One that runs, and its account."""

    def __init__(self, connection: dbus.bus.BusConnection) -> None:
        self.purple: Any = dbus.Interface(connection.get_object(NAME, PATH, introspect=False), INTERFACE)

    def enter(self, world: World, person: str) -> None:
        """Go online."""
        account = self.purple.PurpleAccountNew(f"{world.jid(person)}/finch", "prpl-jabber")
        self.purple.PurpleAccountSetPassword(account, PASSWORD)
        self.purple.PurpleAccountSetString(account, "connect_server", "localhost")
        self.purple.PurpleAccountSetInt(account, "port", dbus.Int32(world.server.port))
        self.purple.PurpleAccountSetString(account, "connection_security", "require_tls")
        self.purple.PurpleAccountsAdd(account)
        self.purple.PurpleSavedstatusActivate(self.purple.PurpleSavedstatusNew("", dbus.Int32(AVAILABLE)))
        self.purple.PurpleAccountSetEnabled(account, "gnt-purple", dbus.Int32(1))
        wait(lambda: self.purple.PurpleAccountIsConnected(account), "Finch is online")
        self.account = account

    def sees(self, who: str) -> bool:
        """Whether a contact is online."""
        buddy = self.purple.PurpleFindBuddy(self.account, who)
        return bool(buddy and self.purple.PurplePresenceIsOnline(self.purple.PurpleBuddyGetPresence(buddy)))

    def send(self, path: Path, who: str) -> None:
        """Offer a file."""
        self.purple.ServSendFile(self.purple.PurpleAccountGetConnection(self.account), who, str(path))


@contextmanager
def finch(world: World, person: str) -> Iterator[Finch]:
    """Finch, online. It has seen the server's certificate before, so it does not ask whether that is to be believed."""
    assert shutil.which("finch"), "finch is not installed: tools/setup test"
    home = world.folder / "finch"
    believed = home / "certificates" / "x509" / "tls_peers" / "localhost"
    believed.parent.mkdir(parents=True)
    believed.write_text(_certificate(world.server.tls_port))
    connection = dbus.bus.BusConnection(world.bus.address)
    try:
        with Terminal({**world.environment(), "HOME": str(world.folder)}, f"finch -c {home}", 120, 40) as terminal:
            wait(lambda: connection.name_has_owner(NAME), f"Finch is on the bus:\n{terminal.text}")
            program = Finch(connection)
            program.enter(world, person)
            yield program
            with suppress(dbus.DBusException):  # it may be gone before it answers
                program.purple.PurpleCoreQuit()
    finally:
        connection.close()


def _certificate(port: int) -> str:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain) as secure:
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True))
