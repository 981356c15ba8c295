"""Coroutines in the background, and timers, on the asyncio loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")
Spawn = Callable[[Coroutine[Any, Any, Any]], object]


class Tasks:
    """What runs in the background. A fault is logged, and ends only its own task."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine."""
        task = asyncio.get_event_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def later(self, seconds: float, function: Callable[[], object]) -> Callable[[], None]:
        """Call a function once; returns what cancels it."""
        return asyncio.get_event_loop().call_later(seconds, function).cancel

    def cancel(self) -> None:
        """End everything."""
        for task in list(self._running):
            task.cancel()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            logger.error("A task failed", exc_info=fault)


async def together(works: Iterable[Coroutine[Any, Any, T]], patience: float) -> list[T]:
    """The results of all that are done after so many seconds, in their order; the others are cancelled."""
    tasks = [asyncio.get_running_loop().create_task(work) for work in works]
    done, late = await asyncio.wait(tasks, timeout=patience)
    for task in late:
        task.cancel()
    return [task.result() for task in tasks if task in done]
