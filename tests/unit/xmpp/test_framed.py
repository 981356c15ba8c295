"""Elements in messages of their own (RFC 7395), and when a WebSocket is used at all."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from support.line import ACCOUNT, Line, message
from support.parsing import parse
from support.scripted import stream_error

from sat.api.errors import InvalidArgument, WebSocketFailed
from sat.xmpp import xml
from sat.xmpp.framed import framed
from sat.xmpp.resolve import Record, Target, web_target
from sat.xmpp.stanzas import Iq

ANYWHERE = ACCOUNT._replace(host="", port=0)
FIRST = Record(0, 0, "one.example.org", 5001)


@pytest.mark.parametrize(
    "element",
    [
        message("a <b/> xmlns='x'"),
        Iq.get(ACCOUNT.jid).element,
        xml.element("r", "urn:xmpp:sm:3"),
        xml.element("presence"),
    ],
)
def test_an_element_alone_is_the_same_as_in_a_stream(element: Any) -> None:
    alone = framed(xml.to_text(element))
    assert alone.partition(">")[0].count(" xmlns=") == 1
    assert xml.to_text(parse(alone), "") == xml.to_text(
        parse(f"<x xmlns='jabber:client'>{xml.to_text(element)}</x>").firstChildElement(), ""
    )


def test_a_stream_error_alone_declares_its_prefix() -> None:
    error = stream_error("reset", "")
    assert framed(error).startswith("<stream:error xmlns:stream='http://etherx.jabber.org/streams'>")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("wss://example.org/ws", Target("example.org", 443, True, "wss://example.org/ws")),
        ("WSS://example.org:444", Target("example.org", 444, True, "WSS://example.org:444")),
        ("wss://[2001:db8::1]/ws", Target("2001:db8::1", 443, True, "wss://[2001:db8::1]/ws")),
    ],
)
def test_a_url_is_a_place(url: str, target: Target) -> None:
    assert web_target(url) == target


@pytest.mark.parametrize(
    "url",
    ["", "x", "ws://example.org/", "https://example.org/", "wss://", "wss:///x", "wss://user@example.org/", "wss://h:x/",
     "wss://h/#a", "wss://h/\r\nHost: x", "wss://bücher.example/", "ws://localhost/", "ws://127.0.0.1/", "wss://[::1/"],
)  # fmt: skip
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidArgument):
        web_target(url)


@pytest.mark.parametrize("url", ["ws://localhost:1/", "ws://127.0.0.1/x", "ws://[::1]:5/"])
def test_without_encryption_only_this_machine(url: str) -> None:
    assert not web_target(url, encrypted=False).direct
    with pytest.raises(InvalidArgument):
        web_target("ws://192.0.2.1/", encrypted=False)
    with pytest.raises(InvalidArgument):
        web_target("ws://localhost.example.org/", encrypted=False)


def test_the_web_server_is_asked_where_nothing_can_be_reached() -> None:
    line = Line(None, ANYWHERE, FIRST)
    line.refuse_connections = True
    line.urls = ["wss://example.org/ws"]
    results = line.connect()
    line.advance(0.8)  # more than one address would be tried at a time
    (error,) = results
    assert line.discovered == 1
    assert type(error).__name__ == "ServerRefused", "what is told is what the usual way failed at"
    assert line.asked_ports == [5001, 443]


def test_it_is_not_asked_where_a_host_was_set_or_the_server_answers() -> None:
    line = Line()
    line.refuse_connections = True
    line.connect()
    assert not line.discovered
    line = Line(None, ANYWHERE, FIRST)
    line.behaviour.tls = "none"
    line.connect()
    assert line.error == "EncryptionMissing"
    assert not line.discovered, "that is no network that lets only the web through"


def test_a_url_that_was_set_is_the_only_place() -> None:
    line = Line(None, ANYWHERE._replace(websocket="wss://web.example.org/ws"), FIRST)
    line.refuse_connections = True
    line.connect()
    assert line.asked_ports == [443]
    assert not line.discovered


def test_what_a_websocket_needs_is_imported_with_the_first_one() -> None:
    code = "import sys, sat.xmpp.link, sat.core.backend\nprint([each for each in sys.modules if each in {names}])"
    names = ["autobahn", "txaio", "sat.xmpp.websocket", "sat.xmpp.framed", "sat.xmpp.discovery", "twisted.web.client"]
    done = subprocess.run([sys.executable, "-c", code.format(names=names)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_failed_one_says_where() -> None:
    assert "wss://x" in str(WebSocketFailed(server="example.org", url="wss://x", reason="it is closed"))
