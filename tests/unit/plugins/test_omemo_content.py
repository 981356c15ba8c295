"""What of a message OMEMO encrypts, and what of one that came is believed."""

from __future__ import annotations

import pytest
from support.parsing import parse

from sat.api import JID
from sat.plugins.omemo import content
from sat.plugins.omemo.names import NEW, OLD
from sat.xmpp import sce, xml
from sat.xmpp.stanzas import Message

ALICE, BOB = JID("alice@example.org"), JID("bob@example.net")
WRITTEN = (
    "<message type='chat' id='1' from='alice@example.org/x' to='bob@example.net'><body>the text</body>"
    "<subject>about</subject><x xmlns='jabber:x:oob'><url>https://example.org/secret</url></x>"
    "<replace xmlns='urn:xmpp:message-correct:0' id='0'/><request xmlns='urn:xmpp:receipts'/>"
    "<origin-id xmlns='urn:xmpp:sid:0' id='1'/><store xmlns='urn:xmpp:hints'/></message>"
)


def written():
    return Message(parse(WRITTEN))


def names(message):
    return {each.name for each in message.children()}


def encrypted(ns):
    return xml.element("encrypted", ns)


def test_version_2_leaves_outside_what_servers_need():
    message = written()
    inside = sce.read(content.envelope(message, ALICE, 1_790_000_000.0).encode())
    content.seal(message, [encrypted(NEW)])
    assert names(message) == {"origin-id", "store", "encrypted", "encryption"}
    assert [each.name for each in inside.content] == ["body", "subject", "x", "replace", "request"]
    assert (inside.sender, inside.recipient, inside.time) == (ALICE, BOB, 1_790_000_000.0)


def test_the_old_version_leaves_nothing_that_says_what_is_written():
    message = written()
    content.seal(message, [encrypted(NEW), encrypted(OLD)])
    text = xml.to_text(message.element)
    assert "the text" not in text
    assert "secret" not in text
    assert "about" not in text
    assert {"replace", "request", "origin-id", "encrypted", "encryption"} <= names(message)
    assert message.body == content.FALLBACK


def test_the_length_of_a_short_text_does_not_show():
    short, long = written(), written()
    short.body, long.body = "no", "yes" * 5
    sizes = {len(content.envelope(message, ALICE, 0.0)) for message in (short, long) for _ in range(20)}
    assert len(sizes) > 2
    assert min(sizes) > 200


@pytest.mark.parametrize("ns", [NEW, OLD])
def test_what_nobody_has_protected_goes(ns):
    """A server has put a text, a file and a subject beside the encryption."""
    message = written()
    message.element.addChild(encrypted(ns))
    inner = Message(parse("<message from='alice@example.org/x' to='bob@example.net'><body>true</body></message>"))
    plaintext = content.envelope(inner, ALICE, 0.0) if ns == NEW else "true"
    content.unseal(message, ns, plaintext.encode(), ALICE, BOB)
    assert message.body == "true"
    assert not {"subject", "x"} & names(message)
    assert ("replace" in names(message)) is (ns == OLD)  # which cannot protect it


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [("mallory@example.org", "bob@example.net"), ("alice@example.org", "carol@example.net")],
)
def test_an_envelope_of_somebody_else_or_for_somebody_else(sender, recipient):
    inner = Message(parse(f"<message to='{recipient}'><body>moved</body></message>"))
    inner.element.attributes["to"] = JID(recipient)
    plaintext = content.envelope(inner, JID(sender), 0.0).encode()
    with pytest.raises(ValueError, match="names another"):
        content.unseal(written(), NEW, plaintext, ALICE, BOB)


def test_what_only_servers_say_does_not_come_out_of_an_envelope():
    text = (
        f"<envelope xmlns='{sce.NS}'><content><body xmlns='jabber:client'>x</body>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='bob@example.net' id='forged'/><no-store xmlns='urn:xmpp:hints'/>"
        "<delay xmlns='urn:xmpp:delay' stamp='2000-01-01T00:00:00Z'/><x xmlns='http://jabber.org/protocol/muc#user'/>"
        f"<encrypted xmlns='{NEW}'/></content><from jid='alice@example.org'/></envelope>"
    )
    assert [each.name for each in sce.read(text.encode()).content] == ["body"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"the text",
        b"<envelope/>",
        b"<envelope xmlns='urn:xmpp:sce:1'/>",
        b"<envelope xmlns='urn:xmpp:sce:1'><content/></envelope></e><e>",
        b"<envelope xmlns='urn:xmpp:sce:1'><content/><from jid='@@'/></envelope>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><envelope xmlns='urn:xmpp:sce:1'><content>&a;</content></envelope>",
        b"<envelope xmlns='urn:xmpp:sce:1'><content>" + b"<a>" * 200 + b"</a>" * 200 + b"</content></envelope>",
    ],
)
def test_no_envelope(text):
    with pytest.raises(ValueError):
        content.unseal(written(), NEW, text, ALICE, BOB)


def test_characters_that_only_a_ciphertext_can_carry():
    message = written()
    content.unseal(message, OLD, b"a\x00b\x1b[31mc\xff", ALICE, BOB)
    assert message.body == "a\ufffdb\ufffd[31mc\ufffd"


@pytest.mark.parametrize(
    ("inside", "becomes"),
    [
        ("<body>a text</body>", True),
        ("<body>a text</body><reply xmlns='urn:xmpp:reply:0' id='1'/>", True),
        ("<body>a text</body><replace xmlns='urn:xmpp:message-correct:0' id='1'/>", False),
        ("<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", False),
        ("", False),
    ],
)
def test_what_has_to_be_known_again_by_its_mark(inside, becomes):
    assert content.becomes_a_message(Message(parse(f"<message>{inside}</message>"))) is becomes
