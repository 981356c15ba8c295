"""The user commands of rooms."""

import pytest
from support.fake_rooms import Rooms

from sat.api import JID
from sat.api.errors import Conflict, InvalidAddress, InvalidArgument, NotFound, NotInRoom
from sat.plugins.rooms.api import Affiliation, Invitation, Occupant, PublicRoom, Role, Room, RoomState, VoiceRequest
from sat_frontends.quick_frontend.commands import complete

from .test_commands import Shell

ROOM = JID("balcony@rooms.localhost")


@pytest.fixture
def shell():
    rooms = Rooms()
    shell = Shell(rooms)
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


TYBALT = Occupant("Prince of cats", Role.PARTICIPANT, Affiliation.NONE, jid=JID("tybalt@capulet.lit"))


def test_moderating(inside):
    rooms = inside.apis.rooms
    rooms.put(Room(ROOM, "romeo", RoomState.JOINED, role=Role.MODERATOR, affiliation=Affiliation.OWNER), TYBALT)
    inside.types("/mute prince of cats")
    assert inside.said == ["Prince of cats may only read here."]
    inside.types("/kick Prince of cats no fighting here")
    assert rooms.calls[-1] == ("kick", ROOM, "Prince of cats", "no fighting here")
    assert inside.said == ["Prince of cats was put out, and can come back."]
    with pytest.raises(InvalidArgument, match="Nobody here is called"):
        inside.types("/ban Prince of cats")


def test_nicks_are_completed_and_written_to(inside):
    inside.apis.rooms.put(Room(ROOM, "romeo", RoomState.JOINED), TYBALT, TYBALT._replace(nick="Prin\u202ece"))
    inside.live.chat(ROOM)
    assert [each.text for each in complete(inside.live, "/kick pr")] == ["/kick Prince of cats "]
    assert [each.text for each in complete(inside.live, "pr", ROOM)] == ["Prince of cats: "]
    assert [each.text for each in complete(inside.live, "good prince PR", ROOM)] == ["good prince Prince of cats "]
    assert complete(inside.live, "", ROOM) == complete(inside.live, "pr") == complete(inside.live, "x ", ROOM) == []
    private = ROOM.with_resource("Prince of cats")
    assert inside.types("/pm prince of cats good morrow") == ("open", private)
    assert ("send", private, "good morrow") in inside.apis.messages.calls
    inside.peer = private
    inside.types("/topic")
    assert inside.said == ["The room has no topic."]


def test_invitations(inside):
    inside.types("/invitations")
    assert inside.said == ["Nobody has invited you."]
    other = JID("orchard@rooms.localhost")
    inside.apis.rooms.invites(Invitation(other, JID("juliet@capulet.lit"), direct=True))
    inside.types("/invitations")
    assert inside.said == [f"juliet@capulet.lit invites you to {other}"]
    inside.types(f"/decline {other} not now")
    assert inside.apis.rooms.calls[-1] == ("decline", other, "not now")
    assert inside.said == [f"You do not go into {other}."]


def test_a_name_is_a_room_of_our_server(shell):
    assert shell.types("/join balcony") == ("open", ROOM)


# -- owning ------------------------------------------------------------------------------------------------------


def test_a_room_is_made_and_what_it_is_is_said(shell):
    garden = JID("garden@rooms.localhost")
    assert shell.types("/create garden romeo") == ("open", garden)
    assert shell.said == [
        f"You have made {garden}, open to everybody; others see your nick only. /configure changes its settings."
    ]
    shell.types("/create -p attic@rooms.localhost")
    assert "private: only members can come in; others see your address" in shell.said[0]
    assert [call[1:] for call in shell.apis.rooms.calls if call[0] == "create"] == [
        (garden, "romeo", {}, False),
        (JID("attic@rooms.localhost"), "", {}, True),
    ]
    with pytest.raises(InvalidArgument, match="Say how the room is called"):
        shell.types("/create -p")
    with pytest.raises(Conflict):
        shell.types("/create garden")


