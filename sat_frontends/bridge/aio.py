"""The daemon for programs on an asyncio loop: ``primitivus`` and ``libervia``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import _dbus_bindings as bindings

from sat.api.contract import Signal
from sat.api.errors import NoBus, NoDaemon, SatError
from sat.api.names import BUS_NAME, ROOT
from sat.bridge import glib
from sat.bridge.link import BRIDGE, DBUS, SIGNALS_LOST, bus_message, call_message, open_connection, raised, result_of
from sat_frontends.bridge.access import Bridge
from sat_frontends.bridge.patience import patience
from sat_frontends.bridge.watches import Receiver, Watches

LEAVING = 1.0  # seconds that a closed connection is kept
RETRY = 1.0  # seconds between two tries to find the bus again


async def connect(timeout: float = 1.0, start: bool = False, address: str = "") -> AioBridge:
    """Reach the daemon on the session bus, or on the bus at ``address``; with ``start``, the bus is asked to start one
    that does not run. Errors: NoBus, NoDaemon, DaemonSilent, each within about ``timeout`` s; DaemonNotStarted."""
    bridge = AioBridge(asyncio.get_running_loop(), address)
    try:
        await bridge.attach(timeout)
        if start:
            await bridge.start_daemon()
        await bridge.ask(call_message(BUS_NAME, ROOT, f"{DBUS}.Peer", "Ping"), timeout)
    except BaseException:
        bridge.close()
        raise
    return bridge


class AioBridge(Bridge):
    """A connection of its own, which comes back by itself when daemon or bus were away.

    ``daemon_gone`` and ``daemon_back`` tell of that, ``bus_changed`` whether the bus is there. ``resync`` says: what
    you know may be out of date, ask again (the daemon is back, or signals were lost).
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, address: str = "") -> None:
        super().__init__()
        from _dbus_glib_bindings import DBusGMainLoop

        self.daemon_gone: Signal[None] = Signal()
        self.daemon_back: Signal[None] = Signal()
        self.resync: Signal[None] = Signal()
        self.bus_changed: Signal[bool] = Signal()
        self._loop, self._address = loop, address
        self._main_loop = DBusGMainLoop()
        self._driver = glib.start(loop)
        self._connection: Any = None
        self._owner = ""
        self._closed = False
        self._retry: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Future[Any]] = set()
        self._watches = Watches(self._send)
        self._watches.add(ROOT, BRIDGE, SIGNALS_LOST, "", lambda: self.resync.emit(None))

    @property
    def present(self) -> bool:
        """Whether the daemon is on the bus now."""
        return bool(self._owner)

    @property
    def on_bus(self) -> bool:
        """Whether the bus is there now."""
        return self._connection is not None

    def close(self) -> None:
        """Leave the bus."""
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()
        if self._connection is not None:
            self._drop()
        self._give_up()

    def transport(self, path: str) -> AioTransport:
        """See :class:`sat_frontends.bridge.access.Bridge`."""
        return AioTransport(self, path)

    def watch(self, path: str, interface: str, member: str, signature: str, receiver: Receiver) -> Callable[[], None]:
        """Receive a signal, until the returned function is called."""
        return self._watches.add(path, interface, member, signature, receiver)

    async def ask(self, message: Any, timeout: float, taken: Callable[[Any], None] | None = None) -> Any:
        """Send a call and wait for its answer; ``taken`` has it before anything that came after it."""
        if self._connection is None or not self._connection.get_is_connected():
            raise NoBus
        answered: asyncio.Future[Any] = self._loop.create_future()

        def done(reply: Any) -> None:
            if taken is not None:
                taken(reply)
            if not answered.done():
                answered.set_result(reply)

        pending = self._connection.send_message_with_reply(message, done, timeout)
        self._driver.kick()
        self._waiting.add(answered)
        try:
            reply = await answered
        except asyncio.CancelledError:
            pending.cancel()
            raise
        finally:
            self._waiting.discard(answered)
        if reply.get_type() == bindings.MESSAGE_TYPE_ERROR:
            raise raised(reply, timeout)
        return reply

    async def attach(self, timeout: float) -> None:
        """Enter the bus and see whether the daemon is there. Errors: NoBus."""
        connection = self._connection = open_connection(self._address, self._main_loop)
        rule = f"type='signal',sender='{DBUS}',interface='{DBUS}',member='NameOwnerChanged',arg0='{BUS_NAME}'"
        try:
            connection.add_message_filter(self._heard)
            hello = await self.ask(bus_message("Hello"), timeout)
            connection.set_unique_name(str(hello.get_args_list()[0]))
            await self.ask(bus_message("AddMatch", "s", rule), timeout)
            self._watches.renew()
            with suppress(NoDaemon):
                await self.ask(bus_message("GetNameOwner", "s", BUS_NAME), timeout, self._take_owner)
        except SatError:
            connection.close()
            self._connection = None
            self._give_up()  # others may have asked meanwhile
            raise NoBus from None

    async def start_daemon(self) -> None:
        """Have the daemon started, where it does not run. Errors: NoBus, NoDaemon, DaemonNotStarted."""
        if self.present:
            return
        from sat_frontends.bridge import activation

        try:
            await self.ask(activation.start_message(), activation.TIMEOUT)
        except SatError as error:
            raise activation.why_not(error) from None

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        connection.close()
        if not self._loop.is_closed():
            # libdbus hands out its "Disconnected" later, and dbus-python wants the connection to be there then.
            self._loop.call_later(LEAVING, lambda: connection)

    # -- inside --------------------------------------------------------------------------------------------------

    def _send(self, message: Any) -> None:
        if self._connection is not None and self._connection.get_is_connected():
            self._connection.send_message(message)
            self._driver.kick()

    def _heard(self, connection: Any, message: Any) -> int:
        if message.get_type() != bindings.MESSAGE_TYPE_SIGNAL:
            return int(bindings.HANDLER_RESULT_NOT_YET_HANDLED)
        try:
            self._take(connection, message)
        except Exception as error:
            self._loop.call_exception_handler({"message": "a signal's receiver failed", "exception": error})
        return int(bindings.HANDLER_RESULT_HANDLED)

    def _take(self, connection: Any, message: Any) -> None:
        if message.get_interface() == bindings.LOCAL_IFACE:
            if connection is self._connection:
                self._lost()
        elif message.get_sender() == DBUS:
            if message.get_member() == "NameOwnerChanged" and message.get_args_list()[0] == BUS_NAME:
                self._set_owner(str(message.get_args_list()[2]))
        else:
            for receiver in self._watches.receivers(message, self._owner):
                receiver(*message.get_args_list(byte_arrays=True))

    def _take_owner(self, reply: Any) -> None:
        if reply.get_type() != bindings.MESSAGE_TYPE_ERROR:
            self._set_owner(str(reply.get_args_list()[0]))

    def _set_owner(self, owner: str) -> None:
        if owner == self._owner:
            return
        before, self._owner = self._owner, owner
        if before:
            self.daemon_gone.emit(None)
        if owner:
            self.daemon_back.emit(None)
            self.resync.emit(None)

    def _lost(self) -> None:
        self._connection = None
        self._give_up()
        if not self._closed and (self._retry is None or self._retry.done()):
            self._retry = self._loop.create_task(self._return())
        self.bus_changed.emit(False)
        self._set_owner("")

    def _give_up(self) -> None:
        # libdbus tells of open calls only after it told that the bus is gone, and never when we let go of it.
        for answered in tuple(self._waiting):
            if not answered.done():
                answered.set_exception(NoBus())

    async def _return(self) -> None:
        while self._connection is None and not self._closed:
            await asyncio.sleep(RETRY)
            with suppress(NoBus):
                await self.attach(RETRY)
                self.bus_changed.emit(True)


class AioTransport:
    """Carries the data of one object."""

    follows = True

    def __init__(self, bridge: AioBridge, path: str) -> None:
        self._bridge, self._path = bridge, path

    async def call(self, interface: str, member: str, signature: str, values: tuple[Any, ...], returns: str) -> Any:
        """See :class:`sat.bridge.derive.Transport`."""
        message = call_message(BUS_NAME, self._path, interface, member, signature, values)
        reply = await self._bridge.ask(message, patience(member))
        return result_of(reply, returns)

    def watch(self, interface: str, member: str, signature: str, receiver: Receiver) -> Callable[[], None]:
        """See :class:`sat.bridge.derive.Transport`."""
        return self._bridge.watch(self._path, interface, member, signature, receiver)
