"""What must hold for any bytes that a server sends."""

from __future__ import annotations

import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.line import heard, online, texts

from sat.api.profile import ConnectionState
from sat.xmpp.xml import Element, StreamParser, XmlError, to_text

HEADER = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
PIECES = [
    b"<message>", b"</message>", b"<message", b"<body>", b"</body>", b"<iq/>", b"<a:b", b" xmlns:a='urn:a'", b">",
    b"/>", b" x='", b"'", b"&amp;", b"&lt;", b"&#0;", b"&#x1F642;", b"&e;", b"<!--", b"-->", b"<!DOCTYPE x [",
    b"<![CDATA[", b"]]>", b"<?xml version='1.0'?>", b"<?php ?>", b"</stream:stream>", b"<stream:error>",
    b"</stream:error>", b"text", b" ", b"\n", b"\xc3\xa9", b"\xf0\x9f\x99\x82", b"\xff", b"\xc0\x80", b"\x00",
    b"\xef\xbb\xbf", b"<r xmlns='urn:xmpp:sm:3'/>", b"<a xmlns='urn:xmpp:sm:3' h='1'/>",
    b"<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>",
]  # fmt: skip
data = st.lists(st.sampled_from(PIECES) | st.binary(max_size=5), max_size=30).map(b"".join)


def parsed(pieces: list[bytes]) -> tuple[list[str], bool]:
    """The stanzas that came out, and whether it ended with an error."""
    received: list[Element] = []
    parser = StreamParser(lambda _: None, received.append, lambda: None)
    try:
        for piece in pieces:
            parser.feed(piece)
    except XmlError:
        return [to_text(each) for each in received], True
    return [to_text(each) for each in received], False


@given(st.binary() | data)
def test_nothing_but_an_error_of_xml_comes_out_of_the_parser(start: bytes) -> None:
    parsed([start])


@given(data, st.lists(st.integers(1, 20)))
def test_how_bytes_are_cut_is_all_the_same(sent: bytes, cuts: list[int]) -> None:
    pieces, rest = [], HEADER + sent
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    assert parsed([*pieces, rest]) == parsed([HEADER + sent])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data)
def test_a_link_survives_them(caplog: pytest.LogCaptureFixture, sent: bytes) -> None:
    caplog.clear()
    line = online()
    line.here.to_client.append(sent)
    line.settle()
    line.advance(120, 1)  # what is cut off in the middle is found by the silence behind it
    if line.state is ConnectionState.OFFLINE:
        assert line.error == "SessionReplaced"
        return
    assert line.state is ConnectionState.ONLINE
    if len(line.connections) > 1:
        line.server.send(heard("good"))
        line.settle()
        assert texts(line)[-1] == "good"
    assert not [each for each in caplog.records if each.exc_info or each.levelno >= logging.ERROR]
