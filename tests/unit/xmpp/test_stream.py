import logging
import socket
from typing import Any

import pytest
from twisted.internet.task import Clock

from sat.api.errors import CertificateUntrusted
from sat.xmpp.stream import Stream


class Socket:
    def __init__(self) -> None:
        self.options: list[tuple[int, int, int]] = []

    def setsockopt(self, *option: int) -> None:
        self.options.append(option)


class Transport:
    def __init__(self) -> None:
        self.socket = Socket()
        self.written: list[bytes] = []
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def registerProducer(self, *_: Any) -> None: ...
    def unregisterProducer(self) -> None: ...
    def startTLS(self, creator: Any) -> None: ...

    def abortConnection(self) -> None:
        self.aborted = True


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


def test_a_certificate_that_was_found_at_fault_ends_the_stream_whatever_openssl_does(stream: Stream) -> None:
    fault = CertificateUntrusted(server="montague.lit")
    found: list[Any] = []
    stream.start_tls().addErrback(lambda failure: found.append(failure.value))
    assert stream.creator is not None
    stream.creator.verdict.error = fault
    stream.handshakeCompleted()
    assert not stream.encrypted
    assert stream.transport.aborted
    stream.connectionLost()
    assert found == [fault]
