"""What goes wrong with one profile never reaches another (P4)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from support.peer import Peer
from support.proxy import Proxy
from support.talk import all_arrived, connection, faults, heard, is_online, said, say, wait

from sat.api import JID, SatError
from sat.api.errors import AuthFailed, ServerRefused
from sat.api.profile import Account, ConnectionState
from sat.api.values import Secret
from sat.world import World, free_port
from sat.world.people import run

MESSAGES = 20


@pytest.fixture(scope="module")
def proxies(world: World) -> Iterator[dict[str, Proxy]]:
    """The servers of the bad profiles, so that their connections can be counted."""
    with ExitStack() as exits:
        yield {name: exits.enter_context(Proxy(world.prosody.port)) for name in ("wrong", "tarpit")}


@pytest.fixture(scope="module")
def profiles(world: World, proxies: dict[str, Proxy]) -> dict[str, Any]:
    """alice, who is well, and three who are not: a wrong password, a server that says nothing, none at all."""
    proxies["tarpit"].silent = True
    bridge = world.bridge()
    ports = {
        "alice": world.prosody.port,
        "wrong": proxies["wrong"].port,
        "tarpit": proxies["tarpit"].port,
        "refused": free_port(),
    }
    for name, port in ports.items():
        jid = JID(world.jid(name))
        if name != "alice":
            world.prosody.register(name, "demo")
        password = "not this one" if name == "wrong" else "demo"
        run(bridge.manager.create_profile(name, jid, Secret(password)))
        run(bridge.profile(name).profile.set_account(Account(jid, host="127.0.0.1", port=port)))
    return {name: bridge.profile(name) for name in ports}


def talk(alice: Any, bob: Peer, name: str) -> None:
    """Both ways, some messages."""
    for number in range(MESSAGES):
        say(alice, f"{name} {number}")
        bob.expect_body(f"{name} {number}")
        bob.say("alice@localhost", f"{name} back {number}", id=f"{name}{number}")
    wait(lambda: heard(alice)[-MESSAGES:] == [f"{name} back {number}" for number in range(MESSAGES)], "all come")
    wait(lambda: all_arrived(alice), "all arrive")


def check_others(profiles: dict[str, Any], proxies: dict[str, Proxy]) -> None:
    assert connection(profiles["wrong"]).state is ConnectionState.OFFLINE
    assert connection(profiles["wrong"]).error == "AuthFailed"
    assert connection(profiles["tarpit"]).state is ConnectionState.CONNECTING
    assert connection(profiles["refused"]).state in (ConnectionState.WAITING, ConnectionState.CONNECTING)


def test_one_talks_while_others_cannot_even_connect(world, profiles, proxies, bob):
    alice = profiles["alice"]
    run(alice.profile.connect())
    with pytest.raises(AuthFailed):
        run(profiles["wrong"].profile.connect())
    with pytest.raises(ServerRefused):
        run(profiles["refused"].profile.connect())
    threading.Thread(target=connect_and_wait, args=(world, "tarpit"), daemon=True).start()
    wait(lambda: connection(profiles["tarpit"]).state is ConnectionState.CONNECTING, "it waits for its server")
    talk(alice, bob, "first")
    waiting = say(profiles["tarpit"], "later")  # offline, but it works
    assert [message.id for message in said(profiles["tarpit"])] == [waiting]
    check_others(profiles, proxies)
    assert proxies["wrong"].accepted == 1, "a password that was refused is not tried again"
    assert is_online(alice)


def connect_and_wait(world: World, name: str) -> None:
    with suppress(SatError):  # the daemon is restarted meanwhile
        run(world.bridge().profile(name).profile.connect())


def test_the_same_after_a_restart_without_anybody_asking(world, profiles, proxies, bob):
    world.daemon.restart()
    bridge = world.bridge()
    again = {name: bridge.profile(name) for name in profiles}
    wait(lambda: is_online(again["alice"]), "alice comes back by herself")
    wait(lambda: connection(again["wrong"]).error == "AuthFailed", "the other is refused")
    talk(again["alice"], bob, "second")
    check_others(again, proxies)
    assert proxies["wrong"].accepted == 2
    assert not faults(world.daemon)


def test_one_that_is_flooded_does_not_hold_up_another(world, profiles, bob):
    """bob floods the one whose server answers at last; alice's calls are answered and her messages come."""
    bridge = world.bridge()
    world.enter_profile("carol")
    with Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file, "flood") as flood:
        flood.available()

        def talk_on() -> None:
            for number in range(1000):
                flood.say("carol@localhost", f"flood {number}", id=f"c{number}")

        talking = threading.Thread(target=talk_on, daemon=True)
        talking.start()
        talk(bridge.profile("alice"), bob, "third")
        talking.join(30)
        wait(lambda: len(heard(bridge.profile("carol"))) == 1000, "the flood is stored too", 60)
    assert not faults(world.daemon)
