"""The log of all XML."""

from __future__ import annotations

import logging

import pytest
from support.line import Line
from support.parsing import parse

from sat.xmpp import traffic


def test_it_is_off_by_default(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Line().connect()
    assert not [each for each in caplog.records if each.name == "sat.xmpp.traffic"]


def test_secrets_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    line = Line()
    with caplog.at_level(logging.DEBUG, "sat.xmpp.traffic"):
        line.connect()
    log = "\n".join(each.getMessage() for each in caplog.records if each.name == "sat.xmpp.traffic")
    assert "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-512'>…</auth>" in log
    assert "romeo@example.org/orchard" in log
    import base64

    for message in line.memory.authorised:
        assert base64.b64encode(message.encode()).decode() not in log


@pytest.mark.parametrize(
    "text",
    [
        "<iq><query xmlns='jabber:iq:register'><password>hidden</password></query></iq>",
        "<iq><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data'><field var='password'>"
        "<value>hidden</value></field></x></query></iq>",
        "<iq><preauth xmlns='urn:xmpp:pars:0' token='hidden'/></iq>",
        "<presence><x xmlns='http://jabber.org/protocol/muc'><password>hidden</password></x></presence>",
        "<message><x xmlns='http://jabber.org/protocol/muc#user'><password>hidden</password></x></message>",
        "<message><x xmlns='jabber:x:conference' jid='a@b' password='hidden'/></message>",
        "<iq><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data'><field var='secret'>"
        "<value>hidden</value></field></x></query></iq>",
        "<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:bookmarks:1'><item>"
        "<conference xmlns='urn:xmpp:bookmarks:1'><password>hidden</password></conference></item></publish>"
        "</pubsub></iq>",
        "<iq><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'><conference jid='a@b'>"
        "<password>hid<b/>den<b>hidden</b></password></conference></storage></query></iq>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>hidden</success>",
        "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>hidden</challenge>",
    ],
)
def test_passwords_are_masked(text: str) -> None:
    assert "hidden" not in traffic.masked(parse(text))


def test_the_rest_is_there() -> None:
    text = "<message to='a@b'>x<body>seen<i xmlns='urn:x' password='y' n='z'/></body></message>"
    assert traffic.masked(parse(text)) == text


def test_a_long_stanza_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test")
    with caplog.at_level(logging.DEBUG, "sat.xmpp.traffic"):
        traffic.received(log, parse(f"<message><body>{'x' * 1_000_000}</body></message>"))
        traffic.sent(log, parse(f"<message><body>{'x' * 1_000_000}</body></message>"))
    logged = [each.getMessage() for each in caplog.records if each.name == "sat.xmpp.traffic"]
    assert len(logged) == 2
    assert max(map(len, logged)) < 11_000
    assert all(each.endswith("… (1000032 characters)") for each in logged)
