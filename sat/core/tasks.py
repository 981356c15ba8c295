"""Work in the background that ends with its owner: coroutines and timers, supervised."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache
from time import perf_counter
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import CancelledError, Deferred, TimeoutError
from twisted.python.failure import Failure

T = TypeVar("T")
Log = logging.LoggerAdapter[logging.Logger]
THREADS = 64  # that are made as they are needed
SLOW = 1.0  # seconds that nobody may keep the others waiting
Work = Coroutine[Deferred[Any], Any, Any] | Deferred[Any]


class Timer(Protocol):
    """What a clock gives back."""

    def cancel(self) -> None: ...
    def active(self) -> bool: ...


class Clock(Protocol):
    """The reactor's time, or a test's (``twisted.internet.task.Clock``)."""

    def callLater(self, delay: float, function: Callable[..., object], /) -> Any: ...
    def seconds(self) -> float: ...


def watch(log: Log, who: str, started: float, what: str = "the plugin ") -> float:
    """Name in the log who has blocked the loop since ``started`` (R23); the time now, by ``perf_counter``."""
    now = perf_counter()
    if now - started > SLOW:
        log.warning("%s%s blocked the daemon for %.1f s", what, who, now - started)
    return now


def in_time(work: Work, seconds: float, clock: Clock) -> Deferred[Any]:
    """What fires with the result of a work, or fails with Twisted's TimeoutError: then the work is cancelled, and not
    waited for any longer even if it does not mind."""
    task = work if isinstance(work, Deferred) else Deferred.fromCoroutine(work)

    def given_up(_: object) -> None:
        timer.cancel()
        task.cancel()

    def late() -> None:
        done.errback(TimeoutError())
        task.cancel()

    def ended(result: Any) -> None:
        if timer.active():
            timer.cancel()
            done.callback(result)  # a Failure starts the errbacks

    done: Deferred[Any] = Deferred(given_up)
    timer: Timer = clock.callLater(seconds, late)
    task.addBoth(ended)
    return done


def first_of(*works: Deferred[Any]) -> Deferred[Any]:
    """What fires as the first of these does. The others go on; nobody hears how they end."""
    done: Deferred[Any] = Deferred()

    def ended(result: Any) -> None:
        if not done.called:
            done.callback(result)  # a Failure starts the errbacks

    for each in works:
        each.addBoth(ended)
    return done


async def in_thread(work: Callable[[], T], unwanted: Callable[[T], object] | None = None) -> T:
    """What a function gives that takes long. Who gives it up does not stop it: it ends when what it works on is taken
    from it (a file that is closed). ``unwanted`` is called then, in a thread, with what it gives in the end."""
    task = asyncio.ensure_future(_threaded(work))

    def ended(task: asyncio.Future[T]) -> None:
        if unwanted is not None and not task.cancelled() and task.exception() is None:
            _pool().submit(unwanted, task.result())

    return await _awaited(task, task.cancel if unwanted is None else lambda: task.add_done_callback(ended))


async def to_end_in_thread(work: Callable[[], T]) -> T:
    """The same of what has happened once it was begun, and is to be told as it was: who gives it up waits for it, and
    gets what it gives."""
    task = asyncio.ensure_future(_threaded(work))
    while True:
        try:
            return await _awaited(task, lambda: None)
        except CancelledError:
            if task.cancelled():
                raise


def _awaited(task: asyncio.Future[T], give_up: Callable[[], object]) -> Deferred[T]:
    """Fires as that does; ``give_up`` is called when nobody waits for it any longer."""

    def given_up(_: Deferred[T]) -> None:
        give_up()

    # Not Deferred.fromFuture: who gives it up in the moment in which it is done would get its result.
    waiting: Deferred[T] = Deferred(given_up)

    def ended(task: asyncio.Future[T]) -> None:
        error = CancelledError() if task.cancelled() else task.exception()
        if not waiting.called:
            waiting.callback(task.result()) if error is None else waiting.errback(error)

    task.add_done_callback(ended)
    return waiting


async def _threaded(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_pool(), work)


@cache
def _pool() -> Executor:
    """Threads of our own. Those of asyncio are as few as the machine has processors, and some more: as many files on a
    server that does not answer would hold up all others."""
    return ThreadPoolExecutor(THREADS, "sat")


def all_ended(works: Iterable[Deferred[Any] | None], log: Log) -> Deferred[None]:
    """Fires when all of these have, which nobody else waits for; None is one that is done. What failed is logged."""
    left = 1
    done: Deferred[None] = Deferred()

    def ended(result: object) -> None:
        nonlocal left
        if isinstance(result, Failure):
            log.error("one of many failed", exc_info=result.value)
        left -= 1
        if not left:
            done.callback(None)

    for each in works:
        if each is not None:
            left += 1
            each.addBoth(ended)
    ended(None)
    return done


class Tasks:
    """Coroutines and timers of one owner. What fails is logged; ``close`` cancels what is left."""

    def __init__(self, clock: Clock, log: Log) -> None:
        self._clock, self._log = clock, log
        self._timers: dict[Hashable, Timer] = {}
        self._running: set[Deferred[Any]] = set()

    def after(self, seconds: float, function: Callable[[], object], key: Hashable = None) -> None:
        """Call once, later. A new timer replaces one of the same key."""
        if key is None:
            key = object()
        self.cancel(key)

        def due() -> None:
            self._timers.pop(key, None)
            started = perf_counter()
            try:
                function()
            except Exception:
                self._log.exception("a timer failed")
            watch(self._log, "a timer", started, "")

        self._timers[key] = self._clock.callLater(seconds, due)

    def waits(self, key: Hashable) -> bool:
        """Whether a timer of that key is set."""
        return key in self._timers

    def cancel(self, key: Hashable) -> None:
        """Forget a timer; none of that key is fine."""
        timer = self._timers.pop(key, None)
        if timer is not None and timer.active():
            timer.cancel()

    def spawn(self, work: Work) -> None:
        """Run a coroutine in the background."""
        started = perf_counter()
        task = work if isinstance(work, Deferred) else Deferred.fromCoroutine(work)
        watch(self._log, "a background task", started, "")
        if task.called and not task.paused and not isinstance(task.result, Failure):
            return
        self._running.add(task)
        task.addBoth(self._ended, task)

    def _ended(self, result: Any, task: Deferred[Any]) -> None:
        self._running.discard(task)
        if isinstance(result, Failure) and not result.check(CancelledError):
            self._log.error("a background task failed", exc_info=result.value)

    def close(self) -> None:
        """Cancel everything."""
        for key in tuple(self._timers):
            self.cancel(key)
        for task in tuple(self._running):
            task.cancel()
