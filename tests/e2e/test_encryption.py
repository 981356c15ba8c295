"""Encryption with the real daemon, bus and server: from a terminal, and from a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.chromium import PATIENCE, live
from support.pictures import png
from support.stage import go_to, jp, log_in, primitivus

from sat.api import JID
from sat.api.messages import Trust
from sat.world import World, until
from sat.world.demo import Libervia
from sat.world.people import run

ALICE, BOB = JID("alice@localhost"), JID("bob@localhost")


@pytest.fixture(scope="module")
def people(world: World) -> World:
    for person in ("alice", "bob"):
        world.enter_profile(person)
    bridge = world.bridge()
    for name, owner in (("alice", ALICE), ("bob", BOB)):
        run(bridge.profile(name).encryption.get_keys(owner))  # makes theirs
    return world


@pytest.fixture(scope="module")
def libervia(people: World) -> Iterator[Libervia]:
    with Libervia(people) as server:
        yield server


def test_in_a_terminal(people: World):
    bridge = people.bridge()
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    with primitivus(people.env, "-p", "alice", columns=110, rows=40) as terminal:
        terminal.shows("Friends (1/1)")
        go_to(terminal, "bob")
        terminal.shows("OMEMO not compared · Alt-v compares keys")  # by itself: both have keys
        terminal.press("/encrypt off", "Enter")
        terminal.shows("not encrypted · Alt-v encrypts")
        terminal.press("M-v")
        terminal.shows("< Encrypt (OMEMO) >")
        terminal.press("Enter")
        terminal.shows("OMEMO not compared · Alt-v compares keys")
        terminal.press("only for bob", "Enter")
        terminal.shows("only for bob")
        assert until(lambda: [each.body for each in run(bob.messages.get_history(ALICE))] == ["only for bob"])
        (came,) = run(bob.messages.get_history(ALICE))
        assert (came.encrypted.method, came.encrypted.trust) == ("omemo", Trust.BLIND)
        uri = run(bob.encryption.get_uri(BOB))
        terminal.press(f"/verify {uri}", "Enter")
        terminal.shows("1 key of Bob verified.")
        terminal.shows("OMEMO verified · Alt-v shows keys")
        run(bob.messages.send(ALICE, "and only for alice"))
        terminal.wait(lambda text: any("and only for alice" in line and "🔒" in line for line in text.splitlines()))
        terminal.press("M-v")
        terminal.shows("Keys of Bob", "this program")
    assert run(alice.encryption.get(BOB)).trust is Trust.VERIFIED


def test_in_a_browser(people: World, libervia: Libervia, chromium: Browser):
    bridge = people.bridge()
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    run(bob.encryption.end(ALICE))
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    page = live(log_in(context.new_page(), libervia.url, BOB, f"/chat/{ALICE}"))
    expect(page.locator("#peer")).to_contain_text("not encrypted")
    page.get_by_role("link", name="not encrypted").click()
    expect(page.get_by_role("main")).to_contain_text("who runs it can read along")
    page.get_by_role("button", name="Encrypt with OMEMO").click()
    expect(page.get_by_role("main")).to_contain_text("is encrypted with OMEMO from now on")
    page.get_by_label("Verify an address").fill(run(alice.encryption.get_uri(ALICE)))
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("main")).to_contain_text("verified")
    page.get_by_role("link", name="To the conversation").click()
    expect(page.locator("#peer")).to_contain_text("OMEMO verified")
    page.get_by_role("textbox").fill("from the browser")
    page.keyboard.press("Enter")
    assert until(lambda: [each.body for each in run(alice.messages.get_history(BOB))][-1:] == ["from the browser"])
    assert run(alice.messages.get_history(BOB))[-1].encrypted.method == "omemo"
    expect(page.locator("#messages li.m").last).to_contain_text("encrypted with OMEMO")
    context.close()


def test_a_picture(people: World, libervia: Libervia, chromium: Browser, tmp_path: Path):
    """From a shell, a browser and a terminal; shown in the browser and the terminal, with its key in neither."""
    bridge = people.bridge()
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    run(bob.encryption.begin(ALICE))
    run(alice.encryption.begin(BOB))
    for name, colour in (("plage.png", (30, 120, 220)), ("dune.png", (220, 160, 30)), ("forêt.png", (20, 140, 40))):
        (tmp_path / name).write_bytes(png(320, 160, colour))
    sent = jp(people.environment(), "-p", "bob", "message", "send", ALICE, "--attach", str(tmp_path / "plage.png"))
    assert (sent.code, sent.err) == (0, "")

    page = live(log_in(chromium.new_page(), libervia.url, ALICE, f"/chat/{BOB}"))
    page.set_default_timeout(PATIENCE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.headers}"))
    image = page.get_by_alt_text("plage.png")
    expect(image).to_be_visible()
    expect(image).to_have_js_property("naturalWidth", 320)
    page.get_by_text("Send a file").click()
    page.get_by_label("File").set_input_files(tmp_path / "dune.png")
    page.get_by_role("button", name="Send file").click()
    expect(page.get_by_alt_text("dune.png")).to_have_js_property("naturalWidth", 320)
    page.screenshot(path=str(tmp_path / "libervia.png"))
    assert "aesgcm" not in page.content()
    assert not [each for each in asked if "aesgcm" in each or "file_share" in each]
    page.close()

    with primitivus(people.env | {"COLORTERM": "truecolor"}, "-p", "bob", columns=100, rows=60) as terminal:
        terminal.shows("Alice")
        go_to(terminal, "alice")
        terminal.shows("▤ dune.png 320×160")
        terminal.shows("▀" * 40)
        terminal.press(f"/attach {tmp_path / 'forêt.png'}", "Enter")
        terminal.shows("▤ forêt.png 320×160")
        assert "aesgcm" not in terminal.text
        (tmp_path / "screen.txt").write_text(terminal.text)
    assert until(lambda: run(alice.messages.get_history(BOB))[-1].attachments[0].name == "forêt.png")
    assert all(each.encrypted.method == "omemo" for each in run(alice.messages.get_history(BOB))[-3:])
