"""Bodies of HTTP: one that goes, in pieces, and one that comes, into a sink; each as fast as both its ends."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Protocol

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import Protocol as Receiver
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.iweb import IBodyProducer
from zope.interface import implementer

from sat.api.errors import WebError

Sent = Callable[[int], None]


class Sink(Protocol):
    """Where an answer goes; it is taken no faster than that takes it. OSError comes through."""

    async def write(self, data: bytes) -> None:
        """Take some bytes; done when there is room for more."""

    async def flush(self) -> None:
        """That was all: done when all of it is there."""


@implementer(IBodyProducer)
class Source:
    """Pieces as a body: the next one each time that the connection has room. It tells how much of it has gone."""

    def __init__(self, pieces: AsyncGenerator[bytes, None], length: int, sent: Sent) -> None:
        self.count = 0
        self.length = length
        self.error: BaseException | None = None
        """Why there are no more pieces."""
        self._pieces, self._sent = pieces, sent
        self._room: Deferred[None] | None = None  # where there is none

    def startProducing(self, consumer: Any) -> Deferred[None]:
        done: Deferred[None] = Deferred(lambda _: self.stopProducing())

        def failed(failure: Failure) -> None:
            if not failure.check(CancelledError):  # else who stops it wants to hear nothing of it
                self.error = failure.value
                done.errback(failure)

        self._pouring = Deferred.fromCoroutine(self._pour(consumer))
        self._pouring.addCallbacks(done.callback, failed)
        return done

    async def _pour(self, consumer: Any) -> None:
        async with aclosing(self._pieces) as pieces:
            async for data in pieces:
                if self._room is not None:
                    await self._room
                self.count += len(data)
                consumer.write(data)  # which calls pauseProducing when there is no room
                self._sent(self.count)
        # Where they were fewer than was told, who counts says so.

    def pauseProducing(self) -> None:
        if self._room is None:
            self._room = Deferred()

    def resumeProducing(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.called:  # else who waited was cancelled
            room.callback(None)

    def stopProducing(self) -> None:
        self._pouring.cancel()


class Body(Receiver):
    """Takes a body into a sink, as far as it may go, and no faster than that takes it."""

    transport: Any

    def __init__(
        self,
        sink: Sink,
        limit: int,
        too_large: Callable[[], Exception],
        host: str,
        moved: Callable[[int], None],
        hang_up: Callable[[], None],
    ) -> None:
        self.done: Deferred[None] = Deferred(lambda _: self._give_up())
        self.received = 0
        self._sink, self._limit, self._too_large, self._host = sink, limit, too_large, host
        self._moved, self._hang_up = moved, hang_up
        self._waiting: deque[bytes] = deque()
        self._writing: Deferred[bool] | None = None
        self._whole = self._paused = False

    def dataReceived(self, data: bytes) -> None:
        self.received += len(data)
        if self.done.called:
            return
        if self.received > self._limit:
            self._fail(self._too_large())
            return
        self._moved(self.received)
        self._waiting.append(data)
        self._go_on()

    def connectionLost(self, reason: Failure | None = None) -> None:
        if self.done.called:
            return
        if reason is None or reason.check(ResponseDone, PotentialDataLoss):
            self._whole = True
            self._go_on()
        else:
            self._fail(WebError(host=self._host, reason="its answer broke off"))

    def _go_on(self) -> None:
        if self._writing is None:
            writing: Deferred[bool] = Deferred.fromCoroutine(self._write())
            self._writing = writing
            writing.addCallbacks(self._written, self._not_written)
        if self._writing is not None and not (self._paused or self._whole):
            self._paused = True
            self.transport.pauseProducing()

    async def _write(self) -> bool:
        """Write what waits; whether that was all."""
        while self._waiting:
            await self._sink.write(self._waiting.popleft())
        if self._whole:
            await self._sink.flush()
        return self._whole

    def _written(self, is_all: bool) -> None:
        self._writing = None
        if is_all:
            self.done.callback(None)
        elif self._paused:
            self._paused = False
            self.transport.resumeProducing()

    def _not_written(self, failure: Failure) -> None:
        self._writing = None
        if not self.done.called:
            self._fail(failure.value)

    def _fail(self, error: Any) -> None:
        self.done.errback(error)
        self._give_up()

    def _give_up(self) -> None:
        self._hang_up()
        if self._writing is not None:
            self._writing.cancel()


class Box(bytearray):
    """Takes what is short."""

    async def write(self, data: bytes) -> None:
        self += data

    async def flush(self) -> None:
        """It is there."""
