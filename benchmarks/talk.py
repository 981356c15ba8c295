"""Two profiles of one daemon talk through a real server: what a message costs, and what a burst does."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.measure import cpu_of_process, memory_of_process
from benchmarks.registry import Row, Scene, at_least, at_most, benchmark
from sat.api import JID, SatError
from sat.api.messages import Message, MessageChange, MessageState
from sat.world import PASSWORD, World
from sat_frontends.bridge.aio import AioBridge, connect

BURST = 5_000
ROUNDS = 3  # a burst takes as long as the server does: ten seconds and more
AT_ONCE = 500  # calls that wait for their answer
BODY = "a hundred bytes of what people write to each other when there is not that much to say, but now and"
PATIENCE = 300.0  # seconds for a burst
GOAL = 400.0  # µs
BARE = Path(__file__).parent / "foreign/twisted_talk.py"


class Burst(NamedTuple):
    """What came of one."""

    cost: float  # seconds of CPU of the daemon
    growth: float  # MiB
    in_order: int  # messages
    refused: int  # calls


@benchmark("talk")
def talk(scene: Scene) -> Iterator[Row]:
    """A burst from alice to bob, with receipts, by one frontend that does not wait for its answers."""
    world = scene.new_world()
    world.enter_profile("alice")
    world.enter_profile("bob")
    bursts, bares = [], []
    for number in range(min(scene.rounds, ROUNDS)):
        bursts.append(asyncio.run(_burst(world, number)))
        bares.append(_bare_cost(scene.new_world()))
    cost = median(each.cost for each in bursts) / BURST * 1e6
    bare = median(bares) / BURST * 1e6
    yield at_most("alice to bob in one daemon, with receipt, CPU", round(cost), "µs", GOAL, "original: 27000")
    yield Row(
        "alice to bob in one daemon, with receipt",
        round(cost / bare, 1),
        "x bare Twisted and D-Bus",
        0,
        f"bare, which stores nothing: {bare:.0f} µs",
        True,
    )
    yield at_least(f"{BURST} in a burst, arrived in order", min(each.in_order for each in bursts), "messages", BURST)
    yield at_most("refused or timed-out calls in a burst", max(each.refused for each in bursts), "calls", 0)
    yield at_most("memory growth in a burst", round(bursts[0].growth, 1), "MiB", 30, "original: 210")


def _bare_cost(world: World) -> float:
    """Seconds of CPU in which a bare daemon does the same."""
    command = [sys.executable, str(BARE), world.jid("alice"), world.jid("bob"), PASSWORD]
    command += [str(world.prosody.port), str(BURST), str(AT_ONCE), BODY, world.bus.address]
    return float(subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE).stdout)


async def _burst(world: World, number: int) -> Burst:
    bridge = await connect(10, address=world.bus.address)
    try:
        return await Talk(world, bridge, number).run()
    finally:
        bridge.close()


class Talk:
    """One burst. It is over when every message has arrived and alice knows that it has."""

    def __init__(self, world: World, bridge: AioBridge, number: int) -> None:
        self._pid = world.daemon.pid
        self._peer = JID(world.jid("bob"))
        self._alice: Any = bridge.profile("alice")
        self._bob: Any = bridge.profile("bob")
        self._bodies = [f"{number}.{each:05d} {BODY}"[:100] for each in range(BURST)]
        self._arrived: list[str] = []
        self._delivered: set[str] = set()
        self._refused = 0
        self._progress = asyncio.Event()

    async def run(self) -> Burst:
        """Send everything, and wait until it is known to have arrived."""
        self._bob.messages.added.connect(self._heard)
        self._alice.messages.updated.connect(self._moved)
        await self._alice.encryption.end(self._peer)  # encryption has a row of its own
        cpu, memory = cpu_of_process(self._pid), memory_of_process(self._pid)
        room = asyncio.Semaphore(AT_ONCE)
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(self._send(room, body) for body in self._bodies))
            while len(self._delivered) + self._refused < BURST:
                self._progress.clear()
                await self._progress.wait()
        cost = cpu_of_process(self._pid) - cpu
        growth = memory_of_process(self._pid) - memory
        in_order = sum(came == sent for came, sent in zip(self._arrived, self._bodies, strict=False))
        return Burst(cost, growth, in_order if len(self._arrived) == BURST else 0, self._refused)

    async def _send(self, room: asyncio.Semaphore, body: str) -> None:
        async with room:
            try:
                await self._alice.messages.send(self._peer, body)
            except SatError:
                self._refused += 1

    def _heard(self, messages: list[Message]) -> None:
        self._arrived += [message.body for message in messages]

    def _moved(self, changes: list[MessageChange]) -> None:
        self._delivered |= {change.id for change in changes if change.state is MessageState.DELIVERED}
        self._progress.set()
