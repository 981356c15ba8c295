"""What one has verified, the others believe (XEP-0450); over a real server."""

from __future__ import annotations

from support.omemo_peer import KeyedPeer
from support.talk import BOB, faults, history, wait

from sat.api import JID
from sat.api.messages import Trust
from sat.world import World
from sat.world.people import run

ALICE = "alice@localhost"


def key_of(profile, owner, fingerprint):
    found = [each for each in run(profile.encryption.get_keys(JID(owner))) if each.fingerprint == fingerprint]
    return found[0] if found else None


def here(profile, owner):
    (key,) = [each for each in run(profile.encryption.get_keys(JID(owner))) if each.here]
    return key.fingerprint


def test_a_contact_tells_of_their_new_program(pair, onlooker, world: World):
    alice, bob = pair
    mine, theirs = here(alice, ALICE), here(bob, BOB)
    phone = KeyedPeer(onlooker)
    phone.announce()
    wait(lambda: key_of(alice, BOB, phone.fingerprint), "alice knows of it")
    wait(lambda: key_of(bob, BOB, phone.fingerprint), "bob's other program too")
    run(alice.encryption.set_trust(JID(BOB), "omemo", theirs, Trust.VERIFIED))
    run(bob.encryption.set_trust(JID(ALICE), "omemo", mine, Trust.VERIFIED))
    assert key_of(alice, BOB, phone.fingerprint).trust in (Trust.BLIND, Trust.UNDECIDED)
    run(bob.encryption.set_trust(JID(BOB), "omemo", phone.fingerprint, Trust.VERIFIED))
    wait(lambda: key_of(alice, BOB, phone.fingerprint).trust is Trust.VERIFIED, "alice believes bob")
    assert key_of(alice, BOB, phone.fingerprint).by == theirs
    assert key_of(alice, BOB, theirs).by == ""
    run(bob.encryption.set_trust(JID(BOB), "omemo", phone.fingerprint, Trust.DISTRUSTED))
    wait(lambda: key_of(alice, BOB, phone.fingerprint).trust is Trust.DISTRUSTED, "that it is lost, too")
    assert [*history(alice, BOB), *history(bob, ALICE), *history(bob, BOB)] == [], "nothing of it is shown"
    assert not faults(world.daemon)


def test_a_program_has_the_name_that_it_was_given(pair):
    alice, bob = pair
    theirs = here(bob, BOB)
    assert key_of(alice, BOB, theirs).label == ""
    run(bob.settings.set_setting("omemo.label", "notebook é"))
    wait(lambda: key_of(alice, BOB, theirs).label == "notebook é", "alice sees it", 40)
    run(bob.settings.set_setting("omemo.label", ""))
    wait(lambda: key_of(alice, BOB, theirs).label == "", "and that it has none any more", 40)
