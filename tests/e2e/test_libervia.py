"""libervia with the real daemon, bus and server: one conversation from a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.chromium import PATIENCE, live
from support.stage import log_in

from sat.api import JID
from sat.world import World
from sat.world.demo import Libervia
from sat.world.people import run


@pytest.fixture
def page(libervia: Libervia, world: World, chromium: Browser) -> Iterator[Page]:
    """Alice's conversation with Bob, live."""
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    page = log_in(context.new_page(), libervia.url, world.jid("alice"), f"/chat/{world.jid('bob')}")
    yield live(page)
    context.close()


def test_a_conversation_lives(page: Page, world: World):
    bob = world.bridge().profile("bob")
    alice = JID(world.jid("alice"))
    run(bob.messages.send(alice, "salut <b>à</b> toi"))
    expect(page.locator("#messages li.m").last).to_contain_text("salut <b>à</b> toi")
    page.get_by_role("textbox").fill("salut, bob")
    page.keyboard.press("Enter")
    expect(page.locator("#messages li.m").last.locator(".mark")).to_contain_text("delivered")
    run(bob.chat_states.set_typing(alice, True))
    expect(page.locator("#typing")).to_contain_text("is typing")
    assert [each.body for each in run(bob.messages.get_history(alice))] == ["salut <b>à</b> toi", "salut, bob"]


def test_daemon_that_is_started_again_is_found(page: Page, world: World):
    world.daemon.stop()
    expect(page.locator("#banner")).to_contain_text("The daemon sat is not running.")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("heading", level=1)).to_contain_text("The daemon sat is not running.")
    world.daemon.start()
    expect(page.locator("#banner")).to_be_hidden()
    expect(page.locator("[data-topic=status]")).to_contain_text(re.compile("^online"))
    page.get_by_role("textbox").fill("still here")
    page.keyboard.press("Enter")
    expect(page.locator("#messages li.m").last.locator(".mark")).to_contain_text(re.compile("✓"))


def test_account_is_created_on_the_server(page: Page, libervia: Libervia, world: World):
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(f"{libervia.url}/")
    page.goto(f"{libervia.url}/register")
    page.get_by_label("Server").fill(world.domain)
    page.get_by_text("The server is somewhere else").click()
    page.get_by_label("Host").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(world.prosody.port))
    page.get_by_role("button", name="Go on").click()
    page.get_by_label(re.compile("user|name", re.IGNORECASE)).first.fill("dave")
    page.get_by_label(re.compile("password", re.IGNORECASE)).fill(f"pass-{os.getpid()}")
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/chat")
    expect(page.locator("[data-topic=status]")).to_contain_text(f"dave@{world.domain}")
