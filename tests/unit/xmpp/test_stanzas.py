"""Typed faces of stanzas."""

from __future__ import annotations

import re

import pytest
from support.line import heard
from support.parsing import parse

from sat.api import JID
from sat.api.errors import PeerError
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq, Message, Presence, Stanza, new_id, stanza_error, stanza_of
from sat.xmpp.xml import to_text


def test_a_message_that_came() -> None:
    message = stanza_of(parse(heard("hi", "Juliet@EXAMPLE.org/Balcony")))
    assert isinstance(message, Message)
    assert message.sender == "juliet@example.org/Balcony"
    assert message.recipient == "romeo@example.org/orchard"
    assert (message.kind, message.body, message.id) == ("chat", "hi", "")


@pytest.mark.parametrize("text", ["<message from='@@'/>", "<message to='@@'/>", "<message xmlns='urn:x'/>", "<x/>"])
def test_what_is_no_stanza(text: str) -> None:
    assert stanza_of(parse(text)) is None


def test_a_message_to_send() -> None:
    message = Message.to(JID("juliet@example.org"), id="1")
    message.body = "a < b"
    message.subject, message.thread = "s", "t"
    message.body = "c"
    assert to_text(message.element) == (
        "<message to='juliet@example.org' type='chat' id='1'><subject>s</subject><thread>t</thread>"
        "<body>c</body></message>"
    )


@pytest.mark.parametrize(("kind", "read"), [("chat", "chat"), ("", "normal"), ("evil", "normal"), ("error", "error")])
def test_kinds_of_messages(kind: str, read: str) -> None:
    assert Message(xml.element("message", "jabber:client", type=kind or None)).kind == read


def test_the_body_without_a_language_is_taken_first() -> None:
    message = Message(
        parse(
            "<message xml:lang='en'><body xml:lang='de'>Hallo</body><body>hello</body>"
            "<body xmlns='urn:x'>x</body></message>"
        )
    )
    assert message.body == "hello"
    assert message.texts("body") == {"de": "Hallo", "en": "hello"}
    assert Message(parse("<message><body xml:lang='de'>Hallo</body></message>")).body == "Hallo"
    assert Message(parse("<message/>")).body == ""


@pytest.mark.parametrize(
    ("inner", "show", "priority"),
    [
        ("<show>dnd</show><priority>5</priority>", "dnd", 5),
        ("<show>evil</show><priority>-999</priority>", "", -128),
        ("<priority>9999999999999999999999</priority>", "", 127),
        ("<priority>x</priority>", "", 0),
        ("", "", 0),
    ],
)
def test_presence(inner: str, show: str, priority: int) -> None:
    presence = Presence(parse(f"<presence><status>s</status>{inner}</presence>"))
    assert (presence.show, presence.priority, presence.status, presence.kind) == (show, priority, "s", "")


def test_answers_go_back_with_the_id() -> None:
    iq = Iq(parse("<iq type='get' id='7' from='juliet@example.org/x'><ping xmlns='urn:xmpp:ping'/></iq>"))
    assert iq.payload is not None
    assert to_text(iq.result().element) == "<iq to='juliet@example.org/x' type='result' id='7'/>"
    assert to_text(iq.reply_error("service-unavailable").element) == (
        "<iq to='juliet@example.org/x' type='error' id='7'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )


NS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"


@pytest.mark.parametrize(
    ("error", "condition", "reason"),
    [
        (f"<item-not-found {NS}/>", "item-not-found", "there is no such thing or address"),
        ("<item-not-found xmlns='urn:evil'/>", "undefined-condition", "something went wrong"),
        ("<evil xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>", "undefined-condition", "something went wrong"),
        (
            f"<forbidden {NS}/><text {NS}>no\n way</text>",
            "forbidden",
            "you are not allowed to do this (“no way”)",
        ),
    ],
)
def test_errors(error: str, condition: str, reason: str) -> None:
    found = Stanza(parse(f"<iq type='error' from='juliet@example.org' id='1'><error>{error}</error></iq>")).error
    assert isinstance(found, PeerError)
    assert (found.details["condition"], found.details["reason"]) == (condition, reason)
    assert str(found) == f"juliet@example.org answered: {reason}."


SELDOM = "Communication with remote domains is not enabled"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            f"<remote-server-not-found {NS}/><text {NS}>DNS resolution failed</text>",
            "Your server answered: the server of juliet@example.org cannot be found; perhaps the address holds a typing"
            " mistake (“DNS resolution failed”).",
        ),
        (
            f"<remote-server-timeout {NS}/>",
            "Your server answered: the server of juliet@example.org cannot be reached now; try again later.",
        ),
        (
            f"<not-allowed {NS}/><text {NS}>{SELDOM}</text>",
            f"Your server answered: your own server does not talk to other servers (“{SELDOM}”).",
        ),
        (f"<not-allowed {NS}/>", "juliet@example.org answered: this is not allowed there."),
        (
            f"<forbidden {NS}/><text {NS}>{{peer}}</text>",
            "juliet@example.org answered: you are not allowed to do this (“{peer}”).",
        ),
        (
            f"<service-unavailable {NS}/>",
            "juliet@example.org answered: nobody is at this address now, or it cannot do this.",
        ),
        (
            f"<resource-constraint {NS}/>",
            "juliet@example.org answered: a limit of the server is reached; try again later.",
        ),
        (f"<policy-violation {NS}/>", "juliet@example.org answered: the rules of the server do not allow this."),
    ],
)
def test_errors_are_told_so_that_a_person_knows_what_to_do(error: str, sentence: str) -> None:
    found = Stanza(parse(f"<iq type='error' from='juliet@example.org' id='1'><error>{error}</error></iq>")).error
    assert str(found) == sentence


def test_ids_cannot_be_guessed_and_are_no_options_of_commands() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in ids)


def test_what_an_application_calls_an_error_is_kept() -> None:
    error = stanza_error(
        parse(
            "<iq type='error' from='pubsub.lit' id='1'><error type='cancel'>"
            "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/></error></iq>"
        )
    )
    assert (error.details["condition"], error.details["specific"]) == ("conflict", "precondition-not-met")
