"""What both ends of the bus need: where it is, its own methods, errors as messages. It is light: ``jp`` needs it."""

from __future__ import annotations

import os
from typing import Any

import _dbus_bindings as bindings

from sat.api.errors import DaemonSilent, InternalError, NoBus, NoDaemon, SatError, error_named
from sat.api.names import BUS_NAME, ERROR
from sat.bridge.codec import build, clean

DBUS = "org.freedesktop.DBus"
DBUS_PATH = "/org/freedesktop/DBus"
DBUS_ERROR = f"{DBUS}.Error."
BRIDGE = f"{BUS_NAME}.Bridge"
SIGNALS_LOST = "SignalsLost"


def session_address() -> str:
    """Where the session bus is; ``NoBus`` when there is none. Never starts one, as libdbus would."""
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if address:
        return address
    socket = os.path.join(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", "bus")
    if not os.path.exists(socket):
        raise NoBus
    return f"unix:path={socket}"


def open_connection(address: str, main_loop: Any = bindings.NULL_MAIN_LOOP) -> Any:
    """A connection of our own, which has not said hello; ``NoBus`` when nobody is there."""
    try:
        connection = bindings.Connection(_without_guid(address or session_address()), main_loop)
    except SatError:
        raise
    except Exception:  # dbus.exceptions.DBusException, or an address that is none
        raise NoBus from None
    connection.set_exit_on_disconnect(False)
    return connection


def _without_guid(address: str) -> str:
    """A bus that was started again has another guid, and libdbus would refuse it."""
    entries = []
    for entry in address.split(";"):
        transport, _colon, options = entry.partition(":")
        kept = [option for option in options.split(",") if not option.startswith("guid=")]
        entries.append(f"{transport}:{','.join(kept)}")
    return ";".join(entries)


def call_message(
    destination: str, path: str, interface: str, member: str, signature: str = "", values: tuple[Any, ...] = ()
) -> Any:
    """A method call; nobody is started by it."""

    def make() -> Any:
        message = bindings.MethodCallMessage(destination, path, interface, member)
        message.set_auto_start(False)
        return message

    return build(make, signature, values)


def result_of(reply: Any, signature: str) -> Any:
    """The one value of a reply, None where there is none. Errors: InternalError when it is of another type."""
    if not signature:
        return None
    if reply.get_signature() != signature:
        raise InternalError(reference=f"a reply of type {reply.get_signature()}, not {signature}")
    return reply.get_args_list(byte_arrays=True)[0]


def bus_message(member: str, signature: str = "", *values: Any) -> Any:
    """A call of the bus itself."""
    return call_message(DBUS, DBUS_PATH, DBUS, member, signature, values)


def error_message(call: Any, error: SatError) -> Any:
    """An error as the answer to a call: its sentence, then its details."""
    name = f"{ERROR}.{type(error).__name__}"
    return build(lambda: bindings.ErrorMessage(call, name, clean(str(error))), "a{ss}", (clean(error.details),))


def raised(message: Any, seconds: float) -> SatError:
    """The error that a reply holds, as the daemon raised it."""
    name = str(message.get_error_name())
    if name.startswith(ERROR + "."):
        values = message.get_args_list()
        details = values[1] if len(values) > 1 and isinstance(values[1], dict) else {}
        return error_named(name[len(ERROR) + 1 :], {str(key): str(value) for key, value in details.items()})
    kind = name.removeprefix(DBUS_ERROR)
    if kind in ("ServiceUnknown", "NameHasNoOwner"):
        return NoDaemon()
    if kind in ("NoReply", "Timeout", "TimedOut"):
        return DaemonSilent(seconds=f"{seconds:g}")
    if kind in ("Disconnected", "NoServer"):
        return NoBus()
    return InternalError(reference=name)
