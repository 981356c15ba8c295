"""Bytes between two programs: the same to who reads and writes, whatever carries them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.errors import SatError, TransferBroken

SOCKS5, IN_BAND = "socks5", "in-band"
FULL = 1024 * 1024  # bytes that have come and were not read: then the peer has to wait
LOW = FULL // 2  # from which on it goes on


class Carrier(Protocol):
    """What carries the bytes of one stream: a SOCKS5 connection, in-band stanzas. It tells the stream what comes by
    ``received`` and ``ended``."""

    def send(self, data: bytes | memoryview) -> Deferred[None] | None:
        """Take all of it; who gives it may change it behind this call. None: there is room for more; else what fires
        when there is, or when the stream ended."""

    def pause(self) -> None:
        """Let nothing more come in for now. What is on its way still may."""

    def resume(self) -> None:
        """Go on."""

    def finish(self) -> Deferred[None]:
        """Send what was taken, then tell the peer that it was all. Fires when that is done; fails with
        TransferBroken."""

    def leave(self) -> None:
        """End it in order and at once: both sides have all."""

    def drop(self) -> None:
        """End it at once; nothing is told to the stream any more."""


class Stream:
    """Bytes to and from one peer, in their order. Both directions end together, as XEP-0047 §2.3 has it.

    One coroutine at a time reads, and one writes. What has come before an end can be read behind it."""

    def __init__(self, peer: JID, way: str, carrier: Carrier) -> None:
        self.peer = peer
        self.way = way
        """What carries it: SOCKS5 or IN_BAND."""
        self.on_end: Callable[[SatError | None], None] = lambda error: None
        """Called once, when it has ended: with None where that was in order, here or there, else with the reason."""
        self._carrier = carrier
        self._pieces: deque[bytes] = deque()
        self._waiting = 0  # bytes in them
        self._paused = False
        self._reader: Deferred[None] | None = None
        self._writer: Deferred[None] | None = None
        self._closer: Deferred[None] | None = None
        self._ended = self._closing = self._aborted = False
        self.moved = 0
        """Bytes in both directions until now."""
        self._error: SatError | None = None

    # -- for who uses it -----------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether more can be written."""
        return not (self._ended or self._closing)

    @property
    def is_closing(self) -> bool:
        """Whether all that was to be written is handed over."""
        return self._closing

    @property
    def is_over(self) -> bool:
        """Whether nothing moves any more. What came before may still be there to be read."""
        return self._ended

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for what comes next."""
        return self._reader is not None and not self._reader.called

    @property
    def error(self) -> SatError | None:
        """Why it has ended, where that was not in order."""
        return self._error

    @property
    def is_lost(self) -> bool:
        """Whether it has ended in disorder, and not because one side had a reason to end it."""
        return self._error is not None and not self._aborted

    async def read(self) -> bytes:
        """What has come next, as large as it came (rarely over 256 KiB); nothing (``b""``) when the peer has told the
        end. Whether that was all is not known here: a way may end in the middle and look as if it were in order, so
        compare with what was announced, or see how the session ends. Errors: TransferBroken, Cancelled, and what
        the stream was aborted with."""
        while not self._pieces:
            if self._ended:
                if self._error is not None:
                    raise self._error
                return b""
            self._reader = Deferred()
            await self._reader
        data = self._pieces.popleft()
        self._waiting -= len(data)
        if self._paused and self._waiting <= LOW:
            self._paused = False
            self._carrier.resume()
        return data

    async def write(self, data: bytes | memoryview) -> None:
        """Send some bytes; returns when there is room for more, so that no more than some hundred KiB wait here.
        Pieces of 64 to 256 KiB are the fastest. Errors: TransferBroken (also where the peer has ended it) and what the
        stream was aborted with."""
        if not self.is_open:
            raise self._error or TransferBroken(peer=self.peer, reason="it has ended already")
        self.moved += len(data)
        room = self._carrier.send(data)
        if room is not None:
            self._writer = Deferred()
            room.addBoth(self._has_room)
            await self._writer
            if self._error is not None:
                raise self._error

    async def close(self) -> None:
        """Send what waits, then tell the peer that it was all; done when that is done. A second time it does nothing.
        Errors: TransferBroken: then the peer may miss something."""
        if not self.is_open:
            if self._error is not None:
                raise self._error
            return
        self._closing = True
        closer = self._closer = Deferred()
        self._carrier.finish().addCallbacks(self._finished, self._not_finished)
        await closer
        if self._error is not None:
            raise self._error

    def abort(self, error: SatError | None = None) -> None:
        """End it at once, whatever is under way. Who reads or writes gets the error; without one TransferBroken."""
        if not self._ended:
            self._aborted = True
            self._carrier.drop()
            self.ended(error or TransferBroken(peer=self.peer, reason="it was given up here"))

    def satisfy(self) -> None:
        """End it in order: one side has said, elsewhere, that it has all it wants."""
        if not self._ended:
            self._carrier.leave()
            self.ended(None)

    def _finished(self, _: object) -> None:
        self.ended(None)

    def _not_finished(self, failure: Failure) -> None:
        error = failure.value
        self.ended(error if isinstance(error, SatError) else TransferBroken(peer=self.peer, reason=str(error)))

    # -- for the carrier -----------------------------------------------------------------------------------------

    def received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._ended or not data:
            return
        self._pieces.append(data)
        self._waiting += len(data)
        self.moved += len(data)
        if self._waiting >= FULL and not self._paused:
            self._paused = True
            self._carrier.pause()
        self._wake()

    @property
    def room(self) -> int:
        """How many bytes more can come before they are too many."""
        return FULL - self._waiting

    def ended(self, error: SatError | None) -> None:
        """Nothing comes any more, and nothing can be sent: by the peer's will, or because of an error."""
        if self._ended:
            return
        self._ended, self._error = True, error
        self._wake()
        self._has_room(None)
        closer, self._closer = self._closer, None
        _fire(closer)
        self.on_end(error)

    def _wake(self) -> None:
        reader, self._reader = self._reader, None
        _fire(reader)

    def _has_room(self, _: object) -> None:
        writer, self._writer = self._writer, None
        _fire(writer)


def _fire(waiting: Deferred[None] | None) -> None:
    if waiting is not None and not waiting.called:  # else who waited was cancelled
        waiting.callback(None)
