"""The daemon is killed while somebody sends (R6): each id that was returned is in the history and reaches the peer."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

from support.peer import Peer
from support.talk import BOB, all_arrived, faults, heard, history, is_online, said, wait

from sat.api import JID, SatError
from sat.api.messages import MessageState
from sat.world import World
from sat.world.people import run

KILLS = 5


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


def test_no_id_that_was_given_is_lost(world):
    world.enter_profile("alice")
    ids: list[str] = []
    with Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file) as bob:
        bob.available()
        for round in range(KILLS):
            sender = send_until_it_ends(world, round, ids)
            time.sleep(random.uniform(0.05, 0.5))
            bob.say("alice@localhost", f"answer {round}", id=f"k{round}")
            world.daemon.kill()
            sender.join(20)
            assert not sender.is_alive()
            world.daemon.start()
        alice = world.bridge().profile("alice")
        wait(lambda: is_online(alice) and all_arrived(alice), "everything has left")
        wait(lambda: len(heard(alice)) >= KILLS, "the answers are caught up")
        kept = said(alice)
        bob.send("<iq type='get' id='last'><ping xmlns='urn:xmpp:ping'/></iq>")
        reached = Counter[str]()
        order: list[str] = []
        while (stanza := bob.receive()).get("id") != "last":
            if stanza.findtext("{jabber:client}body"):
                reached[stanza.get("id", "")] += 1
                order.append(stanza.get("id", ""))
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
