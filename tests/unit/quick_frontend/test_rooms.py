"""The rooms of a profile, live."""

import pytest
from support.fake_rooms import Rooms
from support.fakes import JULIET, Apis, Loop, message

from sat.api import JID, Signal
from sat.api.errors import InvalidAddress, NotFound
from sat.api.messages import MessageState
from sat.plugins.presence.api import Show
from sat.plugins.rooms.api import (
    Affiliation,
    Invitation,
    Occupant,
    PublicRoom,
    Role,
    Room,
    RoomEvent,
    RoomEventKind,
    RoomState,
)
from sat_frontends.quick_frontend.live import LiveChange, LiveProfile
from sat_frontends.quick_frontend.room_words import happened, invited, joined, kind, standing

ROOM = JID("balcony@rooms.localhost")
OTHER = JID("orchard@rooms.localhost")
NURSE = Occupant("nurse", Role.PARTICIPANT, Affiliation.NONE)


class Scene:
    def __init__(self):
        self.apis, self.loop = Apis(), Loop()
        self.rooms = self.apis.rooms = Rooms()
        self.rooms.put(Room(ROOM, "romeo", RoomState.JOINED), NURSE)
        self.apis.messages.arrives(message(1, peer=ROOM))
        self.live = LiveProfile("romeo", self.apis, spawn=self.loop.spawn, later=self.loop.later)
        self.told = []
        self.live.changed.connect(self.told.append)
        self.loop.now(self.live.start())
        self.told.clear()

    @property
    def nicks(self):
        return [each.nick for each in self.live.contacts.occupants.of(ROOM)]


@pytest.fixture
def scene():
    return Scene()


def test_who_is_there_is_known_once_the_conversation_is_open(scene):
    assert scene.nicks == []
    scene.live.chat(ROOM)
    assert scene.nicks == ["nurse", "romeo"]
    scene.rooms.comes(ROOM, Occupant("tybalt", Role.VISITOR, Affiliation.NONE))
    scene.rooms.goes(ROOM, "nurse")
    assert scene.nicks == ["tybalt", "romeo"]
    assert joined(scene.live.chat(ROOM).row(0).passage) == "tybalt came, nurse left"
    scene.rooms.happened.emit([RoomEvent(ROOM, RoomEventKind.KICKED, "nurse", actor="romeo", reason="no")])
    assert joined(scene.live.chat(ROOM).row(0).passage) == "tybalt came. nurse was put out by romeo: no"


def test_a_room_that_was_left_is_forgotten(scene):
    scene.live.chat(ROOM)
    scene.loop.now(scene.rooms.leave(ROOM))
    assert (scene.nicks, scene.live.contacts.room(ROOM)) == ([], None)
    assert scene.loop.now(scene.live.rooms.look(ROOM)) == []


def test_after_the_daemon_was_away_all_is_as_it_is_there(scene):
    scene.live.chat(ROOM)
    del scene.rooms.rooms[ROOM]
    scene.rooms.put(Room(OTHER, "romeo", RoomState.JOINED))
    scene.loop.now(scene.live.resync())
    assert (scene.nicks, [each.jid for each in scene.live.contacts.rooms()]) == ([], [OTHER])


def test_invitations_come_and_are_settled(scene):
    invitation = Invitation(OTHER, JULIET, "come", direct=True)
    scene.rooms.public.append(PublicRoom(OTHER, "The orchard"))
    scene.rooms.invites(invitation)
    assert (scene.live.rooms.invitations, scene.told) == ([invitation], [LiveChange.INVITATIONS])
    scene.loop.now(scene.live.rooms.join(OTHER))
    assert scene.live.rooms.invitations == []


def test_an_answer_settles_them_before_it_is_told(scene):
    scene.rooms.public.append(PublicRoom(OTHER, ""))
    for answer in (scene.live.rooms.join, scene.live.rooms.decline):
        scene.rooms.waiting.clear()
        scene.rooms.invites(Invitation(OTHER, JULIET, direct=True))
        with_signal, scene.rooms.settled = scene.rooms.settled, Signal()
        scene.loop.now(answer(OTHER))
        assert scene.live.rooms.invitations == []
        scene.rooms.settled = with_signal


