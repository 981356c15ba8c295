"""The event loop: asyncio with urwid on it; background tasks, timers, and drawing once for many changes."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import urwid

logger = logging.getLogger(__name__)

DRAW_AFTER = 0.01  # seconds: changes that come close together are drawn once
FAULTS = 20  # unexpected errors without a screen drawn in between, after which it is better to stop


class Loop:
    """Runs what is on a screen until ``quit``.

    ``faulted`` is told of an exception nobody expected, ``interrupted`` of Ctrl-C.
    """

    def __init__(
        self,
        palette: list[Any],
        screen: urwid.BaseScreen,
        asyncio_loop: asyncio.AbstractEventLoop,
        *,
        mouse: bool = True,
        keys: Callable[[list[Any], list[int]], list[Any]] | None = None,
    ) -> None:
        self.asyncio = asyncio_loop
        self.screen = screen
        self.urwid = urwid.MainLoop(
            urwid.SolidFill(),  # the frame comes when it is made; its parts need the loop
            palette,
            screen,
            mouse,
            input_filter=keys,
            event_loop=urwid.AsyncioEventLoop(loop=asyncio_loop),
        )
        self.tasks: set[asyncio.Task[Any]] = set()
        self.faulted: Callable[[BaseException], object] = lambda error: None
        self.interrupted: Callable[[], object] = self.quit
        self._draw_handle: asyncio.TimerHandle | None = None
        self._faults = 0
        self._over: asyncio.Future[None] = asyncio_loop.create_future()

    # -- what models need (quick_frontend/loop.py) ---------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine in the background; what it changes is drawn when it ends."""
        task = self.asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fault(error)
        self.redraw()

    def later(self, seconds: float, function: Callable[[], object]) -> Callable[[], object]:
        """Call a function once, later; returns what cancels it."""

        def call() -> None:
            function()
            self.redraw()

        return self.asyncio.call_later(seconds, call).cancel

    # -- drawing -------------------------------------------------------------------------------------------------

    def redraw(self, *_ignored: object) -> None:
        """Draw the screen soon."""
        if self._draw_handle is None and not self._over.done():
            self._draw_handle = self.asyncio.call_later(DRAW_AFTER, self._draw)

    def _draw(self) -> None:
        self._draw_handle = None
        if self.screen.started:
            self.urwid.draw_screen()
            self._faults = 0

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the screen."""
        columns, rows = self.urwid.screen_size or self.screen.get_cols_rows()
        return columns, rows

    @contextmanager
    def handed_over(self) -> Iterator[None]:
        """Within it, the terminal belongs to another program; what happens meanwhile is drawn afterwards."""
        with self.urwid.paused():
            yield
        self.redraw()

    # -- life ----------------------------------------------------------------------------------------------------

    def fault(self, error: BaseException) -> None:
        """Somebody made a mistake: write it down, tell it in a sentence, go on if that is possible."""
        if _terminal_is_gone(error):
            self.quit()
            return
        logger.error("unexpected", exc_info=error)
        self._faults += 1
        if self._faults > FAULTS:
            self.quit()
        else:
            self.faulted(error)

    def _exception(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self.fault(error)
        else:
            logger.error("asyncio: %s", context.get("message"))

    def run(self, begin: Coroutine[Any, Any, Any]) -> None:
        """Draw the first screen, then do ``begin`` in the background, and return after ``quit``."""
        self.asyncio.set_exception_handler(self._exception)
        for number in (signal.SIGTERM, signal.SIGHUP):
            self.asyncio.add_signal_handler(number, self.quit)
        self.asyncio.add_signal_handler(signal.SIGINT, lambda: self.interrupted())
        try:
            with self.urwid.start():
                self.urwid.draw_screen()
                self.spawn(begin)
                self.asyncio.run_until_complete(self._over)
                for task in self.tasks:
                    task.cancel()
                self.asyncio.run_until_complete(asyncio.sleep(0))
        except OSError as error:  # nobody is left to put the terminal right for
            if not _terminal_is_gone(error):
                raise

    def quit(self) -> None:
        """Leave ``run``."""
        if not self._over.done():
            self._over.set_result(None)


def _terminal_is_gone(error: BaseException) -> bool:
    """Whether an error says that the window was closed, or the connection to the other machine broke."""
    return isinstance(error, urwid.InputClosedError) or (isinstance(error, OSError) and error.errno == errno.EIO)
