"""One file, read or written in threads, in large pieces, while its hash is taken: the loop never waits for a disk."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from functools import partial
from threading import Lock
from typing import TypeVar

from twisted.internet.defer import Deferred

from sat.core.hashes import Hashes
from sat.core.tasks import in_thread

T = TypeVar("T")

PIECE = 256 * 1024  # bytes that streams take at once
PIECES = 4  # that a thread reads or writes at once: each visit of a thread costs the time of some hundred KiB


class Disk:
    """A descriptor that nobody closes while a thread uses it: its number could be another file's a moment later."""

    def __init__(self, descriptor: int, hashes: Hashes) -> None:
        self._descriptor, self.hashes = descriptor, hashes
        self._lock = Lock()
        self._closed = False

    async def work(self, function: Callable[[int], T]) -> T:
        """What a function does with the descriptor, in a thread. Errors: OSError."""
        return await in_thread(partial(self._locked, function))

    def _locked(self, function: Callable[[int], T]) -> T:
        with self._lock:
            if self._closed:
                raise OSError("the file was closed")
            return function(self._descriptor)

    def close(self) -> None:
        """Close it, now or when the thread that works on it is done."""
        if self._lock.acquire(blocking=False):
            try:
                self._close()
            finally:
                self._lock.release()
        else:
            from threading import Thread

            Thread(target=self._close_later, daemon=True).start()

    def _close_later(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            os.close(self._descriptor)

    async def hash_to(self, length: int) -> int:
        """Take the hash of what is there, up to so many bytes; how many there were. It stands behind them then."""

        def some(descriptor: int) -> int:
            count = 0
            while count < min(length - done, PIECE * PIECES * 8):  # a thread is not taken for too long
                data = os.pread(descriptor, min(PIECE * PIECES, length - done - count), done + count)
                if not data:
                    break
                self.hashes.update(data)
                count += len(data)
            return count

        done = 0
        while done < length and (count := await self.work(some)):
            done += count
        await self.go_to(done)
        return done

    async def go_to(self, offset: int) -> None:
        """Stand there. Errors: OSError."""
        await self.work(lambda descriptor: os.lseek(descriptor, offset, os.SEEK_SET))

    async def pieces(self, length: int) -> AsyncGenerator[bytes, None]:
        """What follows, so many bytes of it at most; the next ones are read while these are used."""

        def some(descriptor: int, most: int) -> list[bytes]:
            found: list[bytes] = []
            while most > 0 and len(found) < PIECES and (data := os.read(descriptor, min(PIECE, most))):
                self.hashes.update(data)
                most -= len(data)
                found.append(data)
            return found

        def begin() -> Deferred[list[bytes]]:
            return Deferred.fromCoroutine(self.work(lambda descriptor: some(descriptor, length)))

        coming = begin()
        try:
            while found := await coming:
                length -= sum(map(len, found))
                coming = begin()
                for each in found:
                    yield each
        finally:
            coming.addErrback(lambda _: None)
            coming.cancel()


class Writer:
    """Writes to a disk what comes, some of it at a time, while more comes."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._waiting: list[bytes] = []
        self._size = 0
        self._writing: Deferred[None] | None = None

    async def write(self, data: bytes) -> None:
        """Take some bytes; waits where the disk is slower. Errors: OSError, of these or of bytes before."""
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= PIECE * PIECES:
            await self._settle()
            self._begin()

    async def flush(self) -> None:
        """Write what waits. Errors: OSError."""
        await self._settle()
        if self._waiting:
            self._begin()
            await self._settle()

    async def _settle(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing

    def _begin(self) -> None:
        data, self._waiting, self._size = self._waiting, [], 0
        self._writing = Deferred.fromCoroutine(self._disk.work(lambda descriptor: self._put(descriptor, data)))

    def _put(self, descriptor: int, data: list[bytes]) -> None:
        for each in data:
            self._disk.hashes.update(each)
            view = memoryview(each)
            while view:
                view = view[os.write(descriptor, view) :]

    def stop(self) -> None:
        """Nothing more comes; what is under way ends by itself."""
        if self._writing is not None:
            self._writing.addErrback(lambda _: None)
