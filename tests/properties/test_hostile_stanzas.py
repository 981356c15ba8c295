"""What must hold for any stanzas that others send: no plugin fails, and nobody speaks for another."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.parsing import parse
from support.romeo import OWN, Profile, now, opened
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.plugins.encryption.automatic import PATIENCE
from sat.plugins.messages.plugin import Messages
from sat.plugins.roster.plugin import Roster
from sat.xmpp import bob, caps, disco, forms, mam, pubsub, rsm, stream, xhtml, xml
from sat.xmpp.forward import forwarded
from sat.xmpp.stanzas import stanza_error, stanza_of
from sat.xmpp.times import delay_of

JULIET, TYBALT = JID("juliet@capulet.lit"), JID("tybalt@capulet.lit")
OTHERS = [JULIET, f"{JULIET}/balcony", TYBALT, "capulet.lit", "montague.lit", f"{OWN}.evil.test", "room@muc.test/me"]
ENTITIES = [*OTHERS, OWN, f"{OWN}/garden", f"{OWN}/other", "@@", "", "a b@c", "\u202e@b"]
ELEMENTS = [
    ("body", "jabber:client"), ("subject", "jabber:client"), ("error", "jabber:client"), ("show", "jabber:client"),
    ("status", "jabber:client"), ("priority", "jabber:client"), ("thread", "jabber:client"),
    ("message", "jabber:client"), ("presence", "jabber:client"),
    ("query", "jabber:iq:roster"), ("item", "jabber:iq:roster"), ("group", "jabber:iq:roster"),
    ("query", "jabber:iq:version"), ("ping", "urn:xmpp:ping"), ("query", disco.NS_INFO), ("query", disco.NS_ITEMS),
    ("identity", disco.NS_INFO), ("feature", disco.NS_INFO), ("item", disco.NS_ITEMS), ("c", caps.NS),
    ("sent", "urn:xmpp:carbons:2"), ("received", "urn:xmpp:carbons:2"), ("forwarded", "urn:xmpp:forward:0"),
    ("delay", "urn:xmpp:delay"), ("result", mam.NS), ("fin", mam.NS), ("set", rsm.NS), ("last", rsm.NS),
    ("count", rsm.NS), ("received", "urn:xmpp:receipts"), ("request", "urn:xmpp:receipts"),
    ("composing", "http://jabber.org/protocol/chatstates"), ("origin-id", "urn:xmpp:sid:0"),
    ("stanza-id", "urn:xmpp:sid:0"), ("x", forms.NS), ("field", forms.NS), ("value", forms.NS), ("option", forms.NS),
    ("media", forms.NS_MEDIA), ("data", bob.NS), ("x", "urn:unknown"),
    ("event", pubsub.NS_EVENT), ("items", pubsub.NS_EVENT), ("item", pubsub.NS_EVENT), ("purge", pubsub.NS_EVENT),
    ("pubsub", pubsub.NS), ("items", pubsub.NS), ("item", pubsub.NS), ("publish", pubsub.NS),
    ("unstyled", "urn:xmpp:styling:0"), ("spoiler", "urn:xmpp:spoiler:0"), ("reference", "urn:xmpp:reference:0"),
    ("attention", "urn:xmpp:attention:0"), ("reply", "urn:xmpp:reply:0"), ("fallback", "urn:xmpp:fallback:0"),
    ("body", "urn:xmpp:fallback:0"), ("replace", "urn:xmpp:message-correct:0"), ("html", xhtml.NS),
    ("body", xhtml.NS_XHTML), ("pre", xhtml.NS_XHTML), ("Description", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("title", "https://ogp.me/ns#"),
    ("gone", "urn:ietf:params:xml:ns:xmpp-stanzas"), ("text", "urn:ietf:params:xml:ns:xmpp-stanzas"),
]  # fmt: skip
VALUES = {
    "from": ENTITIES,
    "to": ENTITIES,
    "jid": ENTITIES,
    "by": ENTITIES,
    "type": ["chat", "groupchat", "headline", "error", "get", "result", "text-multi", "list-single", "hidden", "evil"],
    "id": ["1", "2", ""],
    "subscription": ["both", "to", "none", "remove", "evil"],
    "ask": ["subscribe", "x"],
    "stamp": ["2025-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "evil"],
    "queryid": ["QUERY", "x"],  # the first is that of the question that is open
    "hash": ["sha-1", "md5"],
    "ver": ["QgayPKawpkPSDYmwT/WM94uAlu0=", "x", ""],
    "node": ["urn:n", "http://jabber.org/protocol/nick", ""],
    "var": ["FORM_TYPE", "a", ""],
    "complete": ["true", ""],
    "xml:lang": ["en", ""],
    "uri": ["xmpp:romeo@montague.lit", "xmpp:%ff", "evil"],
    "begin": ["0", "-1", "9" * 5_000],
    "end": ["3", "0", "x"],
    "start": ["0", "2", "-5"],
    "for": ["urn:xmpp:reply:0", "x"],
    "name": ["x", "\u202e"],
}
KINDS = [
    "chat",
    "normal",
    "groupchat",
    "headline",
    "error",
    "subscribe",
    "unavailable",
    "get",
    "set",
    "result",
    "evil",
    "",
]
TEXTS = ["", "text", " ", "away", "5", "-999", "9" * 5_000, "\u202e\u200b", "AAAA", "cid:x"]
PAIRS = [f" {name}='{xml.escape(value)}'" for name, values in VALUES.items() for value in values]

attributes = st.lists(st.sampled_from(PAIRS), max_size=4, unique_by=lambda pair: pair.partition("=")[0]).map("".join)
texts = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=5)


def element(name: tuple[str, str], attributes: str, text: str, inner: list[str]) -> str:
    return f"<{name[0]} xmlns='{name[1]}'{attributes}>{xml.escape(text)}{''.join(inner)}</{name[0]}>"


names = st.sampled_from(ELEMENTS)
leaves = st.builds(element, names, attributes, texts, st.just([]))
trees = st.builds(element, names, attributes, texts, st.lists(leaves, max_size=4))


def message(sender: str, recipient: str, kind: str, inner: list[str]) -> str:
    ends = f"from='{xml.escape(sender)}' to='{xml.escape(recipient)}'"
    return f"<message xmlns='jabber:client' {ends} type='{kind}' id='1'>{''.join(inner)}</message>"


def wrapped(way: str, attributes: str, delay: str, inner: str) -> str:
    """In a carbon, or in an answer of the archive."""
    ns = mam.NS if way == "result" else "urn:xmpp:carbons:2"
    return f"<{way} xmlns='{ns}'{attributes}><forwarded xmlns='urn:xmpp:forward:0'>{delay}{inner}</forwarded></{way}>"


ends = st.sampled_from(ENTITIES)
messages = st.builds(message, ends, ends, st.sampled_from(KINDS), st.lists(leaves, max_size=3))
wraps = st.builds(wrapped, st.sampled_from(["sent", "received", "result"]), attributes, leaves, messages)
payloads = trees | wraps | st.builds(element, names, attributes, texts, st.lists(trees | messages, max_size=2))


def stanza(name: str, sender: str, id: str, kind: str, inner: list[str]) -> str:
    ends = f"from='{xml.escape(sender)}' to='{OWN}' id='{id}'"
    return f"<{name} {ends} type='{kind}'>{''.join(inner)}</{name}>"


def stanzas(senders: list[str]) -> st.SearchStrategy[str]:
    return st.builds(
        stanza,
        st.sampled_from(["message", "message", "presence", "iq"]),
        st.sampled_from(senders),
        st.sampled_from(VALUES["id"]),
        st.sampled_from(KINDS),
        st.lists(payloads, max_size=3),
    )


def hear(romeo: Profile, stanza: str) -> None:
    """What the stream would do with it; whoever sends it has guessed the id of our question to the archive."""
    asked = re.search("queryid='([^']+)'", "".join(romeo.wire.asked))
    element = parse(stanza.replace("'QUERY'", f"'{asked[1] if asked else 'none'}'"))
    if stanza_of(element) is not None:
        romeo.link_stanza(element)


def begin(romeo: Profile) -> None:
    """Be online with two contacts and a message sent."""
    romeo.plug_all()
    romeo.goes_online()
    items = "".join(f"<item jid='{each}' subscription='both'/>" for each in (JULIET, TYBALT))
    romeo.wire.answer("jabber:iq:roster", f"<query xmlns='jabber:iq:roster'>{items}</query>")
    romeo.wire.answer("disco#info", f"<query xmlns='{disco.NS_INFO}'><feature var='{mam.NS}'/></query>")
    assert any("queryid" in each for each in romeo.wire.asked)
    sending = Deferred.fromCoroutine(romeo.plugin(Messages).send(JULIET, "mine"))
    romeo.clock.advance(PATIENCE)  # nobody says whether she has keys
    now(sending)


@pytest.fixture
def untroubled(caplog: pytest.LogCaptureFixture) -> Any:
    """Says that the log has no error."""

    def check() -> None:
        troubles = [each for each in caplog.records if each.exc_info or each.levelno >= logging.ERROR]
        caplog.clear()
        assert not troubles

    return check


SLOW = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@SLOW
@given(
    st.lists(stanzas(ENTITIES), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 5), st.booleans(), payloads), max_size=5),
)
def test_no_stanza_and_no_answer_is_too_much_for_a_plugin(untroubled: Any, heard: list[str], said: list[Any]) -> None:
    with TemporaryDirectory() as folder, opened(Path(folder) / "data") as romeo:
        begin(romeo)
        for stanza in heard:
            hear(romeo, stanza)
        for place, refused, payload in said:
            if romeo.wire.asked:
                asked = romeo.wire.asked[place % len(romeo.wire.asked)]
                (romeo.wire.refuse if refused else romeo.wire.answer)(asked, "gone" if refused else payload)
        for _ in range(5):
            romeo.clock.advance(15)
        hear(romeo, f"<message from='{JULIET}/b' type='chat' id='last'><body>the last</body></message>")
        romeo.turn()
        untroubled()
        assert now(romeo.plugin(Messages).get_history(JULIET))[-1].body == "the last"


@SLOW
@given(st.lists(stanzas(OTHERS), min_size=1, max_size=8))
def test_nobody_speaks_for_another(untroubled: Any, heard: list[str]) -> None:
    with TemporaryDirectory() as folder, opened(Path(folder) / "data") as romeo:
        begin(romeo)
        contacts = now(romeo.plugin(Roster).get_contacts())
        for stanza in heard:
            hear(romeo, stanza)
        romeo.clock.advance(5)
        untroubled()
        assert now(romeo.plugin(Roster).get_contacts()) == contacts
        writers = {str(parse(stanza)["from"]) for stanza in heard}
        for conversation in now(romeo.plugin(Messages).get_conversations()):
            for message in now(romeo.plugin(Messages).get_history(conversation.peer)):
                if message.body == "mine":
                    continue
                assert message.sender in writers
                assert message.sender.bare == message.peer
                assert not message.outgoing
                assert not message.delayed or message.sender.bare == OWN.domain


@given(payloads)
def test_nothing_that_reads_xml_raises(text: str) -> None:
    element = parse(text)
    assert caps.ver(disco.read_info(element))
    assert caps.fits(element, "x") is False
    assert len(disco.read_items(element)) < 10
    assert stanza_error(element).details["reason"]
    assert stream.error_of("montague.lit", element)
    assert forms.submit(forms.read(element, element), {"a": "x"})
    mam.read_end(element)
    rsm.read_page(element)
    pubsub.read_event(element)
    assert pubsub.read_published(element, "id")
    assert len(pubsub.read_items(element).items) < 10
    forwarded(element)
    delay_of(element, 0.0)
    assert xml.weight(element) > 0
