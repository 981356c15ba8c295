"""The tutorial's plugin, built from the page itself: its test passes, and it works in a real daemon."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import tutorial
from support.peer import Peer

from sat.world import World
from sat.world.daemon import script

ROOT = Path(__file__).parents[2]


def test_it_is_as_short_as_the_page_says():
    lines = [line for text in tutorial.blocks().values() for line in text.splitlines() if line.strip()]
    assert len(tutorial.blocks()) == 4
    assert len(lines) < 80


def test_its_own_test_passes(tmp_path):
    folder = tutorial.install(tmp_path)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "tests")])}
    test = ["-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}", "-c", str(ROOT / "pyproject.toml")]
    command = [sys.executable, "-m", "pytest", *test, "--confcutdir=/", "-p", "unit.conftest"]
    done = subprocess.run(
        [*command, str(folder / "sat_dice" / "test_dice.py")],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tutorial.install(tmp_path)))
    with World() as world:
        world.enter_profile("alice")
        yield world


def jp(world, *words):
    return subprocess.run(
        [script("jp"), *words], env=world.environment(), capture_output=True, text=True, timeout=30, check=False
    )


def test_it_works_in_the_daemon_and_in_jp(world):
    with Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file) as bob:
        bob.available()
        assert jp(world, "param", "set", "dice.sides", "2").returncode == 0
        thrown = jp(world, "dice", "throw", "Bob")
        assert thrown.stdout.strip() in ("1", "2"), thrown.stderr
        bob.expect_body(f"⚄ {thrown.stdout.strip()}")
    assert "between 2 and 100" in jp(world, "param", "set", "dice.sides", "1").stderr
    assert "throw" in jp(world, "dice", "--help").stdout
    assert jp(world, "api", "dice.throw", "bob@localhost").returncode == 0
