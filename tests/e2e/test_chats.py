"""What goes with a text, on real screens; and what is begun in one frontend and sent from another."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.chromium import live
from support.peer import Peer
from support.stage import go_to, jp, log_in, primitivus
from support.tmux import Terminal

from sat.world import PASSWORD, World
from sat.world.demo import Libervia


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        for person in ("alice", "bob"):
            world.enter_profile(person)
        yield world
        assert "Traceback" not in world.daemon.log.read_text()


@pytest.fixture(scope="module")
def page(chromium: Browser, world: World) -> Iterator[Page]:
    """Alice's page, in no conversation."""
    with Libervia(world) as libervia:
        context = chromium.new_context()
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield live(log_in(page, libervia.url, world.jid("alice")))
        assert faults == []
        context.close()


@pytest.fixture(scope="module")
def console(world: World) -> Iterator[Terminal]:
    """Alice's conversation with bob."""
    with primitivus(world.env, "-p", "alice") as terminal:
        terminal.shows("Friends (1/1)")
        go_to(terminal, "bob")
        yield terminal


def sends(world: World, *words: str) -> None:
    done = jp(world.environment(), "-p", "bob", "message", *words)
    assert (done.code, done.err) == (0, "")


def test_what_is_begun_in_the_console_is_sent_from_the_page(world: World, console: Terminal, page: Page):
    console.type("begun in a console")
    contact = page.locator(".contact", has_text="Bob")
    expect(contact).to_contain_text("not sent yet")
    contact.click()
    body = page.get_by_label("Message to")
    expect(body).to_have_value("begun in a console")
    body.press("End")
    body.press_sequentially(", sent from a page")
    page.keyboard.press("Enter")
    console.shows("begun in a console, sent from a page")
    console.wait(lambda text: text.splitlines()[-1].strip() == "›")
    assert jp(world.environment(), "-p", "alice", "message", "draft").out == ""


def test_styles_spoilers_and_attention_look_so(world: World, console: Terminal, page: Page):
    sends(world, "send", "alice", "*strong* and _so_\n> said\n```\nx = *1*\n```")
    sends(world, "send", "alice", "--unstyled", "2 *3* 4")
    sends(world, "send", "alice", "/me waves")
    sends(world, "send", "alice", "--spoiler", "how it ends", "They both die.")
    sends(world, "attention", "alice")
    console.shows("Bob wants your attention.")
    console.shows("* Bob waves")
    console.shows("Spoiler: how it ends")
    assert "They both die." not in console.text
    rows = page.locator("#messages > li.m")
    expect(rows.last).to_contain_text("Bob wants your attention.")
    expect(page.locator(".body strong")).to_have_text("*strong*")
    expect(rows.filter(has_text="2 *3* 4").locator("strong")).to_have_count(0)
    expect(page.locator(".does")).to_have_text("* Bob")
    hidden = page.get_by_text("They both die.")
    expect(hidden).to_be_hidden()
    page.get_by_text("Spoiler: how it ends").click()
    expect(hidden).to_be_visible()


def test_what_another_program_has_emphasised_is_so(world: World, console: Terminal, page: Page):
    """With XHTML beside the text (XEP-0071)."""
    with Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file, "pidgin") as bob:
        bob.send(
            f"<message to='{world.jid('alice')}' type='chat'><body>I mean now &lt;b&gt;</body>"
            "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><p>I mean "
            "<span style='font-weight: bold' onclick='alert(1)'>now</span> &lt;b&gt;</p></body></html></message>"
        )
        console.shows("I mean now <b>")
        row = page.locator("#messages > li.m", has_text="I mean now <b>")
        expect(row.locator(".body strong")).to_have_text("now")
        shown = jp(world.environment(), "-p", "alice", "message", "history", "bob", "-o", "json")
    (marks,) = [each["extra"]["marks"] for each in json.loads(shown.out) if each["body"] == "I mean now <b>"]
    assert marks == [{"begin": 7, "end": 10, "style": "strong"}]
