"""Rooms with the real daemon, bus and server: from a browser and from a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.chromium import PATIENCE, live
from support.stage import log_in, primitivus

from sat.api import JID
from sat.plugins.rooms.api import RoomState
from sat.world import World
from sat.world.demo import Libervia
from sat.world.people import run

SETTINGS = {"muc#roomconfig_persistentroom": "1", "muc#roomconfig_publicroom": "1"}


@pytest.fixture(scope="module")
def bob(world: World):
    for person in ("alice", "bob"):
        world.enter_profile(person)
    return world.bridge().profile("bob")


@pytest.fixture
def room(world: World, bob, request) -> Iterator[JID]:
    """A room of bob's own, named after the test."""
    jid = JID(f"{request.node.name.replace('_', '-')[:30]}@{world.prosody.rooms}")
    run(bob.rooms.create(jid, "bob", SETTINGS))
    run(bob.rooms.set_subject(jid, "Roses"))
    run(bob.messages.send(jid, "what light"))
    yield jid
    run(bob.rooms.destroy(jid))


@pytest.fixture
def page(world: World, bob, chromium: Browser) -> Iterator[Page]:
    """Alice is logged in on the web."""
    server = Libervia(world)
    server.start()
    context = chromium.new_context(viewport={"width": 1440, "height": 800})
    context.set_default_timeout(PATIENCE)
    yield log_in(context.new_page(), server.url, world.jid("alice"), "/rooms?service=")
    context.close()
    server.stop()


def test_from_the_browser(bob, room: JID, page: Page):
    page.get_by_role("button", name=f"Join {room.local}").click()
    page.wait_for_url(f"**/chat/{room}#end")
    live(page)
    there = page.get_by_role("complementary", name="Who is in the room")
    expect(there).to_contain_text("bob owner")
    expect(page.locator("#peer")).to_contain_text("Roses")
    expect(page.locator("#messages .body").last).to_have_text("what light")
    run(bob.rooms.set_nick(room, "Robert"))
    expect(page.locator(".passage")).to_have_text("bob is called Robert now")
    expect(there).to_contain_text("Robert owner")
    page.goto(page.url.replace("/chat/", "/room/"))
    page.get_by_label("Topic").fill("Thorns")
    page.get_by_role("button", name="Change the topic").click()
    expect(page.get_by_role("alert")).to_contain_text("allowed")
    run(bob.rooms.kick(room, "alice", "enough"))
    page.goto(page.url.replace("/room/", "/chat/"))
    expect(page.locator("#peer")).to_contain_text("You were put out of the room")
    page.goto(page.url.replace(f"/chat/{room}", "/rooms"))
    page.get_by_role("button", name=f"Leave {room.local}").click()
    expect(page.get_by_role("status")).to_contain_text(f"You have left {room.local}.")


def test_from_the_terminal(world: World, bob, room: JID):
    alice = world.bridge().profile("alice")
    with primitivus(world.env, "-p", "alice", columns=120, rows=30) as terminal:
        terminal.shows("No conversation is open.")
        run(bob.rooms.invite(room, JID(world.jid("alice")), "come"))
        terminal.shows("1 invitation (Alt-q)")
        terminal.press("M-q")
        terminal.shows("< Join >")
        terminal.press("Enter")
        terminal.wait(lambda text: "● bob owner" in text and "what light" in text and "< Join >" not in text)
        run(bob.rooms.set_nick(room, "Robert"))
        terminal.shows("bob is called Robert now")
        terminal.press("/kick Robert no", "Enter")
        terminal.wait(lambda text: "allowed" in text)
        terminal.press("C-u", "F3")
        terminal.type("rob")
        terminal.press("Enter")
        terminal.shows("Robert (")
        terminal.press("psst", "Enter")
        terminal.wait(lambda text: any("psst" in line and "✓" in line for line in text.splitlines()))
        assert [each.body for each in run(bob.messages.get_history(room.with_resource("alice")))] == ["psst"]
        terminal.press("/leave", "Enter")
        terminal.shows("You have left")
        assert all(each.state is not RoomState.JOINED for each in run(alice.rooms.get_rooms()))
