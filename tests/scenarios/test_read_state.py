"""What is read on one device is read on the others, through a real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.talk import faults, is_online, say, wait

from sat.api import JID
from sat.api.messages import MessageState
from sat.plugins.rooms.api import RoomState
from sat.world import PASSWORD, World
from sat.world.people import enter, run

ALICE, BOB = JID("alice@localhost"), JID("bob@localhost")


@pytest.fixture
def tablet(world: World, both: tuple[Any, Any]) -> Iterator[Any]:
    """Another device of alice's, which has read the archive: what is in it at first is old to the reader."""
    say(both[1], "zero", ALICE)
    enter(world.bridge(), "tablet", ALICE, PASSWORD, world.prosody.port)
    tablet = world.bridge().profile("tablet")
    wait(lambda: is_online(tablet) and run(tablet.messages.get_history(BOB)), "the tablet is there")
    for profile in (both[0], tablet):
        run(profile.settings.set_setting("markers.send", "false"))  # bob learns nothing, the devices do
        run(profile.messages.mark_read(BOB))
    yield tablet
    run(world.bridge().manager.delete_profile("tablet"))


def states(profile: Any, peer: JID) -> list[tuple[str, MessageState]]:
    found = run(profile.messages.get_history(peer))
    return [(each.body, each.state) for each in found if not each.outgoing and each.body != "zero"]


READ, UNREAD = MessageState.READ, MessageState.UNREAD


def test_a_chat_is_read_on_the_tablet_too_also_when_it_was_away(world, both, tablet):
    alice, bob = both
    say(bob, "one", ALICE)
    say(bob, "two", ALICE)
    for profile in (alice, tablet):
        wait(lambda profile=profile: states(profile, BOB) == [("one", UNREAD), ("two", UNREAD)], "both are told")
    first = next(each for each in run(alice.messages.get_history(BOB)) if each.body == "one")
    run(alice.messages.mark_read(BOB, first.order))
    wait(lambda: states(tablet, BOB) == [("one", READ), ("two", UNREAD)], "the tablet knows the first is read")
    run(tablet.messages.mark_read(BOB))
    wait(lambda: states(alice, BOB) == [("one", READ), ("two", READ)], "alice knows that both are")
    run(tablet.profile.disconnect())
    say(bob, "three", ALICE)
    say(bob, "four", ALICE)
    wait(lambda: len(states(alice, BOB)) == 4, "alice is told")
    run(alice.messages.mark_read(BOB))
    say(bob, "five", ALICE)
    wait(lambda: len(states(alice, BOB)) == 5, "one more")
    run(tablet.profile.connect())
    expected = [("one", READ), ("two", READ), ("three", READ), ("four", READ), ("five", UNREAD)]
    wait(lambda: states(tablet, BOB) == expected, "the tablet catches up")
    assert {each.state for each in run(bob.messages.get_history(ALICE))} <= {MessageState.DELIVERED, MessageState.SENT}
    assert not faults(world.daemon)


def test_a_room_is_read_on_the_tablet_too(world, both, tablet):
    alice, bob = both
    room = JID(f"hall@{world.prosody.rooms}")
    run(bob.rooms.create(room, "bob"))
    say(bob, "zero", room)
    run(alice.rooms.join(room, "alice"))
    inside = [(room, RoomState.JOINED)]
    wait(lambda: [(each.jid, each.state) for each in run(tablet.rooms.get_rooms())] == inside, "the tablet follows")
    wait(lambda: run(tablet.messages.get_history(room)), "it has read the archive")
    run(alice.messages.mark_read(room))
    say(bob, "hello all", room)
    for profile in (alice, tablet):
        wait(lambda profile=profile: states(profile, room) == [("hello all", UNREAD)], "both are told")
    run(alice.messages.mark_read(room))
    wait(lambda: states(tablet, room) == [("hello all", READ)], "the tablet knows")
    run(alice.rooms.leave(room))
    assert not faults(world.daemon)
