"""Pictures, from a file of one person to the screens of the other, by the server and straight: everything real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from support.chromium import GIVE, PATIENCE, live
from support.pictures import png
from support.stage import go_to, jp, log_in, primitivus

from sat.api import JID
from sat.world import World
from sat.world.demo import Libervia
from sat.world.people import run


def test_a_picture_is_seen_everywhere(libervia: Libervia, world: World, chromium: Browser, tmp_path: Path) -> None:
    picture = tmp_path / "plage.png"
    picture.write_bytes(png(320, 160, (30, 120, 220)))
    env = world.environment()
    sent = jp(env, "-p", "bob", "message", "send", world.jid("alice"), "--attach", str(picture), "the beach")
    assert (sent.code, sent.err) == (0, "")

    page = log_in(chromium.new_page(), libervia.url, world.jid("alice"), f"/chat/{world.jid('bob')}")
    page.set_default_timeout(PATIENCE)
    live(page)
    image = page.get_by_alt_text("plage.png")
    expect(image).to_be_visible()
    expect(image).to_have_js_property("naturalWidth", 320)
    page.screenshot(path=str(tmp_path / "libervia.png"))

    page.get_by_text("Send a file").click()
    (tmp_path / "notes.txt").write_text("what to take along")
    page.get_by_label("File").set_input_files(tmp_path / "notes.txt")
    page.get_by_role("button", name="Send file").click()
    expect(page.get_by_role("link", name=re.compile("notes.txt 18 bytes"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("notes.txt 18 bytes")).click()
    assert download.value.suggested_filename == "notes.txt"
    assert Path(download.value.path()).read_text() == "what to take along"
    page.evaluate(GIVE, [["pasted.png"], "paste", "#body"])
    expect(page.get_by_role("link", name=re.compile("pasted.png"))).to_be_visible()
    page.evaluate(GIVE, [["one.txt", "two.txt"], "drop", "#log"])
    for name in ("one.txt", "two.txt"):
        expect(page.get_by_role("link", name=re.compile(name))).to_be_visible()
    page.close()

    with primitivus(env | {"COLORTERM": "truecolor"}, "-p", "alice", columns=100, rows=40) as terminal:
        terminal.shows("Bob")
        go_to(terminal, "bob")
        terminal.shows("▤ plage.png 320×160")
        terminal.shows("▀" * 40)
        terminal.shows("▤ notes.txt 18 bytes")
        (tmp_path / "screen.txt").write_text(terminal.text)


@pytest.fixture
def taken(world: World, libervia: Libervia, tmp_path: Path) -> Path:
    """Where what bob takes goes; alice sends to him in clear: what is encrypted has no small picture."""
    folder = tmp_path / "taken"
    run(world.bridge().profile("alice").encryption.end(JID(world.jid("bob"))))
    assert jp(world.environment(), "-p", "bob", "param", "set", "files.folder", str(folder)).code == 0
    return folder


@pytest.fixture
def pages(libervia: Libervia, world: World, chromium: Browser) -> Iterator[tuple[Page, Page]]:
    """alice's and bob's, each at the conversation with the other."""
    contexts = [chromium.new_context() for _ in range(2)]
    pages = []
    for context, who, peer in zip(contexts, ("alice", "bob"), ("bob", "alice"), strict=True):
        context.set_default_timeout(PATIENCE)
        page = log_in(context.new_page(), libervia.url, world.jid(who), f"/chat/{world.jid(peer)}")
        pages.append(live(page))
    yield pages[0], pages[1]
    for context in contexts:
        context.close()


def test_a_picture_goes_from_page_to_page_and_another_is_declined(
    pages: tuple[Page, Page], taken: Path, tmp_path: Path
) -> None:
    alice, bob = pages
    picture = tmp_path / "plage.png"
    picture.write_bytes(png(640, 320, (30, 120, 220)))
    alice.get_by_text("Send a file").click()
    alice.get_by_label("How it goes").select_option("direct")
    alice.get_by_label("File").set_input_files(picture)
    alice.get_by_role("button", name="Send file").click()
    expect(row(alice, picture.name)).to_contain_text("waiting for the other side")

    offer = row(bob, picture.name)
    expect(offer).to_contain_text("offered")
    expect(bob.locator("[data-topic=files]")).to_contain_text("1")
    small = offer.get_by_role("img", name="Small picture of plage.png")
    expect(small).to_have_js_property("naturalWidth", 128)
    offer.get_by_role("button", name=re.compile("^Take it")).click()
    expect(offer).to_contain_text("received")
    expect(offer.get_by_role("img", name="plage.png", exact=True)).to_have_js_property("naturalWidth", 640)
    expect(row(alice, picture.name)).to_contain_text("sent")
    with bob.expect_download() as download:
        offer.get_by_role("link", name=re.compile("^Download")).click()
    assert Path(download.value.path()).read_bytes() == picture.read_bytes()
    assert (taken / picture.name).read_bytes() == picture.read_bytes()

    alice.get_by_text("Send a file").click()
    alice.get_by_label("How it goes").select_option("direct")
    alice.evaluate(GIVE, [["dropped.png"], "drop", "#log"])
    offer = row(bob, "dropped.png")
    offer.get_by_role("button", name=re.compile("^Decline")).click()
    expect(offer).to_contain_text("declined")
    expect(row(alice, "dropped.png")).to_contain_text("does not want it")
    assert not (taken / "dropped.png").exists()


def row(page: Page, name: str) -> Locator:
    """A file of that name among the messages."""
    return page.locator("#messages li.person").filter(has_text=name)
