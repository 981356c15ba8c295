"""poezio and our daemon. Version 0.14 knows neither replies, reactions, retractions nor spoilers: what is tested of
these is that what we send is readable there, and that a reaction, which has no text, shows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from interop.table import BOTH, TO_THEM, exchanged
from interop.terminals import poezio
from support.talk import faults, is_online, wait
from support.tmux import Terminal

from sat.api import JID
from sat.api.messages import Message, MessageState
from sat.world import World
from sat.world.people import run

CLIENT = "poezio"
ALICE, BOB = "alice@localhost", JID("bob@localhost")


@pytest.fixture(scope="module")
def alice(world: World) -> Any:
    world.enter_profile("alice")
    alice = world.bridge().profile("alice")
    wait(lambda: is_online(alice), "alice is online")
    yield alice
    assert not faults(world.daemon)


@pytest.fixture(scope="module")
def screen(world: World, alice: Any) -> Iterator[Terminal]:
    """poezio, with bob's account, in the window of alice."""
    with poezio(world, "bob") as screen:
        wait(lambda: any(each.jid.bare == BOB for each in run(alice.presence.get_presences())), "bob is there")
        screen.shows("Your JID is")
        screen.press("/")  # the roster takes a key at a time
        screen.wait(lambda text: text.rstrip().endswith("/"))
        enter(screen, f"message {ALICE}")
        screen.wait(lambda text: "1.Alice" in text)
        yield screen


def enter(screen: Terminal, text: str) -> None:
    screen.type(text)
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
def test_what_it_does_not_know_is_readable(alice: Any, screen: Terminal) -> None:
    enter(screen, "cake or pie?")
    message = heard(alice, BOB, "cake or pie?")
    run(alice.messages.send(BOB, "*pie* of course", reply=message.id))
    screen.tells("> cake or pie?")
    screen.tells("*pie* of course")
    run(alice.reactions.react(message.id, ["👍"]))
    id = told(alice, screen, "wrong window")
    assert "👍" not in screen.text
    run(alice.retraction.retract(id))
    screen.shows("retracted a message, which your program")


@exchanged(BOTH, "Rooms (0045): messages")
def test_rooms(world: World, alice: Any, screen: Terminal) -> None:
    room = JID(f"balcony@{world.prosody.rooms}")
    run(alice.rooms.create(room, "alice"))
    enter(screen, f"/join {room}/bob")
    wait(lambda: {each.nick for each in run(alice.rooms.get_occupants(room))} == {"alice", "bob"}, "bob is in")
    run(alice.rooms.set_subject(room, "tea and cake"))
    screen.tells("tea and cake")
    run(alice.messages.send(room, "good morning"))
    screen.tells("good morning")
    enter(screen, "hello alice")
    assert heard(alice, room, "hello alice").sender == f"{room}/bob"
