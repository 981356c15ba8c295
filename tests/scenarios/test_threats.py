"""What a hostile server, or a hostile peer behind an honest one, can send to a daemon that has logged in: XML and
messages. Bad log-ins are in test_login_hostile.py.

The targets are profiles of the real daemon, each at a server of its own; all the while another profile, at a good
server, is asked for signs of life (``unharmed``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import pytest
from scenarios.siege import Canary, Meet
from scenarios.target import EVIL, FRIEND, GOOD, HEARD, SENT, Target, archived, carbon, inside, message
from support.scripted import HEADER

from sat.api.errors import ProtocolViolation, SessionReplaced
from sat.api.profile import ConnectionState
from sat.world.people import run

pytestmark = pytest.mark.usefixtures("unharmed")

KIB, MIB = 1024, 1024 * 1024


# -- XML that ends the stream --------------------------------------------------------------------------------------


def chunks(text: str, total: int, size: int = 64 * KIB) -> Iterable[bytes]:
    """A beginning, and a filling that goes on and on."""
    yield text.encode()
    for _ in range(total // size):
        yield b"x" * size


def in_body(text: str) -> bytes:
    return f"<message type='chat' from='{FRIEND}/x'><body>{EVIL}{text}</body></message>".encode()


BREAKING: dict[str, tuple[Callable[[], bytes | Iterable[bytes]], str]] = {
    "doctype": (lambda: b"<!DOCTYPE x [<!ENTITY e 'EVIL-MARK'>]>" + in_body("&e;"), "not-well-formed"),
    "an entity": (lambda: in_body("&e;"), "not-well-formed"),
    "a comment": (lambda: in_body("<!-- c -->tail"), "restricted-xml"),
    "a processing instruction": (lambda: in_body("<?php evil?>tail"), "restricted-xml"),
    "an overlong zero": (lambda: in_body("-").replace(b"-</", b"\xc0\x80</"), "not-well-formed"),
    "no UTF-8": (lambda: in_body("-").replace(b"-</", b"\xff</"), "not-well-formed"),
    "a surrogate": (lambda: in_body("-").replace(b"-</", b"\xed\xa0\x80</"), "not-well-formed"),
    "the character 0": (lambda: in_body("&#0;"), "not-well-formed"),
    "an escape": (lambda: in_body("&#27;[31m"), "not-well-formed"),
    "mismatched tags": (lambda: in_body("<b>"), "not-well-formed"),
    "an undeclared prefix": (lambda: in_body("<e:b/>"), "not-well-formed"),
    "text between stanzas": (lambda: EVIL.encode(), "bad-format"),
    "a second header": (lambda: HEADER.partition("?>")[2].format(domain="evil.test").encode(), "invalid-xml"),
    "100 000 nested elements": (lambda: in_body("<a>" * 100_000), "policy-violation"),
    "an endless stanza": (lambda: chunks("<message><body>", 20 * MIB), "policy-violation"),
    "an endless name": (lambda: chunks("<m", 20 * MIB), "policy-violation"),
    "an endless attribute": (lambda: chunks("<message a='", 8 * MIB, 4 * KIB), "policy-violation"),
    "an endless end tag": (lambda: chunks("<message></message", 8 * MIB, 4 * KIB), "policy-violation"),
    "20 000 namespaces": (
        lambda: b"<message " + b" ".join(b"xmlns:n%d='urn:%d'" % (n, n) for n in range(20_000)) + b"/>",
        "policy-violation",
    ),
    "20 000 attributes": (
        lambda: b"<message " + b" ".join(b"n%d=''" % n for n in range(20_000)) + b"/>",
        "policy-violation",
    ),
    "100 000 elements": (lambda: in_body("<a/>" * 100_000), "policy-violation"),
    "a name of 1 MB": (lambda: b"<" + b"m" * 1_000_000 + b"/>", "policy-violation"),
    "a namespace of 1 MB": (lambda: b"<m xmlns='" + b"m" * 1_000_000 + b"'/>", "policy-violation"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_the_rules_ends_the_stream_and_no_more(shaken: Target, name: str) -> None:
    make, condition = BREAKING[name]
    shaken.memory.errors.clear()
    shaken.say(f"before {name}")
    shaken.write(make())
    shaken.wait(lambda: shaken.memory.errors == [condition], f"{condition}, not {shaken.memory.errors}")
    shaken.come_back()
    shaken.say(f"after {name}")
    shaken.settle()
    assert shaken.bodies()[-2:] == [f"before {name}", f"after {name}"]
    assert EVIL not in shaken.shown()


DECLARATION, OPENING = HEADER.split("?>")
LAUGHS = "<!ENTITY e0 'lol'>" + "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 9))
HEADERS = {
    "a billion laughs": f"{DECLARATION}?><!DOCTYPE x [{LAUGHS}]>{OPENING}",
    "an external document type": f"{DECLARATION}?><!DOCTYPE x SYSTEM 'http://127.0.0.1:PORT/x.dtd'>{OPENING}",
    "an external entity": (
        f"{DECLARATION}?><!DOCTYPE x [<!ENTITY e SYSTEM 'http://127.0.0.1:PORT/x'>]>{OPENING}"
        "<message><body>&e;</body></message>"
    ),
    "2 MB of padding": f"{DECLARATION}?><!DOCTYPE x [<!-- {'p' * 2_000_000} --><!ENTITY e 'x'>]>{OPENING}",
    "a comment": f"{DECLARATION}?><!-- c -->{OPENING}",
    "another encoding": f"<?xml version='1.0' encoding='UTF-16'?>{OPENING}",
    "no XMPP": "<?xml version='1.0'?><html>",
    "an endless header": f"<?xml version='1.0'?><stream:stream a='{'x' * 2_000_000}",
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_breaks_the_rules(meet: Meet, canary: Canary, name: str) -> None:
    header = HEADERS[name].replace("PORT", str(canary.port))
    target = meet(online=False, later_header=header)
    with pytest.raises(ProtocolViolation):
        target.connect()
    assert len(target.memory.errors) == 1
    target.behaviour.later_header = ""
    target.connect()
    target.say(GOOD)
    target.settle()
    assert target.bodies() == [GOOD]
    assert not canary.visited


STREAM_ERRORS = {
    "unknown": f"<evil-condition xmlns='urn:evil'>{EVIL}</evil-condition><text>{EVIL}</text>",
    "empty": "",
    "text only": f"<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{'x' * 500_000}</text>",
    "another place": (
        "<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>127.0.0.1:PORT</see-other-host>"
        "<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>evil.test</see-other-host>"
    ),
    "of everything": "".join(
        f"<{each} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>" for each in ("reset", "not-authorized", "invalid-from")
    ),
}


@pytest.mark.parametrize("name", STREAM_ERRORS)
def test_a_strange_stream_error(shaken: Target, canary: Canary, name: str) -> None:
    inner = STREAM_ERRORS[name].replace("PORT", str(canary.port))
    shaken.send(f"<stream:error>{inner}</stream:error></stream:stream>", counted=False)
    shaken.come_back()
    shaken.say(f"after {name}")
    shaken.settle()
    assert shaken.bodies()[-1] == f"after {name}"
    assert not canary.visited


def test_who_is_replaced_by_another_program_stays_away(meet: Meet) -> None:
    target = meet()
    conflict = "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
    target.send(f"<stream:error>{conflict}</stream:error></stream:stream>", counted=False)
    target.wait(lambda: target.connection().state is ConnectionState.OFFLINE, "no fight for the session")
    assert target.connection().error == SessionReplaced.__name__


# -- what is not for us --------------------------------------------------------------------------------------------


NO_STANZAS = {
    "another namespace": f"<message xmlns='urn:evil' from='$friend/x' type='chat'><body>{EVIL}</body></message>",
    "an unknown element": f"<evil xmlns='urn:evil'><body>{EVIL}</body></evil>",
    "a server's stanza": f"<message xmlns='jabber:server' from='$friend' to='$full'><body>{EVIL}</body></message>",
    "no namespace": f"<message xmlns='' from='$friend' to='$full'><body>{EVIL}</body></message>",
    "features": "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
    "a log-in": "<challenge xmlns='$sasl'/><success xmlns='$sasl'/>",
    "encryption": "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "stream management": "<enabled xmlns='$sm' id='x' resume='true'/><resumed xmlns='$sm' h='0'/><failed xmlns='$sm'/>",
    "whitespace": " " * 10_000_000,
}


@pytest.mark.parametrize("name", NO_STANZAS)
def test_what_is_no_stanza_is_ignored(steady: Target, name: str) -> None:
    steady.send(NO_STANZAS[name], counted=False)
    steady.say(f"after {name}")
    steady.settle()
    assert steady.bodies()[-1] == f"after {name}"
    assert EVIL not in steady.shown()
    assert steady.undisturbed


NOT_SHOWN = {
    "no address of a sender": [f"<message from='@@//&lt;&gt;' to='$full'><body>{EVIL}</body></message>"],
    "a space in an address": [f"<message from='a b@$domain' to='$full'><body>{EVIL}</body></message>"],
    "an invisible address": [f"<message from='a\u202eb@$domain' to='$full'><body>{EVIL}</body></message>"],
    "an address too long": [f"<message from='{'a' * 2_000}@$domain' to='$full'><body>{EVIL}</body></message>"],
    "an address of 500 KB": [f"<message from='{'a' * 500_000}@$domain' to='$full'><body>{EVIL}</body></message>"],
    "an invalid server": [f"<message from='a@xn--\u00e9.test' to='$full'><body>{EVIL}</body></message>"],
    "half a punycode": [
        f"<message from='a@xn--a-ecp.ru' to='a@xn--zzzzzzzz99999999.test'><body>{EVIL}</body></message>"
    ],
    "an empty resource": [f"<message from='$friend/' to='$full'><body>{EVIL}</body></message>"],
    "an invalid receiver": [f"<message from='$friend' to='@'><body>{EVIL}</body></message>"],
    "presence from nowhere": [f"<presence from='@@'><status>{EVIL}</status></presence>"],
    "presence of a stranger": [f"<presence from='$mal' to='$full'><status>{EVIL}</status></presence>"],
    "presence of an unknown kind": [f"<presence from='$friend/x' type='evil'><status>{EVIL}</status></presence>"],
    "presence in a room": [
        "<presence from='$mal/me'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner'/>"
        f"<status code='110'/><status code='307'/></x><status>{EVIL}</status></presence>"
    ],
    "a room never joined": [f"<message from='fake@muc.evil.test/boss' type='groupchat'><body>{EVIL}</body></message>"],
    "an invitation": [
        "<message from='trap@muc.evil.test'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='$boss'>"
        f"<reason>{EVIL}</reason></invite></x></message>",
        f"<message from='$mal'><x xmlns='jabber:x:conference' jid='trap@muc.evil.test' reason='{EVIL}'/></message>",
    ],
    "bookmarks of a stranger": [
        "<message from='$mal' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
        f"<items node='urn:xmpp:bookmarks:1'><item id='trap@muc.evil.test'><conference name='{EVIL}' autojoin='1'"
        " xmlns='urn:xmpp:bookmarks:1'/></item></items></event></message>"
    ],
    "bookmarks of a contact": [
        "<message from='$friend' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
        f"<items node='urn:xmpp:bookmarks:1'><item id='trap@muc.evil.test'><conference name='{EVIL}' autojoin='1'"
        " xmlns='urn:xmpp:bookmarks:1'/></item></items></event></message>"
    ],
    "contacts as a gift": [
        "<message from='$mal'><x xmlns='http://jabber.org/protocol/rosterx'>"
        f"<item action='add' jid='evil@evil.test' name='{EVIL}'/><item action='delete' jid='$boss'/></x></message>"
    ],
    "a body of another namespace": [f"<message from='$friend'><body xmlns='urn:evil'>{EVIL}</body></message>"],
    "an unfounded error": [
        f"<message from='$friend' type='error' id='$id'><body>{EVIL}</body><error><text>{EVIL}</text></error></message>"
    ],
    "carbons of a stranger": [carbon("$mal", "sent", SENT), carbon("$mal", "received", HEARD)],
    "carbons of a contact": [carbon("$friend", "sent", SENT), carbon("$friend/x", "received", HEARD)],
    "carbons of the server": [carbon("$domain", "sent", SENT), carbon("$domain", "received", HEARD)],
    "carbons of a name like ours": [carbon("$own.evil.test", "sent", SENT), carbon("x$own", "received", HEARD)],
    "carbons of a letter like ours": [carbon("\uff55\u0661@$domain", "received", HEARD)],
    "carbons of our resource": [carbon("$full", "sent", SENT), carbon("$own/evil", "received", HEARD)],
    "carbons of others": [
        carbon("$own", "sent", message("$mal", "$boss")),
        carbon("$own", "received", message("$mal", "$boss")),
        carbon("$own", "received", SENT.replace("$full", "@@")),
    ],
    "carbons of a room": [carbon("$own", "received", HEARD.replace("type='chat'", "type='groupchat'"))],
    "carbons in carbons": [carbon("$own", "received", inside(carbon("$mal", "sent", SENT)))],
    "a carbon of another namespace": [carbon("$own", "received", HEARD.replace("$client", "urn:evil"))],
    "an empty carbon": [carbon("$own", "sent", ""), carbon("$own", "sent", f"<body>{EVIL}</body>")],
    "an archive of a stranger": [archived("$mal", "nope"), archived("$domain", "nope")],
    "an archive that nobody asked": [archived("$own", "nope"), archived("", "nope"), archived("", "")],
}


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_what_must_not_be_shown(steady: Target, name: str) -> None:
    before = run(steady.access.roster.get_contacts())
    steady.send(*NOT_SHOWN[name])
    steady.say(f"after {name}")
    steady.settle()
    assert steady.bodies()[-1] == f"after {name}"
    assert EVIL not in steady.shown()
    assert run(steady.access.roster.get_contacts()) == before
    assert steady.undisturbed


TRICKY = "\u202egnp.exe \u200b\u2066\u009b31m\ufeff" + "a" + "\u0301" * 500
SHOWN = {
    "a prefix": ("$friend", f"<c:message xmlns:c='$client' from='$friend/x'><c:body>{GOOD}</c:body></c:message>"),
    "any case": ("$friend", f"<message from='Friend@HOSTILE.TEST/X' type='chat'><body>{GOOD}</body></message>"),
    "no type": ("$friend", f"<message from='$friend'><body>{GOOD}</body></message>"),
    "unknown attributes and elements": (
        "$friend",
        f"<message from='$friend' a='b' type='evil'><x xmlns='urn:x'><body>no</body></x><body>{GOOD}</body></message>",
    ),
    "what a terminal obeys": (
        "$friend", f"<message from='$friend/{TRICKY[:8]}' type='chat'><body>{GOOD}{TRICKY}</body></message>"
    ),
    "our own account": ("$own", f"<message from='$own' to='$full' type='chat'><body>{GOOD}</body></message>"),
    "no sender": ("$own", f"<message to='$full' type='chat'><body>{GOOD}</body></message>"),
    "what we sent elsewhere": ("$boss", carbon("$own", "sent", SENT.replace(EVIL, GOOD))),
    "what we heard elsewhere": ("$boss", carbon("$own", "received", HEARD.replace(EVIL, GOOD))),
    "a correction by another": (
        "$boss",
        f"<message from='$boss/x'><body>{GOOD}</body><replace id='n1' xmlns='urn:xmpp:message-correct:0'/></message>",
    ),
    "formatted text": (
        "$friend",
        f"<message from='$friend' type='chat'><body>{GOOD}</body><html xmlns='http://jabber.org/protocol/xhtml-im'>"
        f"<body xmlns='http://www.w3.org/1999/xhtml'><script>{EVIL}</script></body></html></message>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_what_must_be_shown(steady: Target, name: str) -> None:
    peer, stanza = SHOWN[name]
    mark = f"mark of {name}"
    steady.send(stanza.replace(GOOD, mark))
    steady.settle()
    assert [body for body in steady.bodies(steady.fill(peer)) if mark in body]
    assert EVIL not in steady.shown()
    assert steady.undisturbed


def test_a_large_message_is_taken(steady: Target) -> None:
    steady.say("x" * 1_000_000)
    steady.settle()
    assert len(steady.bodies()[-1]) == 1_000_000
    assert steady.undisturbed


def test_byte_by_byte(steady: Target) -> None:
    text = "grüße 🙂 \u0928\u093f"
    stanza = f"<message type='chat' from='{FRIEND}/x'><body>{text}</body></message>".encode()
    steady.write((bytes([byte]) for byte in stanza), count=1)
    steady.settle()
    assert steady.bodies()[-1] == text


STAMPS = ["9999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "evil", ""]


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("by", ["$domain", "$own", "$friend", "$mal"])
def test_a_time_that_cannot_be_is_not_believed(steady: Target, stamp: str, by: str) -> None:
    mark, started = f"{stamp} of {by}", time.time()
    delay = f"<delay xmlns='$delay' from='{by}' stamp='{stamp}'/>"
    steady.send(f"<message from='$friend/x' type='chat'><body>{mark}</body>{delay}</message>")
    steady.settle()
    last = steady.history(FRIEND)[-1]
    assert last.body == steady.fill(mark)
    assert started - 1 < last.time < time.time() + 1


def test_a_contact_does_not_say_when_they_wrote(steady: Target) -> None:
    delay = "<delay xmlns='$delay' from='$friend' stamp='2020-01-01T00:00:00Z'/>"
    steady.send(f"<message from='$friend/x' type='chat'><body>old</body>{delay}</message>")
    steady.settle()
    assert steady.history(FRIEND)[-1].time > time.time() - 100
