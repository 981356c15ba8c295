"""The few functions of libdbus that dbus-python does not offer, on dbus-python's connections."""

from __future__ import annotations

import ctypes
from typing import Any

import _dbus_bindings as bindings

_DATA_REMAINS = 0  # DBusDispatchStatus

_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype = ctypes.c_void_p
_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
# dbus-python.h: the table of its C API; its second entry is DBusPyConnection_BorrowDBusConnection.
_table = ctypes.cast(_pointer(bindings._C_API, b"_dbus_bindings._C_API"), ctypes.POINTER(ctypes.c_void_p))
_borrow = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object)(_table[1] or 0)

_libdbus = ctypes.CDLL("libdbus-1.so.3")
_libdbus.dbus_connection_get_outgoing_size.argtypes = [ctypes.c_void_p]
_libdbus.dbus_connection_get_outgoing_size.restype = ctypes.c_long
_libdbus.dbus_connection_read_write.argtypes = [ctypes.c_void_p, ctypes.c_int]
_libdbus.dbus_connection_dispatch.argtypes = [ctypes.c_void_p]


def outgoing_size(connection: Any) -> int:
    """Bytes that wait in this process because the bus does not take them."""
    return int(_libdbus.dbus_connection_get_outgoing_size(_borrow(connection)))


def turn(connection: Any) -> None:
    """Read and write what is possible without waiting, and hand messages to their handlers. For a connection
    without a main loop."""
    pointer = _borrow(connection)
    _libdbus.dbus_connection_read_write(pointer, 0)
    while _libdbus.dbus_connection_dispatch(pointer) == _DATA_REMAINS:
        pass
