"""From the shell until a contact sees that we are there."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from benchmarks import peers
from benchmarks.measure import medians
from benchmarks.receive import BARE
from benchmarks.registry import Row, Scene, at_most, benchmark
from sat.world import PASSWORD, World, until
from sat.world.peer import Peer, local_name
from sat.world.terminal import Terminal

PATIENCE = 20.0  # seconds


@benchmark("online")
def online(scene: Scene) -> Iterator[Row]:
    """``sat run`` with one stored profile until a contact sees it, as a multiple of profanity's time."""
    world = scene.new_world()
    world.enter_profile("alice")
    contact = Contact(world)
    measures: dict[str, Callable[[], float]] = {
        "sat": lambda: _sat(world, contact),
        "bare": lambda: _bare(world, contact),
    }
    if peers.find("profanity"):
        profanity = peers.Profanity(world, "alice")
        measures["profanity"] = lambda: _profanity(profanity, contact)
    world.daemon.stop()
    seconds = medians(scene.rounds * 2, **measures)
    yield Row("start until a contact sees us, by the clock", round(seconds["sat"], 2), "s", 0, "", True)
    ratio = seconds["sat"] / seconds["bare"]
    yield Row(
        "start until a contact sees us", round(ratio, 2), "x bare Twisted", 0, f"bare: {seconds['bare']:.2f} s", True
    )
    if "profanity" in seconds:
        ratio = seconds["sat"] / seconds["profanity"]
        peer = f"profanity: {seconds['profanity']:.2f} s"
        yield at_most("start until a contact sees us", round(ratio, 2), "x profanity", 1.3, peer)
    else:
        yield peers.missing("online", "profanity")


class Contact:
    """bob, who watches whether alice is there."""

    def __init__(self, world: World) -> None:
        self._alice = world.jid("alice")
        self._peer = Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file)
        self._peer.available()

    def sees(self, there: bool) -> None:
        """Wait until alice has come, or gone. Errors: TimeoutError."""
        kind = None if there else "unavailable"

        def wanted(stanza: Element) -> bool:
            sender = stanza.get("from", "")
            return local_name(stanza) == "presence" and sender.startswith(self._alice) and stanza.get("type") == kind

        self._peer.expect(wanted, PATIENCE)


def _sat(world: World, contact: Contact) -> float:
    began = time.monotonic()
    world.daemon.launch()
    contact.sees(True)
    took = time.monotonic() - began
    world.daemon.stop()
    contact.sees(False)
    return took


def _bare(world: World, contact: Contact) -> float:
    command = [sys.executable, str(BARE), world.jid("alice"), PASSWORD, str(world.prosody.port), "1"]
    began = time.monotonic()
    with subprocess.Popen(command) as client:
        contact.sees(True)
        took = time.monotonic() - began
        client.terminate()
    contact.sees(False)
    return took


def _profanity(profanity: peers.Profanity, contact: Contact) -> float:
    began = time.monotonic()
    with Terminal(profanity.command, profanity.env) as terminal:
        contact.sees(True)
        took = time.monotonic() - began
        terminal.press("/quit\r")
        until(lambda: not terminal.running, PATIENCE)
    contact.sees(False)
    return took
