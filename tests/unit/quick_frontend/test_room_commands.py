"""The user commands of rooms."""

import pytest
from support.fake_rooms import Rooms

from sat.api import JID
from sat.api.errors import InvalidAddress, InvalidArgument, NotFound, NotInRoom
from sat.plugins.rooms.api import Affiliation, Occupant, PublicRoom, Role, Room, RoomState

from .test_commands import Shell

ROOM = JID("balcony@rooms.localhost")


@pytest.fixture
def shell():
    shell = Shell()
    rooms = shell.apis.rooms = Rooms()
    rooms.public.append(PublicRoom(ROOM, "The balcony"))
    return shell


@pytest.fixture
def inside(shell):
    shell.types(f"/join {ROOM} romeo")
    shell.peer = ROOM
    return shell


def test_joining_opens_the_conversation_and_says_who_sees_what(shell):
    assert shell.types(f"/join {ROOM} romeo") == ("open", ROOM)
    assert shell.said == [f"You are in {ROOM}, open to everybody; others see your nick only."]
    assert shell.apis.rooms.rooms[ROOM].nick == "romeo"


def test_what_is_no_room(shell):
    with pytest.raises(InvalidAddress):
        shell.types("/join @@")
    with pytest.raises(NotFound):
        shell.types("/join nowhere@rooms.localhost")
    with pytest.raises(InvalidArgument, match="No room is shown"):
        shell.types("/names")
    shell.peer = JID("juliet@capulet.lit")
    with pytest.raises(NotInRoom):
        shell.types("/names")


def test_topic_names_and_leaving(inside):
    inside.types("/topic Roses")
    inside.types("/topic")
    assert inside.said == ["Roses"]
    inside.apis.rooms.put(
        Room(ROOM, "romeo", RoomState.JOINED, role=Role.PARTICIPANT),
        Occupant("nurse", Role.MODERATOR, Affiliation.NONE),
        Occupant("ev\x1b[31mil", Role.VISITOR, Affiliation.NONE),
    )
    inside.types("/names")
    (said,) = inside.said
    assert said.split("\n")[0] == "nurse (moderator)"
    assert "\x1b" not in said
    inside.types("/leave good night")
    assert inside.said == [f"You have left {ROOM}. Its conversation stays here."]
    inside.types("/rooms")
    assert inside.said == ["You are in no room. /join ROOM goes into one."]
