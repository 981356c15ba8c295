"""The daemon on D-Bus: its name, the calls it answers, the signals it sends; back by itself when the bus was away."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

import _dbus_bindings as bindings
from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from sat.api.contract import Api
from sat.api.errors import DaemonRunning, InternalError, InvalidArgument, NoBus, NoSuchProgram, SatError, TooManyCalls
from sat.api.names import BUS_NAME, ROOT
from sat.bridge import glib
from sat.bridge.callers import Callers
from sat.bridge.codec import build
from sat.bridge.libdbus import outgoing_size
from sat.bridge.link import (
    BRIDGE,
    DBUS,
    SIGNALS_LOST,
    bus_message,
    call_message,
    error_message,
    open_connection,
    result_of,
)
from sat.bridge.objects import Answer, Missing, Objects

PATIENCE = 5.0  # seconds for an answer of the bus itself
RETRY = 1.0  # seconds between two tries to find the bus again
IN_FLIGHT = 1024  # calls of one caller that are not answered yet
SLOW = 1.0  # seconds that no call may keep the others waiting before it first waits itself
BACKLOG = 8 * 2**20  # bytes that wait for the bus; signals beyond are dropped and told as SignalsLost

log = logging.getLogger(__name__)


class DBusBridge:
    """Publishes on the session bus, or on the bus at ``address``."""

    def __init__(self, loop: asyncio.AbstractEventLoop, address: str = "") -> None:
        from _dbus_glib_bindings import DBusGMainLoop

        self._loop = loop
        self._address = address
        self._main_loop = DBusGMainLoop()
        self._driver = glib.start(loop)
        self._connection: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False
        self._behind = False
        self._busy: dict[str, int] = {}
        self._callers = Callers(self._ask_bus)
        self.objects = Objects(self._emit)

    @property
    def missing(self) -> Missing:
        """Asked, with the path, why an object is not there: ProfileLocked, say. It may put it there now. None: look
        again, and say plainly what is missing."""
        return self.objects.missing

    @missing.setter
    def missing(self, explain: Missing) -> None:
        self.objects.missing = explain

    def publish(self, path: str, api: type[Api], implementation: Any) -> Callable[[], None]:
        """See :class:`sat.bridge.bridge.Bridge`."""
        return self.objects.publish(path, api, implementation)

    async def start(self) -> None:
        """Take the name on the bus. Errors: NoBus; DaemonRunning when another daemon has the name."""
        await self._attach()

    def stop(self) -> None:
        """Leave the bus."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    async def call(
        self, name: str, path: str, interface: str, member: str, signature: str, values: tuple[Any, ...], returns: str
    ) -> Any:
        """See :class:`sat.bridge.bridge.Bridge`."""
        if self._connection is None:
            raise NoBus
        message = call_message(name, path, interface, member, signature, values)
        message.set_auto_start(True)
        try:
            return result_of(await self._ask(self._connection, message), returns)
        except (NoBus, InternalError):
            raise NoSuchProgram(name=name) from None

    # -- coming and going ----------------------------------------------------------------------------------------

    async def _attach(self) -> None:
        connection = open_connection(self._address, self._main_loop)
        try:
            hello = await self._ask(connection, bus_message("Hello"))
            connection.set_unique_name(str(hello.get_args_list()[0]))
            connection.add_message_filter(self._heard)
            claim = await self._ask(
                connection, bus_message("RequestName", "su", BUS_NAME, bindings.NAME_FLAG_DO_NOT_QUEUE)
            )
            if claim.get_args_list()[0] not in (
                bindings.REQUEST_NAME_REPLY_PRIMARY_OWNER,
                bindings.REQUEST_NAME_REPLY_ALREADY_OWNER,
            ):
                owner = await self._ask(connection, bus_message("GetConnectionUnixProcessID", "s", BUS_NAME))
                raise DaemonRunning(pid=int(owner.get_args_list()[0]))
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._behind = False

    def _ask(self, connection: Any, message: Any) -> Deferred[Any]:
        answered: Deferred[Any] = Deferred()

        def done(reply: Any) -> None:
            if reply.get_type() == bindings.MESSAGE_TYPE_ERROR:
                log.debug("the bus answered: %s", reply.get_error_name())
                answered.errback(NoBus())
            else:
                answered.callback(reply)

        if connection.get_is_connected():
            connection.send_message_with_reply(message, done, PATIENCE)
            self._driver.kick()
        else:
            answered.errback(NoBus())
        return answered

    def _ask_bus(self, message: Any) -> Deferred[Any]:
        if self._connection is None:
            return fail(NoBus())
        return self._ask(self._connection, message)

    def _lost(self) -> None:
        log.warning("the D-Bus session is gone; looking for it every %g s", RETRY)
        self._connection = None
        self._busy.clear()
        self._callers.all_left()
        self._later()

    def _later(self) -> None:
        if not self._stopped:
            self._timer = self._loop.call_later(RETRY, self._again)

    def _again(self) -> None:
        Deferred.fromCoroutine(self._attach()).addCallbacks(self._back, self._still_lost)

    def _back(self, _none: None) -> None:
        log.info("back on the D-Bus session")

    def _still_lost(self, failure: Failure) -> None:
        if not failure.check(NoBus, DaemonRunning):
            log.error("could not come back to the bus: %s", failure.getTraceback())
        self._later()

    # -- calls ---------------------------------------------------------------------------------------------------

    def _heard(self, connection: Any, message: Any) -> int:
        try:
            kind = message.get_type()
            if kind == bindings.MESSAGE_TYPE_METHOD_CALL:
                self._serve(connection, message)
            elif kind == bindings.MESSAGE_TYPE_SIGNAL and message.get_interface() == DBUS:
                self._callers.heard(message)
            elif message.get_interface() == bindings.LOCAL_IFACE and connection is self._connection:
                self._lost()
        except Exception:
            log.exception("a message from the bus could not be handled")
        return int(bindings.HANDLER_RESULT_HANDLED)

    def _serve(self, connection: Any, message: Any) -> None:
        sender = str(message.get_sender())
        running = self._busy.get(sender, 0)
        if running >= IN_FLIGHT:
            self._send(connection, error_message(message, TooManyCalls(limit=IN_FLIGHT)))
            return
        try:
            plain = message.get_args_list(byte_arrays=True)
        except Exception:
            self._send(connection, error_message(message, InvalidArgument(reason="the arguments cannot be read")))
            return
        self._busy[sender] = running + 1
        started = time.perf_counter()
        with self._callers.calling(sender):
            answer = Deferred.fromCoroutine(
                self.objects.invoke(
                    str(message.get_path()),
                    str(message.get_interface() or ""),
                    str(message.get_member()),
                    str(message.get_signature()),
                    plain,
                )
            )
        if (took := time.perf_counter() - started) > SLOW:
            log.warning("%s.%s blocked the daemon for %.1f s", message.get_interface(), message.get_member(), took)
        answer.addCallback(self._answer, connection, message)
        answer.addErrback(self._refuse, connection, message)
        answer.addBoth(self._done, sender)

    def _answer(self, answer: Answer, connection: Any, message: Any) -> None:
        if not message.get_no_reply():
            self._send(connection, build(lambda: bindings.MethodReturnMessage(message), *answer))

    def _refuse(self, failure: Failure, connection: Any, message: Any) -> None:
        error = failure.value
        if not isinstance(error, SatError):
            reference = secrets.token_hex(4)
            log.error("%s: %s could not be answered: %s", reference, message.get_member(), failure.getTraceback())
            error = InternalError(reference=reference)
        if not message.get_no_reply():
            self._send(connection, error_message(message, error))

    def _done(self, _result: object, sender: str) -> None:
        left = self._busy.get(sender, 1) - 1
        if left > 0:
            self._busy[sender] = left
        else:
            self._busy.pop(sender, None)

    def _send(self, connection: Any, message: Any) -> None:
        if connection.get_is_connected():
            connection.send_message(message)
            self._driver.kick()

    # -- signals -------------------------------------------------------------------------------------------------

    def _emit(self, path: str, interface: str, member: str, signature: str, values: tuple[Any, ...]) -> None:
        connection = self._connection
        if connection is None:
            return
        if self._behind or outgoing_size(connection) > BACKLOG:
            self._fall_behind(connection)
            return
        message = build(lambda: bindings.SignalMessage(path, interface, member), signature, values)
        self._send(connection, message)

    def _fall_behind(self, connection: Any) -> None:
        """The bus does not take our signals. Rather lose them and say so than grow without end."""
        if not self._behind:
            self._behind = True
            log.warning("the bus is too slow: signals are dropped")
            self._loop.call_later(RETRY / 4, self._catch_up, connection)

    def _catch_up(self, connection: Any) -> None:
        if connection is not self._connection:
            return
        if outgoing_size(connection) > BACKLOG // 8:
            self._loop.call_later(RETRY / 4, self._catch_up, connection)
            return
        self._behind = False
        self._emit(ROOT, BRIDGE, SIGNALS_LOST, "", ())