def test_settings_of_the_room_are_shown(inside):
    assert inside.types("/configure") == ("room settings", ROOM)


def test_affiliations_are_seen_and_changed(inside):
    inside.apis.rooms.put(
        Room(ROOM, "romeo", RoomState.JOINED),
        Occupant("Juliet", Role.PARTICIPANT, Affiliation.MEMBER, jid=JID("juliet@capulet.lit")),
        Occupant("nobody", Role.VISITOR, Affiliation.NONE),
    )
    inside.apis.rooms.banned[JID("tybalt@capulet.lit")] = "a \x1b[31mbrawl"
    inside.types("/affiliations")
    assert inside.said == ["Members:\n  juliet@capulet.lit (Juliet)\nBanned:\n  tybalt@capulet.lit: a ␛[31mbrawl"]
    inside.types("/affiliate admin Juliet for the garden")
    assert inside.said == ["juliet@capulet.lit is an administrator of the room."]
    inside.types("/affiliate none tybalt@capulet.lit")
    assert inside.apis.rooms.calls[-1] == (
        "set_affiliation",
        ROOM,
        JID("tybalt@capulet.lit"),
        Affiliation.NONE,
        "",
    )
    for line, why in (
        ("/affiliate king Juliet", "none of outcast, none, member, admin, owner"),
        ("/affiliate owner", "Say whom"),
        ("/affiliate owner nobody", "does not tell the address of “nobody”"),
    ):
        with pytest.raises(InvalidArgument, match=why):
            inside.types(line)


def test_rank_is_completed(inside):
    assert [each.text for each in complete(inside.live, "/affiliate o")] == ["/affiliate outcast ", "/affiliate owner "]


def test_room_is_ended_only_by_its_address(inside):
    with pytest.raises(InvalidArgument, match="The room that is shown is"):
        inside.types("/destroy garden@rooms.localhost")
    inside.types(f"/destroy {ROOM} winter")
    assert inside.apis.rooms.calls[-1] == ("destroy", ROOM, "winter", JID(""))


# -- what is remembered ------------------------------------------------------------------------------------------


def test_rooms_are_remembered(inside):
    inside.types("/bookmarks")
    assert inside.said == ["No room is remembered. /join ROOM goes into one, and remembers it."]
    inside.types("/bookmark Her window")
    assert inside.said == [f"Her window ({ROOM}) is remembered, and entered after each log-in."]
    inside.types("/autojoin off")
    inside.types("/bookmarks")
    assert inside.said == [f"Her window ({ROOM}): entered when you want"]
    with pytest.raises(InvalidArgument, match="on or off"):
        inside.types("/autojoin perhaps")
    inside.types("/unbookmark")
    assert inside.said == [f"{ROOM} is remembered no longer."]
    with pytest.raises(NotFound):
        inside.types("/unbookmark")


def test_who_only_reads_asks_to_write_and_who_moderates_sees_who_asks(inside):
    rooms, waiting = inside.apis.rooms, inside.live.voices.waiting
    inside.live.contacts.set_rooms([Room(ROOM, "romeo", RoomState.JOINED, role=Role.VISITOR)])
    inside.types("/voice")
    assert rooms.calls[-1] == ("ask_voice", ROOM)
    assert inside.said == ["The moderators are asked whether you may write here."]
    inside.live.contacts.set_rooms([Room(ROOM, "romeo", RoomState.JOINED, role=Role.MODERATOR)])
    inside.types("/voice")
    assert inside.said == ["Nobody asks to write."]
    waiting.append(VoiceRequest("1", ROOM, "ev\x1bil", JID("paris@verona.lit")))
    waiting.append(VoiceRequest("2", JID("other@rooms.localhost"), "nurse"))
    inside.types("/voice")
    assert inside.said == [f"ev␛il (paris@verona.lit) asks to write in {ROOM}\n/voice NICK lets them."]
