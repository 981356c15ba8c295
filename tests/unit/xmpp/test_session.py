"""What comes in a session, and whether there is still somebody there, with the clock in the hand."""

from __future__ import annotations

from typing import Any

import pytest
from support.line import heard, message, online, pong, texts
from support.scripted import Behaviour, bodies

from sat.api.profile import ConnectionState


@pytest.mark.parametrize(
    "hostile",
    [
        "<message xmlns='urn:evil' from='juliet@example.org'><body>evil</body></message>",
        "<evil xmlns='urn:evil'><body>evil</body></evil>",
        "<message from='@@//'><body>evil</body></message>",
        "<message from='a b@example.org'><body>evil</body></message>",
        "<iq type='result' id='nobody-asked'/>",
        "<iq type='error'/>",
        "<message to='\u202ex@example.org'><body>evil</body></message>",
        "<other/>",
    ],
)
def test_what_is_no_stanza_is_dropped(hostile: str) -> None:
    line = online()
    line.server.send(hostile)
    line.server.send(heard("good"))
    line.settle()
    assert texts(line) == ["good"]


def test_a_prefixed_stanza_is_a_stanza() -> None:
    line = online()
    line.server.send("<c:message xmlns:c='jabber:client' from='juliet@example.org'><c:body>good</c:body></c:message>")
    line.settle()
    assert texts(line) == ["good"]


def test_a_fault_of_the_core_is_not_the_streams() -> None:
    line = online()

    def fail(element: Any) -> None:
        raise RuntimeError("a fault")

    line.handle = fail
    line.server.send(heard("one"))
    line.settle()
    assert line.state is ConnectionState.ONLINE


@pytest.mark.parametrize(
    "hostile",
    [
        "<message><body>x</message>",
        "<message><body>&lol;</body></message>",
        "<message><!-- c --></message>",
        "<message><?php evil?></message>",
        "<message>&#0;</message>",
        "<stream:stream>",
        "<a>" * 200,
        "<message><body>" + "x" * 1_100_000,
        "text\x00",
    ],
    ids=lambda text: text[:30],
)
def test_what_breaks_the_stream_is_answered_and_survived(hostile: str) -> None:
    line = online()
    line.server.send(hostile, False)
    line.settle()
    assert line.error == "ProtocolViolation"
    assert "error" in line.server.seen
    line.advance(3)
    assert line.sessions == [False, False], "resuming would bring it again"


def test_byte_by_byte() -> None:
    line = online()
    for byte in heard("grüße 🙂").encode():
        line.here.to_client.append(bytes([byte]))
    line.settle()
    assert texts(line) == ["grüße 🙂"]


@pytest.mark.parametrize("managed", [True, False])
def test_a_half_open_connection_is_found(managed: bool) -> None:
    line = online(Behaviour(managed=managed, answers=pong))
    line.advance(200, 1)
    assert len(line.connections) == 1, "asked for, it answered"
    line.here.dropped = True
    line.advance(92, 1)
    assert len(line.connections) == 2


def test_it_is_found_sooner_with_something_unacknowledged() -> None:
    line = online()
    line.here.dropped = True
    line.link.send(message("one"), 1)
    line.advance(30)
    assert not line.connections[0].open
    line.advance(2)
    assert bodies(line.memory) == ["one"]
