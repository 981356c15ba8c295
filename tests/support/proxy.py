"""A TCP connection's middle, which can break in the ways that networks do."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress
from typing import Self

CHUNK = 65536


class _Pair:
    """A connection to us and the one from us to the server."""

    def __init__(self, number: int, client: socket.socket, server: socket.socket | None) -> None:
        self.number, self.client, self.server = number, client, server
        self.dead = False  # its bytes go nowhere, and nobody is told
        self.left: dict[socket.socket, int] = {}  # from whom: how many bytes may pass still, then it is cut
        self.waiting: dict[socket.socket, bytes] = {}  # for whom: what they have not taken yet
        self.ends = False  # when they have

    def other(self, one: socket.socket) -> socket.socket | None:
        return self.server if one is self.client else self.client

    def sockets(self) -> list[socket.socket]:
        return [each for each in (self.client, self.server) if each is not None]


class Proxy(threading.Thread):
    """Passes bytes on to a port, for any number of connections. A context manager."""

    def __init__(self, target: int, address: str = "127.0.0.1", port: int = 0, target_at: str = "127.0.0.1") -> None:
        """Between ``address``, where it listens at that port or any, and a port at ``target_at``."""
        super().__init__(daemon=True)
        self._target = target_at, target
        self._listener = socket.create_server((address, port))
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        self.passed = 0
        """Bytes, in both directions."""
        self.silent = False
        """New connections are accepted, and nothing is ever said (a tarpit)."""
        self.away = False
        """New connections are closed at once."""
        self.limit_next: int | None = None
        """The next connection ends when so many bytes have come from the server."""
        self._pairs: list[_Pair] = []
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._ended = False

    # -- faults ------------------------------------------------------------------------------------------------------

    def lose(self) -> None:
        """The connections there are become half-open: nothing arrives any more, and nothing ends. New ones work."""
        with self._lock:
            for pair in self._pairs:
                pair.dead = True

    def cut(self, up_to: int | None = None) -> None:
        """End the connections there are; only those that were the first so many that were accepted."""
        with self._lock:
            for pair in tuple(self._pairs):
                if up_to is None or pair.number <= up_to:
                    self._end(pair)

    def cut_after(self, up: int | None = None, down: int | None = None) -> None:
        """End the connections there are when that many bytes more have passed to the server, or from it."""
        with self._lock:
            for pair in tuple(self._pairs):
                for one, limit in ((pair.client, up), (pair.server, down)):
                    if one is not None and limit is not None:
                        pair.left[one] = limit
                        if limit == 0:
                            self._end(pair)

    # -- the work ----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Pass bytes on until :meth:`close`."""
        self._selector.register(self._listener, selectors.EVENT_READ)
        while not self._ended:
            for key, events in self._selector.select(0.05):
                with self._lock:
                    if key.fileobj is self._listener:
                        self._accept()
                    elif key.data in self._pairs:
                        self._pass_on(key.data, key.fileobj, events)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        if self.away:
            client.close()
            return
        self.accepted += 1
        server = None
        if not self.silent:
            try:
                server = socket.create_connection(self._target)
            except OSError:
                client.close()
                return
        pair = _Pair(self.accepted, client, server)
        if server is not None and self.limit_next is not None:
            pair.left[server], self.limit_next = self.limit_next, None
        self._pairs.append(pair)
        for each in pair.sockets():
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            each.setblocking(False)
            self._selector.register(each, selectors.EVENT_READ, pair)

    def _pass_on(self, pair: _Pair, one: socket.socket, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                self._give(pair, one)
            if events & selectors.EVENT_READ and not pair.ends:
                self._take(pair, one)
        except BlockingIOError:  # it was for somebody else
            return
        except OSError:
            pair.ends = True
            pair.waiting.clear()
        if pair.ends and not pair.waiting:
            self._end(pair)

    def _take(self, pair: _Pair, source: socket.socket) -> None:
        data = source.recv(CHUNK)
        target = pair.other(source)
        self.passed += len(data)
        if pair.dead and not data:
            self._selector.unregister(source)  # its end is not told to the other side either
            return
        if target is not None and not pair.dead:
            limit = pair.left.get(source)
            if limit is not None:
                pair.left[source] = limit - len(data)
            pair.waiting[target] = data[:limit]
            self._give(pair, target)
        pair.ends = not data or pair.left.get(source, 1) <= 0

    def _give(self, pair: _Pair, target: socket.socket) -> None:
        """Who takes nothing holds up who sends to them, and nobody else: bytes of the other way may be what it waits
        for."""
        data = b"" if pair.dead else pair.waiting.get(target, b"")
        with suppress(BlockingIOError):
            data = data[target.send(data) :] if data else data
        pair.waiting[target] = data
        if not data:
            del pair.waiting[target]
        source = pair.other(target)
        if source is not None:
            self._watch(pair, source, selectors.EVENT_READ, not data)
        self._watch(pair, target, selectors.EVENT_WRITE, bool(data))

    def _watch(self, pair: _Pair, one: socket.socket, event: int, wanted: bool) -> None:
        """Look for an event at a socket, or no longer."""
        key = self._selector.get_map().get(one)
        before = key.events if key is not None else 0
        events = before | event if wanted else before & ~event
        if key is None and events:
            self._selector.register(one, events, pair)
        elif key is not None and not events:
            self._selector.unregister(one)
        elif events != before:
            self._selector.modify(one, events, pair)

    def _end(self, pair: _Pair) -> None:
        if pair in self._pairs:
            self._pairs.remove(pair)
        for each in pair.sockets():
            if each.fileno() in self._selector.get_map():
                self._selector.unregister(each)
            each.close()

    def close(self) -> None:
        """End everything."""
        self._ended = True
        self.join()
        self._listener.close()
        for pair in tuple(self._pairs):
            self._end(pair)
        self._selector.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
