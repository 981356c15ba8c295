"""Conversations are encrypted where they can be, without a choice."""

from __future__ import annotations

import pytest
from support.peer import Peer
from support.talk import history, wait

from sat.api import JID
from sat.api.messages import Trust
from sat.world import PASSWORD, World
from sat.world.people import run

ALICE, BOB, CAROL = JID("alice@localhost"), JID("bob@localhost"), JID("carol@localhost")


@pytest.fixture(scope="module")
def pair(world: World):
    for person in ("alice", "bob"):
        world.enter_profile(person)
    bridge = world.bridge()
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    for profile, address in ((alice, ALICE), (bob, BOB)):
        run(profile.encryption.get_keys(address))  # makes theirs; a first message waits two seconds at most
    return alice, bob


def last(profile, peer):
    found = history(profile, peer)
    return found[-1] if found else None


def arrives(profile, peer, body):
    wait(lambda: (found := last(profile, peer)) and found.body == body, f"“{body}” is there")
    return last(profile, peer)


def test_who_has_no_keys_is_written_to_in_clear(pair, world: World):
    alice, _ = pair
    with Peer(world.jid("carol"), PASSWORD, world.prosody.port, world.prosody.ca_file) as carol:
        carol.available()
        run(alice.messages.send(CAROL, "for everybody"))
        seen = carol.expect(lambda stanza: stanza.tag.endswith("message") and "for everybody" in stanza.itertext())
    assert not [each for each in seen.iter() if each.tag.endswith("encrypted")]
    assert not last(alice, CAROL).encrypted.method
    assert run(alice.encryption.get(CAROL)).method == ""


def test_the_first_message_to_who_has_keys_is_encrypted(pair):
    alice, bob = pair
    run(alice.messages.send(BOB, "nobody else"))
    assert last(alice, BOB).encrypted.method == "omemo"
    came = arrives(bob, ALICE, "nobody else")
    assert (came.encrypted.method, came.encrypted.trust) == ("omemo", Trust.BLIND)
    state = run(alice.encryption.get(BOB))
    assert (state.method, state.chosen) == ("omemo", False)


def test_what_is_switched_off_stays_off(pair):
    alice, bob = pair
    run(alice.encryption.end(BOB))
    run(alice.messages.send(BOB, "everybody may read this"))
    assert not arrives(bob, ALICE, "everybody may read this").encrypted.method
    assert run(alice.encryption.get(BOB)).method == ""


def test_one_message_in_clear(pair):
    alice, bob = pair
    run(alice.encryption.begin(BOB))
    run(alice.messages.send(BOB, "just this one", encrypt="none"))
    assert not arrives(bob, ALICE, "just this one").encrypted.method
    run(alice.messages.send(BOB, "and encrypted again"))
    assert arrives(bob, ALICE, "and encrypted again").encrypted.method == "omemo"
