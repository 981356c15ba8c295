"""slixmpp and our daemon in rooms, at each kind of server."""

from __future__ import annotations

from typing import Any

import pytest
from interop.slixmpp_driver import Slixmpp
from interop.table import BOTH, TO_US, exchanged
from support.talk import faults, wait

from sat.api import JID
from sat.api.messages import Message, MessageState, Reaction
from sat.plugins.rooms.api import RoomState
from sat.world import World
from sat.world.people import run

CLIENT = "slixmpp"


@pytest.fixture(scope="module")
def room(any_world: World, alice: Any, bob: Slixmpp) -> Any:
    """A room of alice's with bob in it."""
    room = JID(f"balcony@{any_world.server.rooms}")
    fields = {"persistentroom": "1", "publicroom": "1", "roomname": "Balcony"}
    run(alice.rooms.create(room, "alice", {f"muc#roomconfig_{name}": value for name, value in fields.items()}))
    assert bob.do("join", room=str(room), nick="bob") == ["alice", "bob"]
    wait(lambda: {each.nick for each in run(alice.rooms.get_occupants(room))} == {"alice", "bob"}, "bob is in")
    yield room
    assert not faults(any_world.daemon)


def history(alice: Any, room: JID) -> list[Message]:
    return run(alice.messages.get_history(room))


def heard(alice: Any, room: JID, body: str) -> Message:
    wait(lambda: history(alice, room) and history(alice, room)[-1].body == body, f"{body} is heard")
    return history(alice, room)[-1]


def now(alice: Any, id: str) -> Message:
    return run(alice.messages.get_message(id))


@exchanged(BOTH, "Rooms (0045): messages")
def test_messages(alice: Any, bob: Slixmpp, room: JID) -> None:
    id = run(alice.messages.send(room, "good morning bob"))
    came = bob.expect(event="message", type="groupchat", body="good morning bob")
    assert came["from"] == f"{room}/alice"
    wait(lambda: now(alice, id).state is MessageState.DELIVERED, "the room has sent it to everybody")
    bob.do("say", to=room, body="hello alice", kind="groupchat")
    message = heard(alice, room, "hello alice")
    assert (message.sender, message.mention) == (f"{room}/bob", True)


@exchanged(BOTH, "Rooms (0045): subject, nick")
def test_subject_and_nick(alice: Any, bob: Slixmpp, room: JID) -> None:
    run(alice.rooms.set_subject(room, "tea"))
    bob.expect(event="message", type="groupchat", subject="tea")
    bob.do("nick", room=str(room), nick="robert")
    wait(lambda: {each.nick for each in run(alice.rooms.get_occupants(room))} == {"alice", "robert"}, "bob is robert")
    run(alice.rooms.set_nick(room, "alicia"))
    wait(lambda: bob.do("occupants", room=str(room)) == ["alicia", "robert"], "alice is alicia")
    bob.do("nick", room=str(room), nick="bob")
    run(alice.rooms.set_nick(room, "alice"))
    wait(lambda: {each.nick for each in run(alice.rooms.get_occupants(room))} == {"alice", "bob"}, "as before")


@exchanged(BOTH, "Rooms: private messages")
def test_private_messages(alice: Any, bob: Slixmpp, room: JID) -> None:
    run(alice.messages.send(room.with_resource("bob"), "psst"))
    assert bob.expect(event="message", type="chat", body="psst")["from"] == f"{room}/alice"
    bob.do("say", to=f"{room}/alice", body="what?")
    heard(alice, room.with_resource("bob"), "what?")


@exchanged(BOTH, "Rooms: corrections, reactions, retractions")
def test_changes(alice: Any, bob: Slixmpp, room: JID) -> None:
    id = run(alice.messages.send(room, "helo"))
    came = bob.expect(event="message", type="groupchat", body="helo")
    wait(lambda: now(alice, id).state is MessageState.DELIVERED, "it is there")
    bob.do("react", to=room, id=came["stanza_id"], emojis=["👋"], kind="groupchat")
    wait(lambda: now(alice, id).reactions == [Reaction("👋", [room.with_resource("bob")])], "alice sees it")
    run(alice.correction.correct(id, "hello"))
    assert bob.expect(event="message", replaces=came["id"])["body"] == "hello"
    run(alice.retraction.retract(id))
    bob.expect(event="message", retracts=came["stanza_id"])
    theirs = bob.do("say", to=room, body="wrld", kind="groupchat")
    message = heard(alice, room, "wrld")
    bob.do("correct", to=room, id=theirs, body="world", kind="groupchat")
    wait(lambda: now(alice, message.id).body == "world", "it is corrected")
    own = bob.expect(event="message", type="groupchat", body="wrld")["stanza_id"]
    run(alice.reactions.react(message.id, ["🌍"]))
    bob.expect(event="message", reacts=own, emojis=("🌍",))
    bob.do("retract", to=room, id=own, kind="groupchat")
    wait(lambda: now(alice, message.id).retracted, "it is gone")


@exchanged(BOTH, "Rooms: replies")
def test_replies(alice: Any, bob: Slixmpp, room: JID) -> None:
    bob.do("say", to=room, body="who comes?", kind="groupchat")
    message = heard(alice, room, "who comes?")
    own = bob.expect(event="message", type="groupchat", body="who comes?")["stanza_id"]
    id = run(alice.messages.send(room, "me", reply=message.id))
    came = bob.expect(event="message", answers=own)
    assert (came["text"], came["author"]) == ("me", f"{room}/bob")
    bob.do("reply", to=room, author=f"{room}/alice", id=came["stanza_id"], quote="me", body="good", kind="groupchat")
    answer = heard(alice, room, "good")
    assert (answer.reply, answer.quote) == (id, "me")


@exchanged(BOTH, "Rooms: archive (0313)")
def test_archive(alice: Any, bob: Slixmpp, room: JID) -> None:
    run(alice.profile.disconnect())
    for number in range(3):
        bob.do("say", to=room, body=f"missed {number}", kind="groupchat")
    run(alice.profile.connect())
    wait(lambda: [each.body for each in history(alice, room)][-3:] == [f"missed {n}" for n in range(3)], "caught up")
    wait(lambda: run(alice.rooms.get_rooms())[0].state is RoomState.JOINED, "she is in again")
    run(alice.messages.send(room, "kept"))
    bob.expect(event="message", type="groupchat", body="kept")
    assert bob.do("archive", room=str(room))[-1]["body"] == "kept"


@exchanged(TO_US, "Rooms: invitations (0249)")
def test_invitations(any_world: World, alice: Any, bob: Slixmpp, room: JID) -> None:
    garden = f"garden@{any_world.server.rooms}"
    bob.do("invite", room=garden, jid="alice@localhost", reason="come")
    wait(lambda: run(alice.rooms.get_invitations()), "she is invited")
    (invitation,) = run(alice.rooms.get_invitations())
    assert (invitation.room, invitation.sender.bare, invitation.reason) == (garden, "bob@localhost", "come")
    run(alice.rooms.decline(invitation.room))


def test_settings_of_a_room(alice: Any, room: JID) -> None:
    """What the server itself answers: its form, and who belongs to the room."""
    run(alice.rooms.set_configuration(room, {"muc#roomconfig_roomname": "The balcony"}))
    wait(lambda: run(alice.rooms.get_rooms())[0].name == "The balcony", "it is called so")
    assert (room, "The balcony") in [
        (each.jid, each.name.partition(" (")[0]) for each in run(alice.rooms.get_public_rooms())
    ]
    assert "alice@localhost" in {each.jid for each in run(alice.rooms.get_affiliations(room))}
