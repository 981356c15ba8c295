"""Through the WebSocket of a real server, and what it keeps back while nobody is looking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from scenarios.test_login_hostile import Ear
from support.peer import Peer

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.profile import Account
from sat.bridge.derive import load
from sat.plugins.client_state.plugin import NS
from sat.world import Options, World
from sat.world.people import run
from sat.world.program import until
from sat.world.prosody import MODULES
from sat.xmpp import tls, xml
from sat.xmpp.inline import Told
from sat.xmpp.link import Link

BOB = JID("bob@localhost")


@pytest.fixture(scope="module")
def web_world() -> Iterator[World]:
    with World(replace(Options(), modules=MODULES | {"websocket"})) as world:
        yield world


@pytest.fixture(scope="module")
def alice(web_world: World):
    """alice, online through the WebSocket only."""
    web_world.enter_profile("alice")
    alice = web_world.bridge().profile("alice")
    run(alice.profile.disconnect())
    account = run(alice.profile.get_account())._replace(websocket=web_world.prosody.websocket)
    run(alice.profile.set_account(account))
    run(alice.profile.connect())
    return alice


@pytest.fixture
def bob(web_world: World) -> Iterator[Peer]:
    with Peer(web_world.jid("bob"), "demo", web_world.prosody.port, web_world.prosody.ca_file) as peer:
        peer.available()
        yield peer


def heard(profile, body: str) -> bool:
    return any(each.body == body for each in run(profile.messages.get_history(BOB)))


def test_messages_go_both_ways(alice, bob):
    run(load(alice.profile))
    assert "in a WebSocket" in alice.profile.connection.value.security
    run(alice.messages.send(BOB, "through the web <&> é ☕"))
    bob.expect_body("through the web <&> é ☕")
    bob.say("alice@localhost", "and back")
    assert until(lambda: heard(alice, "and back"), 10)


def test_it_comes_back_by_itself_with_what_was_written_meanwhile(web_world, alice, bob):
    web_world.prosody.restart()
    run(alice.messages.send(BOB, "while it was away"))
    with Peer(web_world.jid("bob"), "demo", web_world.prosody.port, web_world.prosody.ca_file) as again:
        again.available()
        again.expect_body("while it was away")


def test_a_large_stanza_passes(alice, bob):
    bob.say("alice@localhost", "x" * 200_000)
    assert until(lambda: heard(alice, "x" * 200_000), 10)


def test_what_can_wait_waits_while_nobody_is_looking(reactor, web_world, bob, monkeypatch):
    """carol's link, in this process: the server keeps chat states back until it hears that somebody looks."""
    monkeypatch.setenv("SSL_CERT_FILE", str(web_world.prosody.ca_file))
    tls.context.cache_clear()
    ear = Ear()
    stanzas: list[str] = []
    monkeypatch.setattr(ear, "link_stanza", lambda element: stanzas.append(xml.to_text(element)), raising=False)
    told: list[Told] = []
    monkeypatch.setattr(ear, "link_online", lambda jid, resumed, offer: told.append(offer), raising=False)
    account = Account(JID(web_world.jid("carol")), websocket=web_world.prosody.websocket)
    link = Link(account, lambda: "demo", ear, reactor.reactor, ear)
    reactor.call(link.connect)
    try:
        assert NS in told[0].offers
        reactor.call(lambda: link.send(xml.element("presence", xml.NS_CLIENT)))
        assert until(lambda: any("<presence" in each for each in stanzas), 10)
        numbers = count()

        def is_kept_back() -> bool:
            """The server stamps what it has kept (XEP-0203). The ways of both may cross, so it is tried again."""
            id = f"c{next(numbers)}"
            reactor.call(lambda: link.indicate(xml.element("inactive", NS)))
            state = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
            bob.send(f"<message to='{link.jid}' type='chat' id='{id}'>{state}</message>")
            bob.send(f"<iq type='get' id='{id}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
            bob.expect(lambda stanza: stanza.get("id") == id and stanza.tag.endswith("iq"))
            reactor.call(lambda: link.indicate(xml.element("active", NS)))
            assert until(lambda: any(f"id='{id}'" in each for each in stanzas), 10)
            return any(f"id='{id}'" in each and "urn:xmpp:delay" in each for each in stanzas)

        assert until(is_kept_back, 10)
    finally:
        reactor.call(link.disconnect)
        tls.context.cache_clear()


def test_an_address_that_is_none_is_not_kept(alice):
    account = run(alice.profile.get_account())
    with pytest.raises(InvalidArgument):
        run(alice.profile.set_account(account._replace(websocket="http://localhost/")))
    assert run(alice.profile.get_account()) == account
