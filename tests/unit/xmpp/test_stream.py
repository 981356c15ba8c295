import logging
import socket
from typing import Any

import pytest
from twisted.internet.task import Clock

from sat.xmpp.stream import Stream


class Socket:
    def __init__(self) -> None:
        self.options: list[tuple[int, int, int]] = []

    def setsockopt(self, *option: int) -> None:
        self.options.append(option)  # type: ignore[arg-type]


class Transport:
    def __init__(self) -> None:
        self.socket = Socket()
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def registerProducer(self, *_: Any) -> None: ...


@pytest.fixture
def stream() -> Stream:
    made = Stream("montague.lit", Clock(), logging.getLogger("test"))
    made.makeConnection(Transport())
    return made


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="this system has no TCP_QUICKACK")
def test_packets_of_the_log_in_are_acknowledged_at_once(stream: Stream) -> None:
    stream.write("<hello/>")
    stream.reactor.advance(0)
    assert stream.transport.written == [b"<hello/>"]
    assert stream.transport.socket.options == [(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)]
    stream.read(lambda element: None)
    stream.write("<later/>")
    stream.reactor.advance(0)
    assert len(stream.transport.socket.options) == 1


def test_what_is_written_in_one_turn_leaves_together(stream: Stream) -> None:
    for part in ("<a/>", "<b/>", "<c/>"):
        stream.write(part)
    assert stream.transport.written == []
    stream.reactor.advance(0)
    assert stream.transport.written == [b"<a/><b/><c/>"]
