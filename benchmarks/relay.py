"""A network between a program and a server on this machine: what is sent through it arrives some time later."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Self


class Relay:
    """A context manager: ``port`` leads to ``target``, another port of this machine, ``delay`` seconds away."""

    def __init__(self, target: int, delay: float) -> None:
        self._target, self._delay = target, delay
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(lambda: _Near(self._target, self._delay), "127.0.0.1", 0)


class _End(asyncio.Protocol):
    """One end of a connection through it."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.other: _End | None = None
        self.transport: asyncio.Transport
        self._under_way: deque[bytes | None] = deque()  # None is the end

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._send(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._send(None)

    def _send(self, data: bytes | None) -> None:
        self._under_way.append(data)
        asyncio.get_running_loop().call_later(self.delay, self._arrives)

    def _arrives(self) -> None:
        data = self._under_way.popleft()
        if self.other is not None and data is not None:
            self.other.transport.write(data)
        elif self.other is not None:
            self.other.transport.close()


class _Near(_End):
    """The end of who connects."""

    def __init__(self, target: int, delay: float) -> None:
        super().__init__(delay)
        self._target = target

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.pause_reading()
        self._reaching = asyncio.ensure_future(self._reach())

    async def _reach(self) -> None:
        loop = asyncio.get_running_loop()
        _, far = await loop.create_connection(lambda: _End(self.delay), "127.0.0.1", self._target)
        self.other, far.other = far, self
        self.transport.resume_reading()
