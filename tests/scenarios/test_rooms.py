"""Rooms on a real server: two profiles of our daemon, and a foreign client of the barest kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from support.peer import Peer
from support.talk import is_online

from sat.api import JID, Secret
from sat.api.errors import (
    Conflict,
    NickTaken,
    NotFound,
    NotInRoom,
    PeerError,
    RoomBanned,
    RoomMembersOnly,
    RoomPasswordWrong,
)
from sat.api.messages import MessageState
from sat.plugins.chat_states.api import ChatState, PeerState
from sat.plugins.rooms.api import Affiliation, FoundRooms, Role, Room, RoomState
from sat.world import World
from sat.world.people import run
from sat.world.program import until

MUC = "http://jabber.org/protocol/muc"
STATES = "http://jabber.org/protocol/chatstates"
SEARCH = "urn:xmpp:channel-search:0:search"
RSM = "http://jabber.org/protocol/rsm"
NAMED = "muc#roomconfig_roomname"


@pytest.fixture(scope="module")
def alice(world: World):
    world.enter_profile("alice")
    return world.bridge().profile("alice")


@pytest.fixture(scope="module")
def bob(world: World):
    world.enter_profile("bob")
    return world.bridge().profile("bob")


@pytest.fixture
def room(world: World, alice, request) -> Iterator[JID]:
    """A room of alice's own, named after the test."""
    jid = JID(f"{request.node.name.replace('_', '-')[:40]}@{world.prosody.rooms}")
    run(alice.rooms.create(jid, "alice", {"muc#roomconfig_persistentroom": "1"}))
    yield jid
    if any(each.jid == jid and each.state is RoomState.JOINED for each in run(alice.rooms.get_rooms())):
        run(alice.rooms.destroy(jid))


class Guest(Peer):
    """A foreign client in a room."""

    def enter(self, room: JID, nick: str = "carol") -> None:
        self.send(f"<presence to='{room}/{nick}'><x xmlns='{MUC}'><history maxstanzas='0'/></x></presence>")
        self.expect(lambda stanza: any(each.get("code") == "110" for each in stanza.iter(f"{{{MUC}#user}}status")))

    def says(self, room: JID, inside: str, id: str) -> None:
        self.send(f"<message to='{room}' type='groupchat' id='{id}'>{inside}</message>")
        self.expect(lambda stanza: stanza.get("id") == id)


@pytest.fixture
def carol(world: World) -> Iterator[Guest]:
    with Guest(world.jid("carol"), "demo", world.prosody.port, world.prosody.ca_file) as peer:
        peer.available()
        yield peer


def wait(condition: Callable[[], object], what: str) -> None:
    assert until(lambda: bool(condition()), 15), what


def find(profile, jid: JID) -> Room | None:
    return next((each for each in run(profile.rooms.get_rooms()) if each.jid == jid), None)


def history(profile, jid: JID):
    return run(profile.messages.get_history(jid, 0, 500))


def bodies(profile, jid: JID) -> list[str]:
    return [each.body for each in history(profile, jid)]


def nicks(profile, jid: JID) -> set[str]:
    return {each.nick for each in run(profile.rooms.get_occupants(jid))}


def test_two_talk_each_message_is_shown_once(alice, bob, room):
    joined = run(bob.rooms.join(room, "bob"))
    assert (joined.state, joined.occupants, joined.archived) == (RoomState.JOINED, 2, True)
    id = run(alice.messages.send(room, "good morning bob"))
    wait(lambda: bodies(bob, room) == ["good morning bob"], "bob hears it")
    wait(lambda: history(alice, room)[-1].state is MessageState.DELIVERED, "the room has sent it to everybody")
    assert [each.id for each in history(alice, room)] == [id]
    (heard,) = history(bob, room)
    assert (heard.sender, heard.mention, heard.state) == (f"{room}/alice", True, MessageState.UNREAD)
    (talk,) = [each for each in run(bob.messages.get_conversations()) if each.peer == room]
    assert (talk.unread, talk.mentions) == (1, 1)
    run(bob.rooms.leave(room))
    wait(lambda: nicks(alice, room) == {"alice"}, "bob has gone")
    with pytest.raises(NotInRoom):
        run(bob.messages.send(room, "and again"))


