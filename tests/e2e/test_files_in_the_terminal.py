"""Files from one terminal to another, over a real daemon and server: what docs/how-to/files-in-the-terminal.md says."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.pictures import png
from support.stage import go_to, jp, primitivus
from support.tmux import Terminal

from sat.world import World


@pytest.fixture(scope="module")
def online(world: World) -> World:
    """alice and bob are online."""
    for person in ("alice", "bob"):
        world.enter_profile(person)
    return world


@pytest.fixture
def env(online: World, tmp_path: Path) -> dict[str, str]:
    """What bob takes goes to a folder of the test."""
    (tmp_path / "taken").mkdir()
    env = online.environment()
    assert jp(env, "-p", "bob", "param", "set", "files.folder", str(tmp_path / "taken")).code == 0
    return env | {"COLORTERM": "truecolor"}


def offered_by_key(alice: Terminal, path: Path) -> None:
    """alice sends a file straight to bob: Ctrl-t, the path, and the second button."""
    go_to(alice, "bob")
    alice.press("C-t")
    alice.shows("Send a file to")
    alice.type(str(path))
    alice.press("Down")
    alice.type("the beach")
    alice.press("Down", "Right", "Enter")
    alice.shows(f"⇡ {path.name}")
    alice.shows("waiting for the other side")  # not the one of that name that was stopped before


def test_a_picture_goes_straight_and_is_seen(env: dict[str, str], tmp_path: Path) -> None:
    picture = tmp_path / "plage.png"
    picture.write_bytes(png(320, 160, (30, 120, 220)))
    with primitivus(env, "-p", "alice") as alice, primitivus(env, "-p", "bob", columns=100, rows=40) as bob:
        alice.shows("No conversation is open.")
        bob.shows("No conversation is open.")
        offered_by_key(alice, picture)
        bob.tells("offers plage.png")
        bob.shows("1 file offered (F6)")
        go_to(bob, "alice")
        bob.shows("⇣ plage.png  image/png")
        bob.shows("│ the beach")
        bob.escape()
        bob.press("a")
        bob.shows("received")
        bob.shows("▀" * 40)
        alice.shows("sent")
    assert (tmp_path / "taken" / "plage.png").read_bytes() == picture.read_bytes()


def test_a_file_is_stopped_and_the_daemon_goes_on_with_others(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("hello")
    with primitivus(env, "-p", "alice") as alice:
        alice.shows("No conversation is open.")
        offered_by_key(alice, tmp_path / "talk.txt")
        alice.press("F6")
        alice.shows("On the way")
        alice.shows("d stops it")
        alice.press("d")
        alice.tells("cancelled")
        alice.press("Escape")
        alice.wait(lambda text: "On the way" not in text)
        offered_by_key(alice, tmp_path / "talk.txt")
        alice.press("C-x")
        alice.tells("1 file is still on the way: sat goes on with it")
        alice.shows("ended with 0")


def test_a_folder_is_shared_and_fetched_from(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "song.ogg").write_text("la la la")
    with primitivus(env, "-p", "alice") as alice, primitivus(env, "-p", "bob") as bob:
        alice.shows("No conversation is open.")
        bob.shows("No conversation is open.")
        go_to(alice, "bob")
        alice.type(f"/share {tmp_path}/music")
        alice.press("Enter")
        alice.tells("music is shared")
        go_to(bob, "alice")
        bob.type("/files")
        bob.press("Enter")
        bob.shows("music/")
        bob.press("Enter")
        bob.shows("song.ogg")
        bob.type("song")
        bob.press("Enter")
        bob.tells("song.ogg is being fetched")
        bob.press("Escape")
        bob.shows("⇣ song.ogg")
        bob.shows("received")
    assert (tmp_path / "taken" / "song.ogg").read_text() == "la la la"
