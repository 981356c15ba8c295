"""The ends of pipes that are here: descriptors that somebody has handed over. The loop never waits for one, and nobody
else who has the same open file notices."""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import stat
from contextlib import suppress

from twisted.internet.defer import Deferred

from sat.core.disk import Disk
from sat.core.hashes import Hashes

PIECE = 256 * 1024  # bytes that are read at once, and that a pipe holds
SAFE = 4096  # bytes that a pipe takes at once when it takes any (PIPE_BUF)


class End:
    """A descriptor of ours. Whether it waits is a property of the open file, which others share (a shell's terminal
    would be broken), so a pipe is opened anew, and all else is read and written only when it is ready. A file on a
    disk always is: that is done in a thread."""

    def __init__(self, descriptor: int, writing: bool) -> None:
        self._writing, self._descriptor = writing, descriptor
        self._own = False
        self._disk: Disk | None = None
        self._waiting: Deferred[None] | None = None
        self._closed = False
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISREG(kind) or stat.S_ISBLK(kind):
            self._disk = Disk(descriptor, Hashes(()))
        elif stat.S_ISFIFO(kind):
            self._open_anew()

    def _open_anew(self) -> None:
        flags = (os.O_WRONLY if self._writing else os.O_RDONLY) | os.O_NONBLOCK | os.O_CLOEXEC
        with suppress(OSError):  # nobody may be at its other end any more
            own = os.open(f"/proc/self/fd/{self._descriptor}", flags)
            os.close(self._descriptor)
            self._descriptor, self._own = own, True
        with suppress(OSError):  # a person may have only so many of them
            fcntl.fcntl(self._descriptor, fcntl.F_SETPIPE_SZ, PIECE)

    async def read(self) -> bytes:
        """What comes next; nothing at the end. Errors: OSError; BrokenPipeError when it was closed."""
        while True:
            if self._disk is not None:
                return await self._disk.work(lambda descriptor: os.read(descriptor, PIECE))
            await self._ready()
            with suppress(BlockingIOError):  # somebody else was faster
                return os.read(self._descriptor, PIECE)

    async def write(self, data: bytes) -> None:
        """Write all of it. Errors: OSError; BrokenPipeError also when nobody reads any more."""
        view = memoryview(data)
        while view:
            if self._disk is not None:
                count = await self._disk.work(lambda descriptor, rest=view: os.write(descriptor, rest))  # type: ignore[misc]
            else:
                await self._ready()
                try:
                    count = os.write(self._descriptor, view if self._own else view[:SAFE])
                except BlockingIOError:
                    continue
            view = view[count:]

    @property
    def is_read(self) -> bool:
        """Whether somebody is there who could read what is written; True where that cannot be known."""
        if self._closed or self._disk is not None:
            return not self._closed
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return not any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))

    def close(self) -> None:
        """Close it; who waits for it gets BrokenPipeError."""
        if self._closed:
            return
        self._closed = True
        waiting = self._stop_waiting()
        if self._disk is not None:
            self._disk.close()
        else:
            os.close(self._descriptor)
        if waiting is not None and not waiting.called:
            waiting.errback(BrokenPipeError())

    async def _ready(self) -> None:
        """Wait until there is something, or room."""
        if self._closed:
            raise BrokenPipeError
        loop = asyncio.get_running_loop()
        waiting = self._waiting = Deferred(self._cancelled)

        def ready() -> None:
            self._stop_waiting()
            waiting.callback(None)

        try:
            (loop.add_writer if self._writing else loop.add_reader)(self._descriptor, ready)
        except PermissionError:  # one for which there is no waiting: /dev/null
            self._waiting, self._disk = None, Disk(self._descriptor, Hashes(()))
            return
        await waiting

    def _cancelled(self, _: object) -> None:
        self._stop_waiting()

    def _stop_waiting(self) -> Deferred[None] | None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            loop = asyncio.get_running_loop()
            (loop.remove_writer if self._writing else loop.remove_reader)(self._descriptor)
        return waiting
