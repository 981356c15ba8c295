"""The server goes away in the middle of a conversation, and comes back (R1, R4): nothing is lost or shown twice."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest
from support.peer import Peer, ReturningPeer
from support.talk import all_arrived, faults, heard, history, is_online, said, say, wait

from sat.api.messages import MessageState
from sat.world import World

EACH = 40  # messages each way
OUTAGES = 2
AWAY = 0.5  # seconds


def outages(world: World, end: str, one: Callable[[int], None]) -> None:
    """Call ``one`` for each message; OUTAGES times meanwhile the server goes away for a moment."""
    for number in range(EACH):
        one(number)
        if number in (10, 26):
            getattr(world.prosody, end)()
        if number in (16, 30):
            time.sleep(AWAY)
            world.prosody.start()
        time.sleep(0.01)


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_both_sides_talk_while_the_server_restarts(end: str) -> None:
    with World() as world:
        world.enter_profile("alice")
        alice = world.bridge().profile("alice")

        def client() -> Peer:
            return Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file)

        def both(number: int) -> None:
            say(alice, f"to bob {number}")
            bob.say("alice@localhost", f"to alice {number}")

        with ReturningPeer(client) as bob:
            outages(world, end, both)
            wait(lambda: bob.confirmed and len(heard(alice)) >= EACH, "all of bob's are there")
            wait(lambda: all_arrived(alice), "all of alice's are at the server")
        assert heard(alice) == [f"to alice {number}" for number in range(EACH)]
        assert [message.body for message in said(alice)] == [f"to bob {number}" for number in range(EACH)]
        ours = [message.id for message in said(alice)]
        with Peer(world.jid("alice"), "demo", world.prosody.port, world.prosody.ca_file) as her:
            taken = [each.get("id") for each in her.archived() if each.get("from", "").startswith("alice@")]
        assert taken == ours, "the archive told what had arrived, so nothing was sent twice"
        with client() as again:
            kept = [each for each in again.archived() if each.get("from", "").startswith("alice@")]
        there = {each.get("id"): each.findtext("{jabber:client}body") for each in kept}
        assert len(kept) == len(there)
        # The one message that Prosody has in hand when it is killed may stand in the sender's archive only (see below).
        lost = {id for id in ours if id not in there}
        assert len(lost) <= (OUTAGES if end == "kill" else 0)
        assert list(there) == [id for id in ours if id not in lost]
        assert not faults(world.daemon)


def test_a_server_killed_between_its_two_archives_loses_what_it_had_in_hand() -> None:
    """Prosody writes the sender's archive, then the recipient's. We cannot tell: what the first has counts as sent,
    since sending it again would show it twice far more often. The contact's receipt is what does not come."""
    with World() as world:
        world.enter_profile("alice")
        alice = world.bridge().profile("alice")

        def archived(person: str) -> list[str | None]:
            with Peer(world.jid(person), "demo", world.prosody.port, world.prosody.ca_file) as client:
                return [each.findtext("{jabber:client}body") for each in client.archived()]

        say(alice, "before")
        wait(lambda: all_arrived(alice), "the archives exist")
        world.prosody.stop()
        recipient = next(world.prosody.data.rglob("archive/bob.list"))
        kept = recipient.read_bytes()
        recipient.unlink()
        os.mkfifo(recipient)  # the server waits there, with the sender's archive written
        world.prosody.start()
        wait(lambda: is_online(alice), "she is back")
        say(alice, "in hand")
        sender = recipient.with_name("alice.list")
        wait(lambda: b"in hand" in sender.read_bytes(), "the sender's archive has it")
        assert [message.state for message in said(alice)] == [MessageState.SENT, MessageState.PENDING]
        world.prosody.kill()
        recipient.unlink()
        recipient.write_bytes(kept)
        world.prosody.start()
        wait(lambda: all_arrived(alice), "the archive has told")
        assert archived("alice") == ["before", "in hand"]
        assert archived("bob") == ["before"]


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_two_profiles_talk_while_their_server_restarts(end: str) -> None:
    with World() as world:
        world.enter_profile("alice")
        world.enter_profile("bob")
        bridge = world.bridge()
        alice, bob = bridge.profile("alice"), bridge.profile("bob")

        def both(number: int) -> None:
            say(alice, f"to bob {number}")
            say(bob, f"to alice {number}", "alice@localhost")

        outages(world, end, both)
        wait(lambda: is_online(alice) and is_online(bob), "both come back")
        wait(lambda: len(heard(bob, "alice@localhost")) >= EACH and len(heard(alice)) >= EACH, "all are there")
        wait(lambda: all_arrived(alice) and all_arrived(bob, "alice@localhost"), "all are marked")
        for profile, own, theirs, peer in (
            (alice, "to bob", "to alice", "bob@localhost"),
            (bob, "to alice", "to bob", "alice@localhost"),
        ):
            assert heard(profile, peer) == [f"{theirs} {number}" for number in range(EACH)]
            assert [message.body for message in said(profile, peer)] == [f"{own} {number}" for number in range(EACH)]
            assert len(history(profile, peer)) == 2 * EACH
        assert not faults(world.daemon)
