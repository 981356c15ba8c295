"""A contact floods us (R16), and a frontend does not listen meanwhile (R14)."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.peer import Peer
from support.talk import connection, faults, heard, is_online, wait

from sat.api import JID
from sat.api.messages import Message
from sat.world import MODULES, Options, World
from sat.world.people import run

MIB = 2**20
FLOOD = 10_000
MORE = 3_000

SUBSCRIBER = """
import sys
from sat.world.people import bridge_to
bridge = bridge_to(sys.argv[1])
bridge.profile("alice").messages.added.connect(lambda messages: print(len(messages), flush=True))
print("ready", flush=True)
bridge.listen()
"""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A server without an archive: what it would cost is not ours."""
    with World(Options(modules=MODULES - {"mam"})) as world:
        world.enter_profile("alice")
        yield world


def client(world: World, person: str) -> Peer:
    return Peer(world.jid(person), "demo", world.prosody.port, world.prosody.ca_file)


def memory(world: World) -> int:
    """What the daemon holds, in bytes."""
    return int(Path(f"/proc/{world.daemon.pid}/statm").read_text().split()[1]) * 4096


def flood(world: World, name: str, count: int) -> threading.Thread:
    """bob says so many things as fast as he can."""

    def talk() -> None:
        with client(world, "bob") as bob:
            bob.available()
            for number in range(count):
                bob.say("alice@localhost", f"{name} {number}", id=f"{name}{number}")
            bob.send("<iq type='get' id='last'><ping xmlns='urn:xmpp:ping'/></iq>")
            bob.expect(lambda stanza: stanza.get("id") == "last", 120)

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    return thread


def test_a_flood_is_stored_once_and_in_order_and_stops_nobody(world):
    bridge = world.bridge()
    alice = bridge.profile("alice")
    told: list[Message] = []
    batches: list[int] = []
    alice.messages.added.connect(told.extend)
    alice.messages.added.connect(lambda messages: batches.append(len(messages)))
    bridge.listen(timeout=0.01)
    before = memory(world)
    with client(world, "carol") as carol:
        carol.available()
        talking = flood(world, "flood", FLOOD)
        pings = 0
        while talking.is_alive() or len(told) < FLOOD:
            pings += 1
            to = connection(alice).jid
            carol.send(f"<iq type='get' id='p{pings}' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>")
            answer = carol.expect(lambda stanza, id=f"p{pings}": stanza.get("id") == id, 10)
            assert answer.get("type") == "result"
            bridge.listen(lambda: len(told) >= FLOOD, 0.05)
            assert pings < 2000, f"{len(told)} have come"
    assert heard(alice) == [f"flood {number}" for number in range(FLOOD)]
    assert [message.body for message in told] == heard(alice)
    assert len(batches) < FLOOD / 2, "many are told together"
    assert run(alice.messages.search(f'"flood {FLOOD // 2}"'))
    assert memory(world) - before < 100 * MIB
    assert is_online(alice)
    assert not faults(world.daemon)


@contextmanager
def stopped_frontend(world: World) -> Iterator[subprocess.Popen[str]]:
    """A frontend that subscribed to everything of alice's and then does not run any more."""
    command = [sys.executable, "-c", SUBSCRIBER, world.bus.address]
    slow = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert slow.stdout is not None
        assert slow.stdout.readline() == "ready\n"
        slow.send_signal(signal.SIGSTOP)
        yield slow
    finally:
        slow.kill()
        slow.communicate()


def test_a_frontend_that_does_not_listen_costs_the_daemon_nothing(world):
    alice = world.bridge().profile("alice")
    known = len(heard(alice))
    flood(world, "warm", 500).join(60)  # what the daemon needs for talking at all does not count
    wait(lambda: len(heard(alice)) == known + 500, "it is warm")
    with stopped_frontend(world) as slow:
        before = memory(world)
        talking = flood(world, "more", MORE)
        while talking.is_alive():
            assert run(alice.ping.ping(JID("localhost"))) < 20, "others are answered"
            talking.join(0.1)
        wait(lambda: len(heard(alice)) == known + 500 + MORE, "all are stored", 60)
        assert memory(world) - before < 20 * MIB
        slow.send_signal(signal.SIGCONT)
        assert slow.stdout is not None
        got = 0
        while got < MORE:  # it has missed nothing either: the bus kept it
            got += int(slow.stdout.readline())
    assert not faults(world.daemon)
