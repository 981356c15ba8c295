"""GLib's default main context, driven from an asyncio loop with ctypes: dbus-python then needs no PyGObject.

After each round the context is asked which descriptors it waits for, and until when; the loop wakes us then. The
descriptors are in an epoll of ours, because libdbus closes and reopens them behind the loop's back.
"""

from __future__ import annotations

import asyncio
import ctypes
import select

ROUNDS = 32  # dispatched in one turn of the loop, so that a flood on the bus leaves room for others

_IN, _OUT = 1, 4  # G_IO_IN, G_IO_OUT: the same numbers as for poll and epoll
_EVENTS = select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT


class _PollFD(ctypes.Structure):
    _fields_ = (("fd", ctypes.c_int), ("events", ctypes.c_ushort), ("revents", ctypes.c_ushort))


_glib = ctypes.CDLL("libglib-2.0.so.0")
_context = ctypes.c_void_p
_glib.g_main_context_default.restype = _context
_glib.g_main_context_iteration.argtypes = [_context, ctypes.c_int]
_glib.g_main_context_acquire.argtypes = [_context]
_glib.g_main_context_release.argtypes = [_context]
_glib.g_main_context_prepare.argtypes = [_context, ctypes.POINTER(ctypes.c_int)]
_glib.g_main_context_query.argtypes = [
    _context,
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_int),
    ctypes.POINTER(_PollFD),
    ctypes.c_int,
]


class Driver:
    """Turns the context whenever it has something to do."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._glib = _context(_glib.g_main_context_default())
        self._epoll = select.epoll()
        self._watched: set[int] = set()
        self._room = 16
        self._polled = (_PollFD * self._room)()
        self._timer: asyncio.TimerHandle | None = None
        self._soon: asyncio.Handle | None = None
        self._turning = False
        self._running = True
        _glib.g_main_context_acquire(self._glib)
        loop.add_reader(self._epoll.fileno(), self._turn)
        self.kick()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that drives."""
        return self._loop

    def kick(self) -> None:
        """Look again what GLib waits for: to be called after something was sent outside a handler of GLib's."""
        if self._soon is None and not self._turning and self._running:
            self._soon = self._loop.call_soon(self._turn)

    def stop(self) -> None:
        """Let go of the loop and the context."""
        if not self._running:
            return
        self._running = False
        for handle in (self._timer, self._soon):
            if handle is not None:
                handle.cancel()
        if not self._loop.is_closed():
            self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()
        _glib.g_main_context_release(self._glib)

    def _turn(self) -> None:
        if self._turning or not self._running:
            return
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        self._turning = True
        try:
            rounds = 0
            while rounds < ROUNDS and _glib.g_main_context_iteration(self._glib, 0):
                rounds += 1
        finally:
            self._turning = False
        if not self._running:
            return
        if rounds == ROUNDS:
            self._soon = self._loop.call_soon(self._turn)
        self._wait()

    def _wait(self) -> None:
        priority, timeout = ctypes.c_int(), ctypes.c_int()
        _glib.g_main_context_prepare(self._glib, ctypes.byref(priority))
        while True:
            count = _glib.g_main_context_query(
                self._glib, priority.value, ctypes.byref(timeout), self._polled, self._room
            )
            if count <= self._room:
                break
            self._room = count
            self._polled = (_PollFD * count)()
        wanted: dict[int, int] = {}
        for entry in self._polled[:count]:
            wanted[entry.fd] = wanted.get(entry.fd, 0) | entry.events & _EVENTS
        self._watch(wanted)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if timeout.value >= 0:
            self._timer = self._loop.call_later(timeout.value / 1000, self._turn)

    def _watch(self, wanted: dict[int, int]) -> None:
        for descriptor in self._watched - wanted.keys():
            try:
                self._epoll.unregister(descriptor)
            except OSError:
                continue  # closed meanwhile: the kernel has forgotten it by itself
        for descriptor, events in wanted.items():
            try:
                self._epoll.modify(descriptor, events)
            except FileNotFoundError:  # new, or closed and opened again under the same number
                self._epoll.register(descriptor, events)
        self._watched = set(wanted)


_driver: Driver | None = None


def start(loop: asyncio.AbstractEventLoop) -> Driver:
    """Drive the context from ``loop`` from now on; there is one driver in a process."""
    global _driver
    if _driver is not None and _driver.loop is not loop:
        _driver.stop()
        _driver = None
    if _driver is None:
        _driver = Driver(loop)
    return _driver


def stop() -> None:
    """No longer drive the context."""
    global _driver
    if _driver is not None:
        _driver.stop()
        _driver = None