def test_who_types_is_told_in_a_room_until_they_leave(world, alice, room, carol):
    listener = world.bridge().profile("alice")
    heard: list[PeerState] = []
    listener.chat_states.changed.connect(heard.append)
    carol.enter(room)
    wait(lambda: nicks(alice, room) == {"alice", "carol"}, "carol is there")
    run(alice.chat_states.set_typing(room, True))
    composing = carol.expect(lambda stanza: stanza.find(f"{{{STATES}}}composing") is not None)
    assert (composing.get("type"), composing.get("from")) == ("groupchat", f"{room}/alice")
    carol.says(room, f"<composing xmlns='{STATES}'/>", "t1")
    carol.send(f"<presence to='{room}/carol' type='unavailable'/>")
    listener._bridge.listen(lambda: len(heard) == 2)
    assert heard == [PeerState(room, ChatState.COMPOSING, "carol"), PeerState(room, ChatState.GONE, "carol")]


def test_subject_nick_and_private_messages(alice, bob, room):
    run(bob.rooms.join(room, "bob"))
    run(alice.rooms.set_subject(room, "tea"))
    wait(lambda: find(bob, room).subject == "tea", "the subject")
    run(bob.rooms.set_nick(room, "robert"))
    wait(lambda: nicks(alice, room) == {"alice", "robert"}, "the new nick")
    with pytest.raises(NickTaken):
        run(bob.rooms.set_nick(room, "alice"))
    run(alice.messages.send(JID(f"{room}/robert"), "psst"))
    wait(lambda: bodies(bob, JID(f"{room}/alice")) == ["psst"], "the private message")
    assert bodies(bob, room) == []
    run(bob.rooms.leave(room))


def test_what_a_foreign_client_writes_corrects_reacts_to_and_takes_back(alice, carol, room):
    carol.enter(room)
    carol.says(room, "<body>Helo</body>", "m1")
    wait(lambda: bodies(alice, room) == ["Helo"], "it is heard")
    carol.says(room, "<body>Hello</body><replace xmlns='urn:xmpp:message-correct:0' id='m1'/>", "m2")
    wait(lambda: bodies(alice, room) == ["Hello"], "it is corrected")
    (message,) = history(alice, room)
    run(alice.reactions.react(message.id, ["👍"]))
    heard = carol.expect(lambda stanza: stanza.find("{urn:xmpp:reactions:0}reactions") is not None)
    wait(lambda: history(alice, room)[0].reactions[0].own, "our reaction")
    wait(lambda: history(alice, room)[0].edit_state is MessageState.SENT, "it has arrived")
    archived = heard.find("{urn:xmpp:reactions:0}reactions").get("id")
    carol.says(
        room, f"<reactions xmlns='urn:xmpp:reactions:0' id='{archived}'><reaction>👍</reaction></reactions>", "m3"
    )
    wait(lambda: history(alice, room)[0].reactions[0].senders == [f"{room}/carol"], "carol's reaction")
    carol.says(room, f"<retract xmlns='urn:xmpp:message-retract:1' id='{archived}'/>", "m4")
    wait(lambda: history(alice, room)[0].retracted, "it is taken back")
    assert len(history(alice, room)) == 1


def test_ours_is_corrected_and_taken_back_there(alice, carol, room):
    carol.enter(room)
    id = run(alice.messages.send(room, "Helo"))
    wait(lambda: history(alice, room)[0].state is MessageState.DELIVERED, "the room has it")
    run(alice.correction.correct(id, "Hello"))
    carol.expect(lambda stanza: stanza.find("{urn:xmpp:message-correct:0}replace") is not None)
    run(alice.retraction.retract(id))
    carol.expect(lambda stanza: stanza.find("{urn:xmpp:message-retract:1}retract") is not None)
    wait(lambda: history(alice, room)[0].edit_state is MessageState.SENT, "it has arrived")
    assert [each.retracted for each in history(alice, room)] == [True]


