"""The composition root: puts storage, bridge, plugins and reactor together, and takes them apart again."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import Deferred

from sat.api.errors import InternalError, SatError
from sat.core import logs
from sat.core.config import Config, Folders

log = logging.getLogger("sat.daemon")
SWITCH = 0.002  # seconds until a busy event loop lets the storage thread go on; Python's 5 ms delay commits
SETTLE = 2.0  # seconds after the start, when nobody waits any more
COLLECT = (5_000, 20, 20)  # thresholds of the collector; stanzas need none, and in a burst it would look at them all
PATIENCE = 3.0  # seconds for a clean end


class WrongReactor(SatError):
    """twistd has chosen {reactor}, and sat runs on asyncio's only: leave --reactor away."""

    exit_code = 2


class Daemon:
    """One daemon: ``start`` it, ``stop`` it. ``ended`` is called when somebody asked it to shut down."""

    def __init__(self, reactor: Any, config: Config, folders: Folders, ended: Callable[[], None]) -> None:
        self._reactor, self._config, self._folders, self._ended = reactor, config, folders, ended
        self._backend: Any = None
        self._bridge: Any = None

    async def start(self) -> None:
        """Everything up; the bus name comes last, so that who sees it can use it. Errors: NoBus, DaemonRunning…"""
        from sat.bridge.dbus import DBusBridge
        from sat.core.backend import Backend
        from sat.storage.storage import Storage

        storage = await Storage.open(self._folders.data, self._reactor)
        self._bridge = DBusBridge(asyncio.get_event_loop())
        self._backend = Backend(storage, self._bridge, self._config, self._reactor, self._ended)
        self._bridge.missing = self._backend.why_missing
        try:
            await self._backend.start()
            await self._bridge.start()
            self._backend.connect_all()
        except SatError:
            await self._backend.stop()
            raise
        self._reactor.callLater(SETTLE, settle)
        log.info("ready")

    async def stop(self) -> None:
        """Everything down: streams closed, data stored."""
        if self._backend is not None:
            await self._backend.stop()
        if self._bridge is not None:
            self._bridge.stop()
        log.info("ended")


def run(folders: Folders, config: Config, log_file: bool) -> None:
    """Run in the foreground until SIGTERM, SIGINT or a frontend ends it. Errors: NoBus, DaemonRunning, StorageError…"""
    loop = asyncio.new_event_loop()
    running = use_reactor(loop)
    logs.start(folders.state / "sat.log" if log_file else None)
    result: list[SatError] = []

    def end() -> None:
        if ending:
            running.callLater(0, running.crash)  # the second signal ends it at once
            return
        ending.append(True)
        running.callLater(PATIENCE, running.crash)
        Deferred.fromCoroutine(daemon.stop()).addErrback(_unexpected).addBoth(lambda _: running.stop())

    def failed(failure: Any) -> None:
        result.append(told(failure))
        running.stop()

    ending: list[bool] = []
    daemon = Daemon(running, config, folders, end)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)

    running.callWhenRunning(lambda: Deferred.fromCoroutine(daemon.start()).addErrback(failed))
    running.run(installSignalHandlers=False)
    if result:
        raise result[0]


def use_reactor(loop: asyncio.AbstractEventLoop) -> Any:
    """The reactor that the daemon runs on, installed on ``loop`` unless there is one. Errors: WrongReactor."""
    from twisted.internet.main import installReactor

    sys.setswitchinterval(SWITCH)
    if "twisted.internet.reactor" not in sys.modules:
        installReactor(AsyncioSelectorReactor(loop))
    from twisted.internet import reactor

    running: Any = reactor  # the reactor module is untyped once installed
    if not isinstance(running, AsyncioSelectorReactor):
        raise WrongReactor(reactor=type(running).__name__)
    running.seconds = time.monotonic  # Twisted's is the wall clock, which jumps: no timer may (R15)
    return running


def told(failure: Any) -> SatError:
    """Why the daemon did not start, as a person can be told; what nobody expected is logged."""
    if failure.check(SatError):
        error: SatError = failure.value
        return error
    _unexpected(failure)
    return InternalError(reference="start")


def settle() -> None:
    """What the start has made stays: the collector need not look at it ever again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
    gc.enable()
    with suppress(OSError, AttributeError):  # another C library than glibc has no such thing
        ctypes.CDLL(None).malloc_trim(0)  # what the imports needed and do not any more


def _unexpected(failure: Any) -> None:
    log.error("unexpected", exc_info=failure.value)
