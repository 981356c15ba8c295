"""A daemon in memory with alice's account, and primitivus on a screen of 80×24."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from world import CONTACTS, PRESENCES, Console, Daemon, Messages

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
