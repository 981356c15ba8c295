"""Devices that are not used any more leave the lists of their account; over a real server."""

from __future__ import annotations

import pytest
from support.omemo_peer import KeyedPeer
from support.talk import BOB, faults, history, is_online, wait

from sat.api import JID
from sat.api.errors import InvalidArgument, NotFound
from sat.plugins.omemo.lists import read_devices
from sat.plugins.omemo.names import CURRENT, DEVICES, NAMESPACES, bundle_place
from sat.world import PASSWORD, World
from sat.world.people import enter, run

ALICE = "alice@localhost"


def key_here(profile, owner=BOB):
    (key,) = [each for each in run(profile.encryption.get_keys(JID(owner))) if each.here]
    return key


def in_use(profile, owner=BOB):
    return {each.fingerprint for each in run(profile.encryption.get_keys(JID(owner))) if each.active}


def listed(peer: KeyedPeer):
    """What the account's server says of its devices, by version."""
    return {ns: set(read_devices(ns, peer.item(peer.jid, DEVICES[ns], CURRENT))) for ns in NAMESPACES}


def bundles(peer: KeyedPeer, number: int):
    """In which versions the keys of a device are there."""
    return [ns for ns in NAMESPACES if peer.item(peer.jid, *bundle_place(ns, number)) is not None]


@pytest.fixture
def phone(onlooker):
    """A program of bob, that alice and bob know."""
    phone = KeyedPeer(onlooker)
    for ns in NAMESPACES:
        phone.announce(ns)
    return phone


@pytest.fixture
def tablet(world: World, pair):
    """Another profile of bob's account, with keys."""
    bridge = world.bridge()
    if "tablet" not in [info.name for info in run(bridge.manager.list_profiles())]:
        enter(bridge, "tablet", BOB, PASSWORD, world.prosody.port)
    tablet = bridge.profile("tablet")
    wait(lambda: is_online(tablet), "it is online")
    return tablet


def test_what_is_lost_is_taken_off_by_hand(pair, phone, world: World):
    alice, bob = pair
    here = key_here(bob)
    for profile in pair:
        wait(lambda profile=profile: phone.fingerprint in in_use(profile), "it is known")
    run(bob.encryption.remove_key("omemo", " ".join([phone.fingerprint[:8].upper(), phone.fingerprint[8:]])))
    assert phone.fingerprint not in in_use(bob)
    assert all(int(here.id) in numbers and phone.number not in numbers for numbers in listed(phone).values())
    wait(lambda: phone.fingerprint not in in_use(alice), "alice encrypts for it no longer")
    assert bundles(phone, phone.number) == list(NAMESPACES), "it may be alive, and then it needs them"
    with pytest.raises(InvalidArgument, match="this program"):
        run(bob.encryption.remove_key("omemo", here.fingerprint))
    with pytest.raises(NotFound):
        run(bob.encryption.remove_key("omemo", key_here(alice, ALICE).fingerprint))
    run(bob.encryption.remove_key("omemo", phone.fingerprint))  # once more does no harm
    assert not faults(world.daemon)


def test_what_is_alive_comes_back_with_its_keys(pair, tablet, phone):
    """Also where another program has removed them."""
    alice, bob = pair
    own = key_here(tablet)
    wait(lambda: own.fingerprint in in_use(bob), "bob knows of it")
    run(tablet.profile.disconnect())
    run(bob.encryption.remove_key("omemo", own.fingerprint))
    wait(lambda: own.fingerprint not in in_use(alice), "alice encrypts for it no longer")
    phone.withdraw(int(own.id))
    assert bundles(phone, int(own.id)) == []
    run(tablet.profile.connect())
    wait(lambda: all(int(own.id) in numbers for numbers in listed(phone).values()), "it is on the lists again", 90)
    wait(lambda: bundles(phone, int(own.id)) == list(NAMESPACES), "with its keys", 90)
    wait(lambda: own.fingerprint in in_use(alice), "and alice encrypts for it")
    run(alice.messages.send(JID(BOB), "to all of you"))
    wait(lambda: [each.body for each in history(tablet, ALICE)][-1:] == ["to all of you"], "it reads")


def test_a_deleted_profile_takes_its_device_along(pair, tablet, phone, world: World):
    alice, bob = pair
    gone = key_here(tablet)
    wait(lambda: gone.fingerprint in in_use(alice), "alice knows of it")
    before = listed(phone)
    assert all({int(gone.id), int(key_here(bob).id), phone.number} <= numbers for numbers in before.values())
    assert bundles(phone, int(gone.id)) == list(NAMESPACES)
    run(world.bridge().manager.delete_profile("tablet"))
    assert listed(phone) == {ns: numbers - {int(gone.id)} for ns, numbers in before.items()}
    assert bundles(phone, int(gone.id)) == []
    wait(lambda: gone.fingerprint not in in_use(alice), "alice encrypts for it no longer")
    assert not faults(world.daemon)
