"""Converse.js 14 and our daemon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from interop.converse import converse, open_chat
from interop.table import BOTH, TO_THEM, exchanged
from playwright.sync_api import Browser, Locator, Page, expect
from support.talk import faults, is_online, wait

from sat.api import JID
from sat.api.messages import Message, MessageState
from sat.world import Options, World
from sat.world.people import run
from sat.world.prosody import MODULES

CLIENT = "converse"
ALICE, BOB = "alice@localhost", JID("bob@localhost")


@pytest.fixture(scope="module")
def web_world() -> Iterator[World]:
    with World(replace(Options(), modules=MODULES | {"websocket"})) as world:
        world.enter_profile("alice")
        yield world
        assert not faults(world.daemon)


@pytest.fixture(scope="module")
def alice(web_world: World) -> Any:
    alice = web_world.bridge().profile("alice")
    wait(lambda: is_online(alice), "alice is online")
    run(alice.messages.send(BOB, "before you came"))
    return alice


@pytest.fixture(scope="module")
def page(web_world: World, alice: Any, chromium: Browser) -> Iterator[Page]:
    """Converse.js with bob's account, in the chat with alice."""
    with converse(web_world, chromium, "bob") as page:
        open_chat(page, ALICE)
        yield page


def said(page: Page, text: str) -> Locator:
    return page.locator(".chat-msg__text", has_text=text)


def enter(page: Page, text: str, box: str = "converse-chat") -> None:
    area = page.locator(f"{box} textarea.chat-textarea")
    area.fill(text)
    area.press("Enter")


def heard(alice: Any, peer: JID, body: str) -> Message:
    def newest() -> list[Message]:
        return run(alice.messages.get_history(peer))[-1:]

    wait(lambda: [each.body for each in newest()] == [body], f"{body} is heard")
    return newest()[0]


@exchanged(TO_THEM, "Archive (0313)")
def test_archive(page: Page) -> None:
    expect(said(page, "before you came")).to_be_visible()


@exchanged(BOTH, "Messages (RFC 6121)", "Delivery receipts (0184)")
def test_messages_and_receipts(alice: Any, page: Page) -> None:
    id = run(alice.messages.send(BOB, "soft! <b>&</b> é ☕"))
    expect(said(page, "soft! <b>&</b> é ☕")).to_be_visible()
    arrived = (MessageState.DELIVERED, MessageState.DISPLAYED)
    wait(lambda: run(alice.messages.get_message(id)).state in arrived, "its receipt is understood")
    enter(page, "ay me <&>")
    assert heard(alice, BOB, "ay me <&>").state is MessageState.UNREAD
    mine = page.locator("converse-chat-message", has_text="ay me <&>")
    expect(mine.locator(".chat-msg__receipt")).to_be_visible()


@exchanged(BOTH, "Corrections (0308)")
def test_corrections(alice: Any, page: Page) -> None:
    id = run(alice.messages.send(BOB, "helo everyone"))
    expect(said(page, "helo everyone")).to_be_visible()
    run(alice.correction.correct(id, "greetings everyone"))
    expect(said(page, "greetings everyone")).to_be_visible()
    expect(said(page, "helo everyone")).to_have_count(0)
    enter(page, "wrld")
    message = heard(alice, BOB, "wrld")
    area = page.locator("converse-chat textarea.chat-textarea")
    area.press("ArrowUp")
    expect(area).to_have_value("wrld")
    enter(page, "world")
    wait(lambda: run(alice.messages.get_message(message.id)).body == "world", "it is corrected")


def act(page: Page, text: str, action: str) -> Locator:
    """Choose what is done with a message, in its menu; the message."""
    message = page.locator("converse-chat-message", has_text=text).last
    message.hover()
    message.locator(".chat-msg__actions button").first.click()
    message.locator(f".chat-msg__action-{action}").click()
    return message


@exchanged(BOTH, "Retractions (0424)")
def test_retractions(alice: Any, page: Page) -> None:
    id = run(alice.messages.send(BOB, "wrong window"))
    expect(said(page, "wrong window")).to_be_visible()
    run(alice.retraction.retract(id))
    expect(said(page, "wrong window")).to_have_count(0)
    expect(page.locator(".retraction").last).to_be_visible()
    enter(page, "not for you")
    message = heard(alice, BOB, "not for you")
    act(page, "not for you", "retract")
    page.locator(".modal.show button.btn-primary").click()
    wait(lambda: run(alice.messages.get_message(message.id)).retracted, "it is taken back")
    assert run(alice.messages.get_message(message.id)).body == ""


@exchanged(BOTH, "Reactions (0444)", "Replies (0461, 0428)")
def test_reactions_and_replies(alice: Any, page: Page) -> None:
    enter(page, "cake or pie?")
    message = heard(alice, BOB, "cake or pie?")
    run(alice.reactions.react(message.id, ["🎂"]))
    expect(page.locator("converse-chat-message", has_text="cake or pie?").first).to_contain_text("🎂")
    run(alice.messages.send(BOB, "pie of course", reply=message.id))
    expect(said(page, "pie of course")).to_be_visible()
    asked = run(alice.messages.send(BOB, "with cream?"))
    expect(said(page, "with cream?")).to_be_visible()
    emoji = act(page, "with cream?", "reaction").locator("converse-reaction-picker")
    emoji.get_by_role("button").first.click()
    wait(lambda: run(alice.messages.get_message(asked)).reactions, "it is reacted to")
    (reaction,) = run(alice.messages.get_message(asked)).reactions
    assert (reaction.senders, reaction.own) == ([BOB], False)
    act(page, "with cream?", "reply")
    enter(page, "with a lot of it")
    answer = heard(alice, BOB, "with a lot of it")
    assert (answer.reply, answer.quote) == (asked, "with cream?")


@exchanged(BOTH, "Rooms (0045): messages")
def test_rooms(web_world: World, alice: Any, page: Page) -> None:
    room = JID(f"balcony@{web_world.server.rooms}")
    run(alice.rooms.create(room, "alice"))
    page.evaluate("jid => api.rooms.open(jid, {nick: 'bob'}, true)", room)
    wait(lambda: {each.nick for each in run(alice.rooms.get_occupants(room))} == {"alice", "bob"}, "bob is in")
    run(alice.messages.send(room, "good morning"))
    expect(said(page, "good morning")).to_be_visible()
    enter(page, "hello alice", "converse-muc")
    assert heard(alice, room, "hello alice").sender == f"{room}/bob"