def test_who_is_in_a_room_has_a_conversation_of_their_own(scene):
    nurse = ROOM.with_resource("nurse")
    private = message(2, "psst", peer=nurse, state=MessageState.UNREAD)
    scene.apis.messages.arrives(private)
    contacts = scene.live.contacts
    assert (contacts.unread(nurse), contacts.unread(ROOM)) == (1, 0)
    chat = scene.live.chat(nurse)
    assert (chat.peer, chat.unread, contacts.label(nurse)) == (nurse, 1, "nurse (balcony)")
    scene.live.chat(ROOM)
    assert contacts.presence(nurse).show is Show.ONLINE
    scene.rooms.goes(ROOM, "nurse")
    assert contacts.presence(nurse).show is Show.OFFLINE
    scene.loop.now(scene.live.send(nurse, "ay"))
    assert ("send", nurse, "ay") in scene.apis.messages.calls
    assert [row.label for row in contacts.rows] == ["Rooms", "balcony", "nurse (balcony)"]
    scene.loop.now(scene.rooms.leave(ROOM))
    assert scene.live.chat(nurse) is chat
    assert [row.jid for row in contacts.rows[1:]] == [ROOM, nurse]


def test_programs_of_a_contact_share_a_conversation(scene):
    assert scene.live.chat(JULIET.with_resource("phone")).peer == JULIET


def test_a_name_is_a_room_of_our_server(scene):
    find = scene.live.rooms.address
    assert scene.loop.now(find(" orchard ")) == OTHER
    assert scene.loop.now(find("orchard@elsewhere.lit/nick")) == "orchard@elsewhere.lit"
    with pytest.raises(InvalidAddress):
        scene.loop.now(find(""))

    async def nowhere():
        return []

    scene.rooms.get_services = nowhere
    with pytest.raises(NotFound, match="whole address"):
        scene.loop.now(find("orchard"))


def test_the_fullest_room_is_listed_first(scene):
    scene.rooms.public += [
        PublicRoom(ROOM, "b", 1),
        PublicRoom(OTHER, "c", 7),
        PublicRoom(JID("x@rooms.localhost"), ""),
    ]
    assert [each.occupants for each in scene.loop.now(scene.live.rooms.directory())] == [7, 1, -1]
    assert scene.loop.now(scene.live.rooms.directory("elsewhere.lit")) == []


def test_words():
    told = Occupant("x", Role.MODERATOR, Affiliation.OWNER, hats=["Prince\u202e"], own=True)
    assert standing(told) == "you, owner, Prince\ufffd"
    assert standing(NURSE) == ""
    room = Room(ROOM, "romeo", RoomState.JOINED, private=True, anonymous=False, moderated=True, logged=True)
    assert kind(room).split("; ") == [
        "private: only members can come in",
        "others see your address",
        "visitors may only read",
        "what is written may be public",
    ]
    lie = Invitation(ROOM, JULIET, "come\x1b")
    assert joined(invited(lie)) == f"{JULIET} invites you to {ROOM} (so says the room): come␛"
    there = Invitation(ROOM, ROOM.with_resource("nurse"))
    assert joined(invited(there)) == f"nurse invites you to {ROOM} (so says the room)"
    assert joined(invited(Invitation(ROOM, JID("")))) == f"You are invited to {ROOM}"


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (RoomEvent(ROOM, RoomEventKind.BANNED, "x", actor="y"), "x was banned by y"),
        (RoomEvent(ROOM, RoomEventKind.REMOVED, "x", own=True), "You were put out, because only members may be here"),
        (RoomEvent(ROOM, RoomEventKind.NICK, "x", other="z"), "x is called z now"),
        (RoomEvent(ROOM, RoomEventKind.NICK, "x", own=True, other="z"), "You are called z now"),
        (RoomEvent(ROOM, RoomEventKind.CONFIGURED), "The settings of the room were changed"),
        (RoomEvent(ROOM, RoomEventKind.DECLINED, actor="x@y", reason="no"), "x@y does not follow your invitation: no"),
        (RoomEvent(ROOM, RoomEventKind.DESTROYED), ""),
    ],
)
def test_events(event, sentence):
    assert joined(happened(event)) == sentence
