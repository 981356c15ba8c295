"""Posts written, kept, published and answered in a terminal: everything real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.pictures import png
from support.stage import jp, primitivus
from support.tmux import Terminal

from sat.api import JID
from sat.api.posts import Place
from sat.world import World, until
from sat.world.people import run

ALICE, BOB = JID("alice@localhost"), JID("bob@localhost")


@pytest.fixture(scope="module")
def env(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Both are there, and write with an editor that knows what to write."""
    for person in ("alice", "bob"):
        world.enter_profile(person)
    editor = tmp_path_factory.mktemp("editor") / "editor"
    editor.write_text("#!/bin/sh\nprintf -- '---\\ntitle: A walk\\ntags: verona\\n---\\nTo the *river*.\\n' > \"$1\"\n")
    editor.chmod(0o755)
    return {**world.environment(), "EDITOR": str(editor), "VISUAL": ""}


def open_timeline(terminal: Terminal) -> None:
    terminal.shows("Friends")
    terminal.press("F4")
    terminal.shows(" Timeline")


def test_a_draft_becomes_a_post_that_others_react_to(env: dict[str, str], world: World, tmp_path: Path) -> None:
    alice, bob = (world.bridge().profile(name) for name in ("alice", "bob"))
    with primitivus(env, "-p", "alice", columns=100, rows=30) as terminal:
        open_timeline(terminal)
        terminal.press("n")
        terminal.shows("Your post: A walk")
        terminal.press("Right", "Right", "Enter")
        terminal.tells("It is kept as a draft")
        kept = json.loads(jp(env, "-p", "alice", "api", "blog_drafts.get_all", "-o", "json").out)
        assert [each["draft"]["title"] for each in kept] == ["A walk"]
        assert run(alice.timeline.get_timeline()) == []

        terminal.press("D")
        terminal.shows(" Drafts")
        terminal.shows("To the *river*.")
        terminal.press("Enter")
        terminal.shows("Your post: A walk")
        terminal.press("Enter")
        terminal.shows("There is no post.")
        (tmp_path / "drafts.txt").write_text(terminal.text)
        assert until(lambda: [each.title for each in run(bob.timeline.get_timeline())] == ["A walk"])

    (post,) = run(bob.timeline.get_timeline())
    with primitivus(env, "-p", "bob", columns=100, rows=30) as terminal:
        open_timeline(terminal)
        terminal.shows("To the river.")
        terminal.press("+")
        terminal.shows("thumbs up sign")
        terminal.press("Enter")
        terminal.wait(lambda text: "👍" in text and "thumbs up sign" not in text)
        terminal.press("Escape")
    assert run(bob.blog.get(post.place)).posts[0].reacted == ["👍"]

    with primitivus(env, "-p", "alice", columns=100, rows=30) as terminal:
        open_timeline(terminal)
        terminal.shows("To the river.")  # before that there is no post whose name could change
        terminal.press("N")
        terminal.shows("Last part:")
        terminal.press("C-u")
        terminal.type("river")
        terminal.press("Enter")
        terminal.tells("The post is river now; its comments have stayed.")
        terminal.press("a")
        terminal.shows("< Everybody >")
        terminal.press("Right", "Tab", "Enter")
        terminal.tells("Contacts who may see your presence can read it.")
        (tmp_path / "access.txt").write_text(terminal.text)
    assert [each.title for each in run(bob.blog.get(Place(ALICE, id="river"))).posts] == ["A walk"]
    assert run(alice.blog.get_access(Place(ALICE))).audience == "contacts"


def test_a_picture_goes_along_and_is_shown(env: dict[str, str], world: World, tmp_path: Path) -> None:
    (tmp_path / "rose.png").write_bytes(png(640, 360))
    bob = world.bridge().profile("bob")
    with primitivus(env, "-p", "alice", columns=100, rows=30) as terminal:
        open_timeline(terminal)
        terminal.press("n")
        terminal.shows("Your post: A walk")
        terminal.press("Right", "Right", "Right", "Enter")
        terminal.shows("Attach a file")
        terminal.type(f"{tmp_path}/ro")
        terminal.press("Tab")
        terminal.shows("rose.png")
        terminal.press("Enter")
        terminal.type("A red rose")
        terminal.press("Enter")
        terminal.shows("▤ rose.png")
        terminal.press("Enter")
        assert until(lambda: any(each.enclosures for each in run(bob.timeline.get_timeline())))
    with primitivus(env | {"COLORTERM": "truecolor"}, "-p", "bob", columns=100, rows=30) as terminal:
        open_timeline(terminal)
        terminal.shows("“A red rose”")
        terminal.press("Enter")
        terminal.shows("▀" * 30)
        terminal.shows("640×360")


def test_blogs_of_contacts_are_found(env: dict[str, str], world: World) -> None:
    done = jp(env, "-p", "bob", "blog", "set", "--title", "Mine", "Text")
    assert (done.code, done.err) == (0, "")
    with primitivus(env, "-p", "alice", columns=100, rows=30) as terminal:
        open_timeline(terminal)
        terminal.press("F")
        terminal.shows("✓")  # alice follows her contacts
        terminal.type("bob")
        terminal.press("Enter")
        terminal.shows("Read")
        terminal.press("Down", "Enter")
        terminal.shows(" Blog of bob@localhost", "Mine")
