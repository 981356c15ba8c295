"""What people tell of themselves, and whom we want to hear, through a real server."""

from __future__ import annotations

import struct
import time
from typing import Any

import pytest
from support.peer import Peer
from support.talk import faults, is_online, say, wait

from sat.api import JID
from sat.api.errors import FeatureMissing, NotTold
from sat.api.messages import MessageState
from sat.bridge.derive import load
from sat.plugins.blocking.api import Report
from sat.plugins.notify_settings.api import Choice, Notify
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.vcard.api import Card
from sat.world import PASSWORD
from sat.world.people import enter, run

ALICE, BOB = JID("alice@localhost"), JID("bob@localhost")


def contact(profile: Any, jid: JID) -> Contact:
    nobody = Contact(jid, "", Subscription.NONE, [])
    return next((each for each in run(profile.roster.get_contacts()) if each.jid == jid), nobody)


def test_a_nickname_reaches_the_contact_and_stays(both, world):
    alice, bob = both
    run(bob.nickname.set_own("Bobby Tables"))
    wait(lambda: contact(alice, BOB).nickname == "Bobby Tables", "alice is told")
    named = contact(alice, BOB)
    run(alice.roster.set_contact(BOB, "", named.groups))
    wait(lambda: contact(alice, BOB).label == "Bobby Tables", "it is shown where she has given no name")
    run(alice.roster.set_contact(BOB, named.name, named.groups))
    world.daemon.stop()
    world.daemon.start()
    alice, bob = world.bridge().profile("alice"), world.bridge().profile("bob")
    wait(lambda: is_online(alice) and is_online(bob), "both are back")
    run(load(bob.nickname, follow=False))
    assert bob.nickname.own.value == "Bobby Tables"
    wait(lambda: contact(alice, BOB).nickname == "Bobby Tables", "the server tells it again")
    run(bob.nickname.set_own(""))
    wait(lambda: contact(alice, BOB).nickname == "", "it is taken back")
    assert not faults(world.daemon)


def test_nothing_comes_from_whom_one_blocks(both, world):
    alice, bob = both
    run(alice.blocking.block(BOB))
    assert run(alice.blocking.get_blocked()) == [BOB]
    assert BOB not in {each.jid.bare for each in run(alice.presence.get_presences())}
    id = say(bob, "hear me", ALICE)
    wait(lambda: run(bob.messages.get_message(id)).state is MessageState.FAILED, "bob learns that it does not arrive")
    id = say(alice, "and you?", BOB)
    wait(lambda: run(alice.messages.get_message(id)).state is MessageState.FAILED, "alice cannot write either")
    assert "you have blocked this address" in run(alice.messages.get_message(id)).error
    enter(world.bridge(), "tablet", ALICE, PASSWORD, world.prosody.port)
    tablet = world.bridge().profile("tablet")
    wait(lambda: is_online(tablet), "it is online")
    wait(lambda: run(tablet.blocking.get_blocked()) == [BOB], "another device learns it")
    run(tablet.blocking.unblock(BOB))
    wait(lambda: run(alice.blocking.get_blocked()) == [], "and tells it")
    wait(lambda: BOB in {each.jid.bare for each in run(alice.presence.get_presences())}, "bob is seen again")
    run(world.bridge().manager.delete_profile("tablet"))
    with pytest.raises(FeatureMissing, match="reports"):
        run(alice.blocking.block(BOB, Report.SPAM))
    assert not faults(world.daemon)


def test_a_picture_is_shown_and_taken_back(both, world):
    alice, bob = both
    picture = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 64, 64) + b"\x08\x06\0\0\0"
    run(bob.avatars.set_own(picture))
    wait(lambda: BOB in {each.jid for each in run(alice.avatars.get_shown())}, "alice has it")
    assert run(alice.avatars.get_picture(BOB)).data == picture
    assert run(alice.avatars.get_picture(BOB)).type == "image/png"
    run(bob.avatars.set_own(b""))
    wait(lambda: run(alice.avatars.get_shown()) == [], "it is taken back")
    assert not faults(world.daemon)


