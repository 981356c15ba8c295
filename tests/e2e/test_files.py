"""A picture, from a file of one person to the screens of the other: everything real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.chromium import GIVE, PATIENCE, live
from support.pictures import png
from support.stage import go_to, jp, log_in, primitivus

from sat.world import World
from sat.world.demo import Libervia


@pytest.fixture(scope="module")
def libervia(world: World) -> Iterator[Libervia]:
    for person in ("alice", "bob"):
        world.enter_profile(person)
    server = Libervia(world)
    server.start()
    yield server
    server.stop()


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
