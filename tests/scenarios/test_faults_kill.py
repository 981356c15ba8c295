"""The daemon is killed while somebody sends (R6): each id that was returned is in the history and reaches the peer."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

from support.peer import Peer
from support.talk import BOB, all_arrived, faults, heard, history, is_online, said, wait
from support.thorough import times

from sat.api import JID, SatError
from sat.api.messages import MessageState
from sat.world import Options, World
from sat.world.people import run
from sat.world.prosody import MODULES

KILLS = times(5, 30)  # in each of two tests; there are 200 more in tests/unit/storage/test_killed.py


def send_until_it_ends(world: World, round: int, ids: list[str]) -> threading.Thread:
    """A frontend that sends as fast as it can, and notes each id that it is given."""

    def send() -> None:
        bridge = world.bridge()
        messages = bridge.profile("alice").messages
        try:
            ids.extend(run(messages.send(JID(BOB), f"{round} {number}")) for number in range(10_000))
        except SatError:
            pass  # the daemon is gone
        finally:
            bridge.close()

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


def reaching(peer: Peer) -> list[str]:
    """The ids of the messages that have reached a peer, in the order of their arrival."""
    peer.send("<iq type='get' id='last'><ping xmlns='urn:xmpp:ping'/></iq>")
    ids = []
    while (stanza := peer.receive()).get("id") != "last":
        if stanza.findtext("{jabber:client}body"):
            ids.append(stanza.get("id", ""))
    return ids


def kill_again_and_again(world: World, bob: Peer, then: Callable[[], object] = lambda: None) -> list[str]:
    """Kill the daemon while alice sends and bob answers, start it again and go on; the ids that were given."""
    ids: list[str] = []
    for round in range(KILLS):
        sender = send_until_it_ends(world, round, ids)
        time.sleep(random.uniform(0.05, 0.5))
        bob.say("alice@localhost", f"answer {round}", id=f"k{round}")
        world.daemon.kill()
        sender.join(20)
        assert not sender.is_alive()
        world.daemon.start()
        then()
    return ids


def test_no_id_that_was_given_is_lost(world):
    world.enter_profile("alice")
    with Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file) as bob:
        bob.available()
        ids = kill_again_and_again(world, bob)
        alice = world.bridge().profile("alice")
        wait(lambda: is_online(alice) and all_arrived(alice), "everything has left")
        wait(lambda: len(heard(alice)) >= KILLS, "the answers are caught up")
        kept = said(alice)
        order = reaching(bob)
        reached = Counter(order)
    assert len(ids) > KILLS
    assert len(set(ids)) == len(ids)
    assert set(ids) <= {message.id for message in kept}
    # What was stored may have missed its answer; so there can be one more for each kill.
    assert len(kept) <= len(ids) + KILLS
    assert list(dict.fromkeys(order)) == [message.id for message in kept], "at bob's, in order"
    assert sum(reached.values()) == len(reached), "the archive told what had arrived, so nothing was sent twice"
    assert heard(alice) == [f"answer {round}" for round in range(KILLS)]
    assert not [message for message in history(alice) if message.state is MessageState.PENDING]
    assert not faults(world.daemon)


def test_without_an_archive_the_session_is_settled():
    """The server's count tells what had arrived. Only what was leaving at the moment of the kill may come twice."""
    with World(Options(modules=MODULES - {"mam"})) as world:
        world.enter_profile("alice")
        with Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file) as bob:
            bob.available()

            def settled() -> None:  # Prosody forgets a session that dies while it is resumed
                alice = world.bridge().profile("alice")
                wait(lambda: is_online(alice), "the session is settled")

            ids = kill_again_and_again(world, bob, settled)
            alice = world.bridge().profile("alice")
            wait(lambda: all_arrived(alice), "everything has left")
            wait(lambda: len(heard(alice)) >= KILLS, "the answers have come again")
            reached = Counter(reaching(bob))
        assert len(ids) > KILLS
        assert set(ids) <= set(reached)
        assert sum(reached.values()) - len(reached) <= 2 * KILLS
        assert heard(alice) == [f"answer {round}" for round in range(KILLS)]
        assert not faults(world.daemon)
