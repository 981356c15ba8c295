"""The daemon's start, and what it holds when nothing happens."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from statistics import median

from benchmarks.measure import cpu_during, cpu_of_command, cpu_of_process, medians, memory_of_process
from benchmarks.registry import Row, Scene, at_most, benchmark
from sat.world import World

REACTOR = [sys.executable, "-c", "import twisted.internet.reactor"]
SETTLE = 20.0  # seconds after which a daemon with two profiles has nothing left to do: what is not urgent waits
WINDOW = 5.0  # seconds that are measured


@benchmark("start")
def daemon_start(scene: Scene) -> Iterator[Row]:
    """``sat run`` to Ready with two stored profiles, as a multiple of importing the reactor."""
    world = scene.new_world()
    world.enter_profile("alice")
    world.enter_profile("bob")
    clock: list[float] = []

    def start() -> float:
        world.daemon.stop()
        began = time.monotonic()
        world.daemon.start()
        cpu = cpu_of_process(world.daemon.pid)
        clock.append(time.monotonic() - began)
        return cpu

    cpu = medians(scene.rounds, reactor=lambda: cpu_of_command(REACTOR), start=start)
    yield at_most("start to Ready, CPU", round(cpu["start"] / cpu["reactor"], 2), "x reactor", 2, "original: 1.0 s")
    yield at_most("start to Ready, by the clock", round(median(clock), 2), "s", 1, "original: 2.3-3.5")


@benchmark("idle")
def idle(scene: Scene) -> Iterator[Row]:
    """Memory and CPU of a daemon with two connected profiles to whom nothing happens."""
    world: World = scene.new_world()
    world.enter_profile("alice")
    world.enter_profile("bob")
    world.daemon.restart()  # as people have it: the profiles are there already
    time.sleep(SETTLE)
    pid = world.daemon.pid
    used = cpu_during(pid, lambda: time.sleep(WINDOW))
    yield at_most("idle memory, two profiles online", round(memory_of_process(pid), 1), "MiB", 60, "original: 128")
    yield at_most("idle CPU, two profiles online", round(used / WINDOW * 1000, 2), "ms/s", 1)
