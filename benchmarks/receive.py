"""Receiving: from the socket through the plugins and the disk to the bus."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import server
from benchmarks.measure import cpu_of_process, medians
from benchmarks.registry import Row, Scene, at_most, benchmark
from benchmarks.server import Server
from sat.world import PASSWORD, people
from sat.world.certificates import Certificate
from sat.world.peer import Peer

BURST = 5_000
BODY = "a hundred bytes of what people write to each other when there is not that much to say, but now and"
PATIENCE = 120.0  # seconds for a burst
SETTLE = 1.5  # seconds until the daemon has nothing left to do
BARE = Path(__file__).parent / "foreign/twisted_receive.py"
GOAL = 100.0  # µs, where bare Twisted takes ...
BARE_THEN = 14.0  # ... this: 11.1 µs for a message without a stanza-id, which adds a quarter


@benchmark("receive")
def receive(scene: Scene) -> Iterator[Row]:
    """A burst from a server at full speed, with a frontend that listens, next to a bare client on Twisted."""
    world = scene.new_world()
    certificate = world.prosody.authority.issue(server.DOMAIN)
    with Server(certificate) as source:
        bridge = world.bridge()
        people.enter(bridge, "romeo", server.JID, server.PASSWORD, source.port)
        source.wait_available()
        burst = Burst(source, Heard(bridge.profile("romeo")), world.daemon.pid)
        cpu = medians(
            scene.rounds,
            ours=burst.cost,
            bare=lambda: bare_cost(certificate),
        )
    ours = cpu["ours"] / BURST * 1e6
    bare = cpu["bare"] / BURST * 1e6
    told = f"told in {burst.heard.signals / burst.number:.0f} signals of {BURST}"
    yield Row("a message received, CPU", round(ours), "µs", 0, told, True)
    yield at_most(
        "a message received",
        round(ours / bare, 1),
        "x bare Twisted",
        round(GOAL / BARE_THEN, 1),
        f"bare: {bare:.0f} µs",
    )
    yield _through_prosody(scene)


class Burst:
    """Bursts to one profile."""

    def __init__(self, source: Server, heard: Heard, pid: int) -> None:
        self._source, self._pid = source, pid
        self.heard = heard
        self.number = 0

    def cost(self) -> float:
        """Seconds of CPU that the daemon needs for one."""
        bodies = [f"{self.number}.{each:05d} {BODY}"[:100] for each in range(BURST)]
        self.number += 1
        stanzas = [stanza(body) for body in bodies]
        before = cpu_of_process(self._pid)
        with ThreadPoolExecutor(1) as aside:
            sent = aside.submit(self._source.send, stanzas)
            self.heard.wait_for(bodies)
            sent.result()
        time.sleep(SETTLE)  # what is put off, as the index for the search, counts too
        return cpu_of_process(self._pid) - before


def bare_cost(certificate: Certificate) -> float:
    """Seconds of CPU in which a bare client on Twisted reads a burst."""
    with Server(certificate) as source, ThreadPoolExecutor(1) as aside:
        command = [sys.executable, str(BARE), server.JID, server.PASSWORD, str(source.port), str(BURST)]
        client = aside.submit(subprocess.run, command, capture_output=True, check=True, timeout=PATIENCE)
        source.wait_available()
        source.pour([stanza(f"{each:05d} {BODY}"[:100]) for each in range(BURST)])
        return float(client.result().stdout)


def _through_prosody(scene: Scene) -> Row:
    world = scene.new_world()
    world.enter_profile("alice")
    heard = Heard(world.bridge().profile("alice"))
    bodies = [f"{each:05d} {BODY}"[:100] for each in range(BURST)]
    with (
        Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file) as bob,
        ThreadPoolExecutor(1) as aside,
    ):
        before = cpu_of_process(world.daemon.pid)
        alice = world.jid("alice")
        stanzas = [
            f"<message to='{alice}' type='chat' id='{body[:5]}'><body>{body}</body></message>" for body in bodies
        ]
        sent = aside.submit(bob.send, "".join(stanzas))
        heard.wait_for(bodies)
        sent.result()
        time.sleep(SETTLE)
        cost = (cpu_of_process(world.daemon.pid) - before) / BURST * 1e6
    return Row("a message received through Prosody, CPU", round(cost), "µs", 0, "", True)


def stanza(body: str) -> str:
    """A message as a server with an archive delivers it."""
    id = body.partition(" ")[0]
    return (
        f"<message from='juliet@{server.DOMAIN}/balcony' to='{server.JID}' type='chat' id='{id}'><body>{body}</body>"
        f"<stanza-id xmlns='urn:xmpp:sid:0' by='{server.JID}' id='archive-{id}'/></message>"
    )


class Heard:
    """What a frontend hears of one profile."""

    def __init__(self, frontend: Any) -> None:
        self._listen: Callable[..., None] = frontend._bridge.listen
        self.bodies: list[str] = []
        self.signals = 0
        frontend.messages.added.connect(self._added)

    def wait_for(self, bodies: list[str]) -> None:
        """Listen until these have come, and nothing else, in this order. Errors: RuntimeError."""
        end = time.monotonic() + PATIENCE
        self._listen(lambda: len(self.bodies) >= len(bodies) or time.monotonic() > end, PATIENCE)
        heard, self.bodies = self.bodies, []
        if heard != bodies:
            raise RuntimeError(f"{len(bodies)} messages were sent, {len(heard)} heard, or not in their order")

    def _added(self, messages: list[Any]) -> None:
        self.signals += 1
        self.bodies += [message.body for message in messages]