def test_moderating(alice, bob, carol, room, world):
    run(bob.rooms.join(room, "bob"))
    carol.enter(room)
    run(alice.rooms.kick(room, "carol", "rude"))
    wait(lambda: "carol" not in nicks(bob, room), "carol is out")
    run(alice.rooms.set_affiliation(room, JID(world.jid("bob")), Affiliation.MEMBER))
    wait(lambda: find(bob, room).affiliation is Affiliation.MEMBER, "bob is a member")
    run(alice.rooms.set_configuration(room, {"muc#roomconfig_moderatedroom": "1"}))
    wait(lambda: find(bob, room).moderated, "the room is moderated")
    run(alice.rooms.set_role(room, "bob", Role.VISITOR))
    wait(lambda: find(bob, room).role is Role.VISITOR, "bob may not speak")
    id = run(bob.messages.send(room, "silenced"))
    wait(lambda: run(bob.messages.get_message(id)).state is MessageState.FAILED, "he is refused")
    assert run(bob.messages.get_message(id)).error
    with pytest.raises(PeerError):
        run(bob.rooms.ban(room, JID(world.jid("alice"))))
    run(alice.rooms.ban(room, JID(world.jid("bob")), "spam"))
    wait(lambda: find(bob, room).state is RoomState.LEFT, "bob is out")
    assert "spam" in find(bob, room).error
    listed = {each.jid: each.affiliation for each in run(alice.rooms.get_affiliations(room))}
    assert listed == {world.jid("alice"): Affiliation.OWNER, world.jid("bob"): Affiliation.OUTCAST}
    run(bob.rooms.leave(room))
    with pytest.raises(RoomBanned):
        run(bob.rooms.join(room, "bob"))
    assert find(bob, room) is None


def test_doors(alice, bob, room, world):
    run(alice.rooms.set_configuration(room, {"muc#roomconfig_roomsecret": "open sesame"}))
    with pytest.raises(RoomPasswordWrong):
        run(bob.rooms.join(room, "bob", Secret("sesame")))
    run(bob.rooms.join(room, "bob", Secret("open sesame")))
    run(bob.rooms.leave(room))
    run(alice.rooms.set_configuration(room, {"muc#roomconfig_roomsecret": "", "muc#roomconfig_membersonly": "1"}))
    with pytest.raises(RoomMembersOnly):
        run(bob.rooms.join(room, "bob"))
    run(alice.rooms.invite(room, JID(world.jid("bob")), "come"))
    wait(lambda: room in {each.room for each in run(bob.rooms.get_invitations())}, "the invitation")
    assert run(bob.rooms.join(room, "bob")).private
    assert room not in {each.room for each in run(bob.rooms.get_invitations())}
    run(bob.rooms.leave(room))


def test_finding_making_and_ending(alice, bob, world):
    service = JID(world.prosody.rooms)
    jid = JID(f"garden@{service}")
    with pytest.raises(NotFound):
        run(bob.rooms.join(jid))
    run(alice.rooms.create(jid, "", {NAMED: "The garden", "muc#roomconfig_publicroom": "1"}))
    assert run(bob.rooms.get_services()) == [service]
    assert [(each.jid, each.name) for each in run(bob.rooms.get_public_rooms())] == [(jid, "The garden")]
    assert run(bob.rooms.search("GARDEN")) == FoundRooms(
        JID(jid.domain), run(bob.rooms.get_public_rooms()), listed=True
    )
    assert run(bob.rooms.search("orchard")).rooms == []
    with pytest.raises(Conflict):
        run(bob.rooms.create(jid))
    form = run(alice.rooms.get_configuration(jid))
    assert next(each.values for each in form.fields if each.name == NAMED) == ["The garden"]
    assert run(bob.rooms.join(jid)).name == "The garden"
    private = run(alice.rooms.create(JID(f"attic@{service}"), private=True))
    assert (private.private, private.hidden, private.anonymous) == (True, True, False)
    with pytest.raises(RoomMembersOnly):
        run(bob.rooms.join(private.jid))
    run(alice.rooms.destroy(private.jid))
    run(alice.rooms.leave(private.jid))
    run(alice.rooms.destroy(jid, "winter", JID(f"house@{service}")))
    wait(lambda: find(bob, jid).state is RoomState.LEFT, "it is over")
    assert "winter" in find(bob, jid).error
    run(bob.rooms.leave(jid))
    run(alice.rooms.leave(jid))


def test_after_the_daemon_was_away_nothing_is_missing_and_nothing_twice(world, alice, carol, room):
    carol.enter(room)
    carol.says(room, "<body>heard</body>", "b0")
    wait(lambda: bodies(alice, room) == ["heard"], "it is heard live")
    run(alice.messages.send(room, "ours"))
    wait(lambda: history(alice, room)[-1].state is MessageState.DELIVERED, "ours is there")
    world.daemon.stop()
    for number in range(120):  # more than the room tells in a page
        carol.says(room, f"<body>missed {number}</body>", f"b1{number}")
    world.daemon.start()
    again = world.bridge().profile("alice")
    expected = ["heard", "ours", *(f"missed {number}" for number in range(120))]
    wait(lambda: len(bodies(again, room)) >= len(expected), "they are caught up")
    assert bodies(again, room) == expected
    assert {each.state for each in history(again, room)[2:]} == {MessageState.UNREAD}
    assert history(again, room)[1].outgoing
    wait(lambda: find(again, room).state is RoomState.JOINED, "we are in again")


