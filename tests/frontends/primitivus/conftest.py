"""A daemon in memory with alice's account, and primitivus on a screen of 80×24."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from world import BOB, CAROL, CONTACTS, ME, PRESENCES, Console, Daemon, Messages

from sat.api.posts import NOWHERE, Place

ConsoleFactory = Callable[..., Console]


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times on the screen do not depend on where the tests run."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    time.tzset()


@pytest.fixture
def daemon() -> Daemon:
    """alice is online; bob is there, carol is away, dave is offline."""
    daemon = Daemon()
    daemon.add_profile("alice", contacts=CONTACTS, presences=PRESENCES)
    return daemon


@pytest.fixture
def messages(daemon: Daemon) -> Messages:
    """What alice has written and read."""
    return daemon.clients["alice"].messages


@pytest.fixture
def open_console(daemon: Daemon) -> Iterator[ConsoleFactory]:
    """Open primitivus: ``open_console(size=(40, 10))``."""
    opened: list[Console] = []

    def factory(**options: object) -> Console:
        console = Console(options.pop("daemon", daemon), **options)
        opened.append(console)
        return console.start()

    yield factory
    for console in opened:
        console.close()


@pytest.fixture
def console(open_console: ConsoleFactory) -> Console:
    """primitivus as alice sees it after the start."""
    return open_console()


@pytest.fixture
def with_bob(console: Console) -> Console:
    """The conversation with bob is open."""
    console.press("meta g").type("bob").press("enter")
    return console


@pytest.fixture
def apis(daemon: Daemon):
    """What the daemon does for alice."""
    return daemon.clients["alice"]


@pytest.fixture
def transfers(apis):
    """The files of alice that are on their way."""
    return apis.transfers


@pytest.fixture
def posts(apis) -> None:
    """bob has written two posts and carol one; somebody has said something of the first."""
    blogs = apis.blogs
    light = blogs.put(BOB, "But soft,\nwhat light", "What \x1b[31mlight", id="light", tags=["balcony"])
    first = blogs.say(light, CAROL, "It is the east", id="c1")
    blogs.say(light, BOB, "And Juliet", id="c2", answers=first.place)
    blogs.put(CAROL, "About the garden", "The garden", id="garden", comments=NOWHERE)
    blogs.put(BOB, "word " * 200, "Long", id="long")
    apis.timeline.follows.append(Place(ME))


@pytest.fixture
def timeline(posts, console: Console) -> Console:
    """The timeline with these posts is open."""
    return console.press("f4")


@pytest.fixture
def set_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An editor that is a line of shell; ``$1`` is the file."""

    def factory(script: str) -> Path:
        path = tmp_path / "editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", str(path))
        return tmp_path

    return factory
