"""Messages that nobody reads are told by the desktop, over a real bus."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import support
from support.peer import Peer
from support.talk import wait

from sat.api import JID
from sat.world import World
from sat.world.people import run

SERVER = Path(support.__path__[0]) / "notification_server.py"


class Desktop:
    """What is shown now, by its number, and what was taken away."""

    def __init__(self, address: str) -> None:
        self.shown: dict[int, tuple[str, str]] = {}
        self.closed: list[int] = []
        self._program = subprocess.Popen([sys.executable, str(SERVER), address], stdout=subprocess.PIPE, text=True)
        assert self._program.stdout is not None
        assert self._program.stdout.readline() == "ready\n"
        Thread(target=self._hear, args=(self._program.stdout,), daemon=True).start()

    def _hear(self, lines: Any) -> None:
        for line in lines:
            told = json.loads(line)
            if "closed" in told:
                self.closed.append(told["closed"])
                self.shown.pop(told["closed"], None)
            else:
                assert told["program"] == "Salut à Toi"
                self.shown[told["number"]] = (told["summary"], told["body"])

    def stop(self) -> None:
        self._program.kill()
        self._program.wait()


@pytest.fixture
def desktop(world: World) -> Iterator[Desktop]:
    desktop = Desktop(world.bus.address)
    yield desktop
    desktop.stop()


@pytest.fixture(scope="module")
def alice(world: World) -> Any:
    world.enter_profile("alice")
    return world.bridge().profile("alice")


def test_what_nobody_reads_is_told_until_it_is_read(alice: Any, bob: Peer, world: World, desktop: Desktop) -> None:
    bob.say(world.jid("alice"), "1 &lt; 2 &amp; so on")  # what is XML there is markup here
    shown = ("Bob", "1 &lt; 2 &amp; so on")
    wait(lambda: shown in desktop.shown.values(), "the desktop tells of it")
    run(alice.messages.mark_read(JID(world.jid("bob"))))
    wait(lambda: not desktop.shown, "it is taken away")
    assert desktop.closed


def test_desktop_that_comes_later_is_found_and_one_that_goes_is_not_missed(alice: Any, bob: Peer, world: World) -> None:
    bob.say(world.jid("alice"), "nobody shows this")
    here = JID(world.jid("bob"))
    wait(lambda: run(alice.messages.get_history(here))[-1].body == "nobody shows this", "it has come")
    desktop = Desktop(world.bus.address)
    try:
        bob.say(world.jid("alice"), "but this")
        wait(lambda: any("but this" in body for _, body in desktop.shown.values()), "the desktop tells of it")
    finally:
        desktop.stop()
    bob.say(world.jid("alice"), "and not this")
    wait(lambda: run(alice.messages.get_history(here))[-1].body == "and not this", "all works without a desktop")
    run(alice.messages.mark_read(here))