def test_after_the_server_was_restarted_we_are_in_again(world, alice, bob, room):
    profile = world.bridge().profile("alice")
    run(profile.messages.send(room, "before"))
    wait(lambda: history(profile, room)[-1].state is MessageState.DELIVERED, "it is there")
    world.prosody.stop()
    run(profile.messages.send(room, "while it was away"))
    world.prosody.start()
    wait(lambda: history(profile, room)[-1].state is MessageState.DELIVERED, "what waited has left")
    assert find(profile, room).state is RoomState.JOINED
    assert bodies(profile, room) == ["before", "while it was away"]
    wait(lambda: is_online(bob), "bob is online again, too")


def test_who_is_named_in_a_room_hears_of_it(alice, bob, carol, room):
    def newest(profile):
        return [each for each in run(profile.messages.get_history(room)) if each.body][-1:]

    run(bob.rooms.join(room, "bob"))
    carol.enter(room)
    assert until(lambda: len(run(alice.rooms.get_occupants(room))) == 3, 20)
    run(alice.messages.send(room, "ask @Bob"))
    assert until(lambda: [each.body for each in newest(bob)] == ["ask @Bob"], 20)
    (named,) = newest(bob)[0].extra.mentions
    assert (named.begin, named.end, named.jid, named.own) == (5, 8, room.with_resource("bob"), True)
    reference = f"<reference xmlns='urn:xmpp:reference:0' type='mention' begin='0' end='3' uri='xmpp:{room}/bob'/>"
    carol.says(room, f"<body>you there</body>{reference}", "c1")
    assert until(lambda: [each.body for each in newest(bob)] == ["you there"], 20)
    assert newest(bob)[0].mention
    assert until(lambda: [each.mention for each in newest(alice)] == [False], 20)


def test_a_service_is_asked_for_rooms_page_by_page(alice, carol):
    """carol's program stands for the service: any address may be one."""
    pages = {None: ("balcony", "1"), "1": ("garden", "2"), "2": ("", "")}
    asked: list[str] = []

    def serve() -> None:
        for _ in pages:
            stanza = carol.expect(lambda each: each.find(f"{{{SEARCH}}}search") is not None)
            asked.extend(value.text or "" for value in stanza.iter("{jabber:x:data}value"))
            name, last = pages[stanza.findtext(f".//{{{RSM}}}after")]
            item = f"<item address='{name}@far.example'><name>{name}</name><nusers>2</nusers></item>" if name else ""
            page = f"<set xmlns='{RSM}'><last>{last}</last></set>" if last else ""
            answer = f"<result xmlns='{SEARCH}'>{item}{page}</result>"
            carol.send(f"<iq type='result' id='{stanza.get('id')}' to='{stanza.get('from')}'>{answer}</iq>")

    service = Thread(target=serve)
    service.start()
    found, more = [], ""
    for _ in pages:
        page = run(alice.rooms.search("a play", JID(carol.jid), more))
        found, more = found + page.rooms, page.more
    service.join(15)
    assert [(each.jid, each.occupants) for each in found] == [("balcony@far.example", 2), ("garden@far.example", 2)]
    assert (more, asked.count("a play")) == ("", 3)


def test_a_visitor_asks_to_write_and_is_let(alice, bob, room, carol):
    run(alice.rooms.set_configuration(room, {"muc#roomconfig_moderatedroom": "1"}))
    carol.enter(room)
    run(bob.rooms.join(room, "bob"))

    def role(nick: str) -> Role:
        return next(each.role for each in run(alice.rooms.get_occupants(room)) if each.nick == nick)

    run(alice.rooms.set_role(room, "carol", Role.VISITOR))
    run(alice.rooms.set_role(room, "bob", Role.VISITOR))
    wait(lambda: (role("carol"), role("bob"), find(bob, room).role) == (Role.VISITOR,) * 3, "both only read")
    run(bob.rooms.ask_voice(room))
    wait(lambda: run(alice.rooms.get_voice_requests()), "alice is asked")
    (asked,) = run(alice.rooms.get_voice_requests())
    assert (asked.room, asked.nick, asked.jid.bare) == (room, "bob", "bob@localhost")
    run(alice.rooms.answer_voice(asked.number, True))
    wait(lambda: find(bob, room).role is Role.PARTICIPANT, "bob may write")
    assert role("carol") is Role.VISITOR
    run(bob.rooms.leave(room))
