"""The daemon for programs without an event loop, as ``jp``: calls wait, coroutines never suspend."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import _dbus_bindings as bindings

from sat.api.errors import DaemonSilent, InternalError, NoBus, NoDaemon, SatError
from sat.api.names import BUS_NAME, ROOT
from sat.bridge.link import DBUS, bus_message, call_message, open_connection, raised, result_of
from sat_frontends.bridge.access import Bridge
from sat_frontends.bridge.patience import patience
from sat_frontends.bridge.watches import Receiver, Watches

T = TypeVar("T")

_LONGEST = 3600.0  # seconds of one wait: the kernel counts milliseconds, and not for ever
_QUICK = 0.2  # seconds; who answers sooner costs no ctypes


def connect(timeout: float = 1.0, start: bool = False, address: str = "") -> BlockingBridge:
    """Reach the daemon on the session bus, or on the bus at ``address``; with ``start``, the bus is asked to start one
    that does not run. Errors: NoBus, NoDaemon, DaemonSilent, each within about ``timeout`` s; DaemonNotStarted."""
    return BlockingBridge(timeout, start, address)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that uses nothing but a blocking bridge."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise RuntimeError("this coroutine waits for something else than the bridge")


class BlockingBridge(Bridge):
    """A connection of its own. One thread only."""

    def __init__(self, timeout: float, start: bool, address: str) -> None:
        super().__init__()
        self._connection = open_connection(address)
        self._poll = select.poll()
        self._poll.register(self._connection.get_unix_fd(), select.POLLIN)
        self._watches = Watches(self._connection.send_message)
        self._inbox: list[tuple[Receiver, Any]] = []
        self._owner = ""
        self._gone = False
        hello = self._bus(bus_message("Hello"), timeout)
        self._connection.set_unique_name(str(hello.get_args_list()[0]))
        try:
            self._owner = self._look(timeout)
        except NoDaemon:
            if not start:
                raise
            self._start()
            self._owner = self._look(timeout)
        self._listening = False

    def close(self) -> None:
        """Leave the bus."""
        self._connection.close()

    def transport(self, path: str) -> BlockingTransport:
        """See :class:`sat_frontends.bridge.access.Bridge`."""
        return BlockingTransport(self, path)

    def watch(self, path: str, interface: str, member: str, signature: str, receiver: Receiver) -> Callable[[], None]:
        """Receive a signal while :meth:`listen` runs."""
        self._hear()
        return self._watches.add(path, interface, member, signature, receiver)

    def ask(self, message: Any, timeout: float) -> Any:
        """Send a call and wait for its answer; Ctrl-C interrupts. Errors: DaemonSilent, NoBus, those answered."""
        if not self._connection.get_is_connected():
            raise NoBus
        box: list[Any] = []
        pending = self._connection.send_message_with_reply(message, box.append, timeout)
        deadline = time.monotonic() + timeout
        # libdbus waits deaf to Ctrl-C, so it is asked only when the answer has begun to come. With watches there is
        # more than answers to come.
        if not self._listening_for_more() and self._poll.poll(min(_QUICK, timeout) * 1000):
            pending.block()
        while not box:
            if time.monotonic() >= deadline:
                pending.cancel()
                raise DaemonSilent(seconds=f"{timeout:g}")
            self._turn(deadline)
        reply = box[0]
        if reply.get_type() == bindings.MESSAGE_TYPE_ERROR:
            raise raised(reply, timeout)
        return reply

    def listen(self, stop: Callable[[], bool] = lambda: False, timeout: float | None = None) -> None:
        """Hand signals to who watches, until Ctrl-C, until ``stop`` says so after a signal, or for ``timeout`` seconds.
        Errors: NoDaemon when the daemon leaves, NoBus when the bus does, and what a receiver raises."""
        self._hear()
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            while not stop() and (deadline is None or time.monotonic() < deadline):
                self._deliver()
                if not self._connection.get_is_connected():
                    raise NoBus
                if self._gone:
                    raise NoDaemon
                if not stop():
                    self._turn(deadline)
        except KeyboardInterrupt:
            return

    # -- inside --------------------------------------------------------------------------------------------------

    def _look(self, timeout: float) -> str:
        return str(self.ask(call_message(BUS_NAME, ROOT, f"{DBUS}.Peer", "Ping"), timeout).get_sender())

    def _start(self) -> None:
        from sat_frontends.bridge import activation

        try:
            self.ask(activation.start_message(), activation.TIMEOUT)
        except SatError as error:
            raise activation.why_not(error) from None

    def _bus(self, message: Any, timeout: float) -> Any:
        try:
            return self.ask(message, timeout)
        except (DaemonSilent, InternalError):
            raise NoBus from None

    def _listening_for_more(self) -> bool:
        return bool(self._owner) and self._listening

    def _hear(self) -> None:
        if self._listening:
            return
        self._listening = True
        self._connection.add_message_filter(self._heard)
        rule = f"type='signal',sender='{DBUS}',interface='{DBUS}',member='NameOwnerChanged',arg0='{BUS_NAME}'"
        self._bus(bus_message("AddMatch", "s", rule), patience(""))
        owner = self.ask(bus_message("GetNameOwner", "s", BUS_NAME), patience(""))
        self._gone = owner.get_args_list()[0] != self._owner

    def _heard(self, _connection: Any, message: Any) -> int:
        if message.get_type() != bindings.MESSAGE_TYPE_SIGNAL:
            return int(bindings.HANDLER_RESULT_NOT_YET_HANDLED)
        if message.get_member() == "NameOwnerChanged" and message.get_sender() == DBUS:
            self._gone = True
        # Delivered later: a receiver may call the daemon, and libdbus cannot dispatch while it dispatches.
        self._inbox += [(receiver, message) for receiver in self._watches.receivers(message, self._owner)]
        return int(bindings.HANDLER_RESULT_HANDLED)

    def _turn(self, deadline: float | None) -> None:
        from sat.bridge.libdbus import outgoing_size, turn

        if not self._connection.get_is_connected():
            raise NoBus
        descriptor = self._connection.get_unix_fd()
        waiting = select.POLLOUT if outgoing_size(self._connection) else 0
        self._poll.modify(descriptor, select.POLLIN | waiting)
        left = _LONGEST if deadline is None else deadline - time.monotonic()
        self._poll.poll(min(max(0.0, left), _LONGEST) * 1000)
        turn(self._connection)

    def _deliver(self) -> None:
        while self._inbox:
            receiver, message = self._inbox.pop(0)
            receiver(*message.get_args_list(byte_arrays=True))


class BlockingTransport:
    """Carries the data of one object."""

    follows = False

    def __init__(self, bridge: BlockingBridge, path: str) -> None:
        self._bridge, self._path = bridge, path

    async def call(self, interface: str, member: str, signature: str, values: tuple[Any, ...], returns: str) -> Any:
        """See :class:`sat.bridge.derive.Transport`."""
        message = call_message(BUS_NAME, self._path, interface, member, signature, values)
        reply = self._bridge.ask(message, patience(member))
        return result_of(reply, returns)

    def watch(self, interface: str, member: str, signature: str, receiver: Receiver) -> Callable[[], None]:
        """See :class:`sat.bridge.derive.Transport`."""
        return self._bridge.watch(self._path, interface, member, signature, receiver)