def test_a_card_is_read_and_changed_by_parts(both, world):
    alice, bob = both
    card = Card("Bob Builder", emails=["bob@example.org"], phones=["1", "2"], birthday="1990-05-17", note="a\nb")
    picture = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 64, 64) + b"\x08\x06\0\0\0"
    run(bob.avatars.set_own(picture))
    run(bob.vcard.set_own(card))
    assert run(alice.vcard.get_card(BOB)) == card
    run(bob.vcard.set_own(card._replace(phones=["2"], title="Dr.")))
    assert run(alice.vcard.get_card(BOB)) == card._replace(phones=["2"], title="Dr.")
    with Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file) as older:
        older.send("<iq type='get' id='v'><vCard xmlns='vcard-temp'/></iq>")
        found = older.expect(lambda stanza: stanza.get("id") == "v").find("{vcard-temp}vCard")
        assert found is not None
        assert found.findtext("{vcard-temp}FN") == "Bob Builder"
        assert found.find("{vcard-temp}PHOTO") is not None, "the picture is still there"
    assert run(alice.vcard.get_card(ALICE)) == Card()
    run(bob.vcard.set_own(Card()))
    run(bob.avatars.set_own(b""))
    assert run(alice.vcard.get_card(BOB)) == Card()
    assert not faults(world.daemon)


def test_programs_tell_which_time_it_is_and_when_they_were_used(both, world):
    alice, bob = both
    run(load(bob.profile, follow=False))
    there = bob.profile.connection.value.jid
    assert abs(run(alice.entity_time.get_time(there)).utc - time.time()) < 60
    with pytest.raises(NotTold):
        run(alice.last_activity.get_last(there))
    run(bob.settings.set_setting("last_activity.tell", "true"))
    assert 0 <= run(alice.last_activity.get_last(there)).seconds < 600
    assert run(alice.entity_time.get_time(JID(world.domain))).utc
    assert not faults(world.daemon)


def test_approval_before_somebody_asks_and_a_request_that_is_withdrawn(both, world):
    alice = both[0]
    dora, enid = JID(world.prosody.register("dora", PASSWORD)), JID(world.prosody.register("enid", PASSWORD))
    enter(world.bridge(), "dora", dora, PASSWORD, world.prosody.port)
    run(alice.presence.approve(dora))
    run(world.bridge().profile("dora").roster.add_contact(ALICE))
    wait(lambda: contact(alice, dora).subscription is Subscription.FROM, "she sees alice at once")
    assert [each.jid for each in run(alice.presence.get_requests())] == []
    run(alice.roster.add_contact(enid))
    wait(lambda: contact(alice, enid).asked, "alice waits for an answer")
    run(alice.presence.unsubscribe(enid))
    wait(lambda: not contact(alice, enid).asked, "she waits no longer")
    run(world.bridge().manager.delete_profile("dora"))
    for each in (dora, enid):
        run(alice.roster.remove_contact(each))
    assert not faults(world.daemon)


def test_of_what_to_be_told_in_a_room_reaches_the_other_programs(both, world):
    alice = both[0]
    room = JID(f"balcony@{world.prosody.rooms}")
    run(alice.rooms.create(room, "Al", {}, False))
    run(alice.notify_settings.choose(room, Notify.NEVER))
    enter(world.bridge(), "tablet", ALICE, PASSWORD, world.prosody.port)
    tablet = world.bridge().profile("tablet")
    wait(lambda: run(tablet.notify_settings.get_choices()) == [Choice(room, Notify.NEVER)], "the other one knows it")
    run(tablet.notify_settings.choose(room, Notify.ALWAYS))
    wait(lambda: run(alice.notify_settings.get_choices()) == [Choice(room, Notify.ALWAYS)], "and changes it")
    run(world.bridge().manager.delete_profile("tablet"))
    run(alice.rooms.leave(room, ""))
    assert not faults(world.daemon)
