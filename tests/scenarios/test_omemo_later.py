"""What could not be read is read when keys have come, in the place where it stands; over a real server."""

from __future__ import annotations

import pytest
from support.omemo_peer import KeyedPeer
from support.talk import BOB, history, wait

from sat.api import JID
from sat.api.messages import Trust
from sat.world import World
from sat.world.people import run

ALICE = "alice@localhost"


def last(profile, peer):
    found = [each for each in history(profile, peer) if not each.outgoing]
    return found[-1] if found else None


@pytest.fixture
def phone(pair, onlooker):
    """A program of bob with keys that nobody knows yet."""
    phone = KeyedPeer(onlooker)
    phone.learn(JID(ALICE))
    return phone


def test_a_device_is_known_later_than_what_it_writes(pair, phone, world: World):
    alice, _ = pair
    phone.write(JID(ALICE), "<body>it is me, on my new phone</body>", "p1")
    wait(lambda: (came := last(alice, BOB)) and "is not on its owner's list" in came.error, "it cannot be read")
    first = last(alice, BOB)
    phone.write(JID(ALICE), "<reactions xmlns='urn:xmpp:reactions:0' id='0'><reaction>👍</reaction></reactions>", "p2")
    wait(lambda: last(alice, BOB).id != first.id, "nor what follows")
    second = last(alice, BOB)
    world.daemon.stop()  # it is kept over a restart
    world.daemon.start()
    alice = world.bridge().profile("alice")
    phone.announce()
    wait(lambda: run(alice.messages.get_message(first.id)).body == "it is me, on my new phone", "it can be read", 40)
    message = run(alice.messages.get_message(first.id))
    assert (message.error, message.order, message.encrypted.key) == ("", first.order, phone.fingerprint)
    assert run(alice.messages.search("phone")) == [message]
    wait(lambda: "was no text" in run(alice.messages.get_message(second.id)).error, "the other one is no text")


def test_a_key_that_is_trusted_again(world: World):
    bridge = world.bridge()
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    run(bob.encryption.begin(JID(ALICE)))
    (key,) = [key for key in run(bob.encryption.get_keys(JID(BOB))) if key.here]
    run(alice.encryption.set_trust(JID(BOB), "omemo", key.fingerprint, Trust.DISTRUSTED))
    run(bob.messages.send(JID(ALICE), "believe me"))
    wait(lambda: "do not trust" in last(alice, BOB).error, "it is not read")
    came = last(alice, BOB)
    run(alice.encryption.set_trust(JID(BOB), "omemo", key.fingerprint, Trust.VERIFIED))
    wait(lambda: run(alice.messages.get_message(came.id)).body == "believe me", "it is read")
