"""One fault after the other, of every kind, while both sides talk: in the end each message is there once, in order."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from support.peer import Peer, ReturningPeer
from support.proxy import Proxy
from support.talk import BOB, all_arrived, faults, heard, is_online, said, wait

from sat.api import JID, SatError
from sat.api.profile import Account
from sat.world import World
from sat.world.people import run

FAULTS = 8
SEEDS = [int(seed) for seed in os.environ.get("SAT_TEST_SEEDS", "1").split(",")]


def restart_server(world: World, proxy: Proxy) -> None:
    world.prosody.kill()
    time.sleep(0.3)
    world.prosody.start()


def restart_daemon(world: World, proxy: Proxy) -> None:
    world.daemon.kill()
    world.daemon.start()


def end_daemon(world: World, proxy: Proxy) -> None:
    world.daemon.restart()


def restart_bus(world: World, proxy: Proxy) -> None:
    world.bus.kill()
    world.bus.start()


def cut(world: World, proxy: Proxy) -> None:
    proxy.cut()


def cut_soon(world: World, proxy: Proxy) -> None:
    proxy.cut_after(up=random.randrange(800), down=random.randrange(800))


KINDS: list[Callable[[World, Proxy], None]] = [restart_server, restart_daemon, end_daemon, restart_bus, cut, cut_soon]


class Frontend:
    """Says things, and comes back when the bus or the daemon was away."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.profile: Any = None
        self.ids: list[str] = []

    def insist(self, work: Callable[[Any], Any]) -> Any:
        """Do something, as soon as it can be done."""
        end = time.monotonic() + 20
        while True:
            try:
                if self.profile is None:
                    self.profile = self._world.bridge().profile("alice")
                return work(self.profile)
            except SatError:
                self.profile = None
                assert time.monotonic() < end
                time.sleep(0.05)

    def say(self, body: str) -> None:
        """What is not answered may be stored all the same, so nothing is said twice with the same text."""
        self.ids.append(self.insist(lambda alice: run(alice.messages.send(JID(BOB), body))))


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_of_every_kind(seed: int) -> None:
    chance = random.Random(seed)
    with World() as world, Proxy(world.prosody.port) as proxy:
        world.enter_profile("alice")
        frontend = Frontend(world)
        frontend.insist(lambda alice: run(alice.profile.disconnect()))
        account = Account(JID("alice@localhost"), host="127.0.0.1", port=proxy.port)
        frontend.insist(lambda alice: run(alice.profile.set_account(account)))
        frontend.insist(lambda alice: run(alice.profile.connect()))

        def client() -> Peer:
            return Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file)

        answers: list[str] = []
        with ReturningPeer(client) as bob:
            for number in range(FAULTS):
                kind = chance.choice(KINDS)
                for count in range(4):
                    frontend.say(f"{number} {kind.__name__} {count}")
                    answers.append(f"answer {number} {kind.__name__} {count}")
                    bob.say("alice@localhost", answers[-1])
                    if count == 1:
                        kind(world, proxy)
                    time.sleep(chance.uniform(0, 0.2))
            wait(lambda: frontend.insist(is_online), "alice is back", 30)
            wait(lambda: bob.confirmed, "bob has said all")
            wait(lambda: frontend.insist(all_arrived), "all of alice's have arrived", 30)
            wait(lambda: len(frontend.insist(heard)) >= len(answers), "all of bob's have come", 30)
        kept = frontend.insist(said)
        assert {*frontend.ids} <= {message.id for message in kept}
        assert [message.id for message in kept if message.id in set(frontend.ids)] == frontend.ids
        with client() as again:
            archive = [each.get("id") for each in again.archived() if each.get("from", "").startswith("alice@")]
        assert list(dict.fromkeys(archive)) == [message.id for message in kept], "bob's side, in order"
        assert frontend.insist(heard) == answers
        assert not faults(world.daemon)
