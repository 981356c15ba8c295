"""What is exchanged with a client in a terminal: its own module says how that one is used, and takes these tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from interop.table import BOTH, TO_THEM, exchanged
from support.talk import wait
from support.tmux import Terminal

from sat.api import JID
from sat.api.messages import Message, MessageState
from sat.world import World
from sat.world.people import run

ALICE, BOB = "alice@localhost", JID("bob@localhost")


class Client(NamedTuple):
    """How a client is used: the command that enters a ``room`` as bob, and what waits until its screen tells that a
    message was taken back."""

    join: str
    tells_of_retraction: Callable[[Terminal], object]


def bob_is_there(alice: Any) -> None:
    wait(lambda: any(each.jid.bare == BOB for each in run(alice.presence.get_presences())), "bob is there")


def enter(screen: Terminal, text: str) -> None:
    """Type it, and Enter when it is there: poezio takes an Enter that comes with other keys for a pasted one."""
    screen.type(text)
    screen.wait(lambda seen: text[-20:] in seen)
    screen.press("Enter")


def heard(alice: Any, peer: JID, body: str) -> Message:
    def newest() -> list[Message]:
        return run(alice.messages.get_history(peer))[-1:]

    wait(lambda: [each.body for each in newest()] == [body], f"{body} is heard")
    return newest()[0]


def told(alice: Any, screen: Terminal, body: str) -> str:
    id = run(alice.messages.send(BOB, body))
    screen.tells(body)
    return id


@exchanged(BOTH, "Messages (RFC 6121)", "Delivery receipts (0184)")
def test_messages_and_receipts(alice: Any, screen: Terminal) -> None:
    id = told(alice, screen, "soft! <b>&</b> é")
    wait(lambda: run(alice.messages.get_message(id)).state is MessageState.DELIVERED, "its receipt is understood")
    enter(screen, "ay me <&>")
    assert heard(alice, BOB, "ay me <&>").state is MessageState.UNREAD


@exchanged(BOTH, "Corrections (0308)")
def test_corrections(alice: Any, screen: Terminal) -> None:
    enter(screen, "wrld")
    message = heard(alice, BOB, "wrld")
    enter(screen, "/correct world")
    wait(lambda: run(alice.messages.get_message(message.id)).body == "world", "it is corrected")
    id = told(alice, screen, "helo everyone")
    run(alice.correction.correct(id, "greetings everyone"))
    screen.tells("greetings everyone")
    screen.wait(lambda text: "helo everyone" not in text)


@exchanged(TO_THEM, "Replies (0461, 0428)", "Retractions (0424)")
def test_readable_where_it_is_not_known(alice: Any, screen: Terminal, client: Client) -> None:
    enter(screen, "cake or pie?")
    message = heard(alice, BOB, "cake or pie?")
    run(alice.messages.send(BOB, "*pie* of course", reply=message.id))
    screen.tells("> cake or pie?")
    screen.tells("*pie* of course")
    run(alice.reactions.react(message.id, ["👍"]))
    id = told(alice, screen, "wrong window")
    assert "👍" not in screen.text
    run(alice.retraction.retract(id))
    client.tells_of_retraction(screen)


@exchanged(BOTH, "Rooms (0045): messages")
def test_rooms(world: World, alice: Any, screen: Terminal, client: Client) -> None:
    room = JID(f"balcony@{world.prosody.rooms}")
    run(alice.rooms.create(room, "alice"))
    enter(screen, client.join.format(room=room))
    wait(lambda: {each.nick for each in run(alice.rooms.get_occupants(room))} == {"alice", "bob"}, "bob is in")
    run(alice.rooms.set_subject(room, "tea and cake"))
    screen.tells("tea and cake")
    run(alice.messages.send(room, "good morning"))
    screen.tells("good morning")
    enter(screen, "hello alice")
    assert heard(alice, room, "hello alice").sender == f"{room}/bob"
