"""The network breaks between the daemon and its server (R2, R3, R5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from support.peer import Peer, local_name
from support.proxy import Proxy
from support.talk import BOB, all_arrived, connection, faults, heard, is_online, said, say, wait
from support.thorough import times

from sat.api import JID, SatError
from sat.api.messages import MessageState
from sat.api.profile import Account, ConnectionState
from sat.api.values import Secret
from sat.bridge.derive import load
from sat.plugins.presence.api import Show
from sat.world import World
from sat.world.people import run
from sat.world.program import until

POINTS = [("up", number) for number in range(0, 390, times(26, 2))]
POINTS += [("down", number) for number in range(0, 270, times(27, 1))]


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    with Proxy(world.prosody.port) as proxy:
        yield proxy


@pytest.fixture
def alice(world: World, proxy: Proxy) -> Iterator[Any]:
    """A new profile of an account of its own, whose server is behind the proxy."""
    name = f"alice{proxy.port}"
    jid = JID(world.prosody.register(name, "demo"))
    bridge = world.bridge()
    run(bridge.manager.create_profile(name, jid, Secret("demo")))
    alice = bridge.profile(name)
    run(alice.profile.set_account(Account(jid, host="127.0.0.1", port=proxy.port)))
    run(alice.profile.connect())
    yield alice
    run(bridge.manager.delete_profile(name))
    bridge.close()


def address(alice: Any) -> str:
    return str(connection(alice).jid)


def come_back(alice: Any, proxy: Proxy, before: int) -> None:
    """Wait until the loss is noticed, and do not wait for the pause: as a person does."""

    def back() -> bool:
        try:
            run(alice.profile.connect())
        except SatError:
            return False
        return proxy.accepted > before and is_online(alice)

    wait(back, "it is online again")


def receive(bob: Peer, count: int) -> list[Any]:
    """Messages with a text until there are so many, and those that come at once behind them."""
    found: list[Any] = []
    while len(found) < count:
        found.append(bob.expect(lambda stanza: stanza.findtext("{jabber:client}body")))
    bob.send("<iq type='get' id='last'><ping xmlns='urn:xmpp:ping'/></iq>")
    while local_name(stanza := bob.receive()) != "iq":
        if stanza.findtext("{jabber:client}body"):
            found.append(stanza)
    return found


def test_a_connection_that_is_half_open_is_found_and_the_session_goes_on(world, alice, proxy, bob):
    """R2: within 30 s of sending; R3: then the session is resumed."""
    before = address(alice)
    say(alice, "hears me")
    bob.expect_body("hears me")
    wait(lambda: all_arrived(alice), "it is acknowledged")
    accepted = proxy.accepted
    proxy.lose()
    first, second = say(alice, "does it"), say(alice, "still?")
    bob.say(before.partition("/")[0], "meanwhile", id="m1")
    assert connection(alice).state is ConnectionState.ONLINE  # nobody can know yet
    wait(lambda: proxy.accepted > accepted, "it is found", 31)
    stanzas = receive(bob, 2)
    assert [stanza.get("id") for stanza in stanzas] == [first, second]
    wait(lambda: all_arrived(alice) and heard(alice) == ["meanwhile"], "nothing is lost")
    assert address(alice) == before, "the session was resumed, not begun anew"


def test_a_cut_at_any_byte_loses_and_doubles_nothing(world, alice, proxy, bob):
    """R3, R5: each way, a message is cut after so many bytes of the connection; each is there once in the end."""
    own = address(alice).partition("/")[0]
    sent: list[str] = []
    answers: list[str] = []
    resumed = Counter[bool]()
    for way, number in POINTS:
        before, accepted = address(alice), proxy.accepted
        proxy.cut_after(**{way: number})
        sent.append(say(alice, f"{way} {number}"))
        answers.append(f"answer {way} {number}")
        bob.say(own, answers[-1], id=answers[-1].replace(" ", "-"))
        if not until(lambda: not is_online(alice), 0.5):
            proxy.cut(accepted)  # so many bytes were not needed; if they were, it may be back by now
        come_back(alice, proxy, accepted)
        resumed[address(alice) == before] += 1
        wait(lambda: state(alice, sent[-1]) is not MessageState.PENDING, "it arrives")
    stanzas = receive(bob, len(POINTS))
    assert [stanza.get("id") for stanza in stanzas] == sent, "at bob's, each once and in order"
    wait(lambda: all_arrived(alice) and len(heard(alice)) >= len(POINTS), "the rest")
    assert heard(alice) == answers
    assert [message.id for message in said(alice)] == sent
    assert resumed[True] == len(POINTS), "every session was resumed"
    assert not faults(world.daemon)


@pytest.fixture
def other(world: World, alice: Any) -> Iterator[Peer]:
    """Another program of alice's account."""
    with Peer(address(alice).partition("/")[0], "demo", world.prosody.port, world.prosody.ca_file) as other:
        other.available()
        yield other


def test_a_short_cut_hides_nobody_but_going_offline_does(alice, proxy, other):
    def there() -> list[Any]:
        return run(alice.presence.get_presences())

    def own() -> Show:
        run(load(alice.presence, follow=False))
        return alice.presence.own.value.show

    wait(there, "the other program is there")
    accepted = proxy.accepted
    proxy.cut()
    wait(lambda: not is_online(alice) or proxy.accepted > accepted, "it is noticed")
    assert there()
    come_back(alice, proxy, accepted)
    assert there()
    assert own() is Show.ONLINE
    run(alice.profile.disconnect())
    assert there() == []
    assert own() is Show.OFFLINE
    run(alice.profile.connect())
    wait(there, "it is there again")


def state(profile: Any, id: str) -> MessageState:
    return run(profile.messages.get_message(id)).state


def test_cuts_during_the_log_in(world, alice, proxy, bob):
    """R5: negotiation and resumption are cut too, again and again."""
    sent = []
    before = address(alice)
    for number in range(0, 2400, 300):
        accepted = proxy.accepted
        proxy.limit_next = number
        proxy.cut()
        sent.append(say(alice, f"between {number}"))
        come_back(alice, proxy, accepted + 1)  # the one that comes next breaks after so many bytes from the server
        assert address(alice) == before, "the session was resumed, not begun anew"
    stanzas = receive(bob, len(sent))
    assert [stanza.get("id") for stanza in stanzas] == sent
    assert [message.id for message in said(alice, BOB)] == sent
