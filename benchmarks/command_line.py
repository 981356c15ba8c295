"""``jp``, from the shell to its exit."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import count

from benchmarks.measure import cpu_of_command, medians
from benchmarks.registry import Row, Scene, at_most, benchmark
from sat.world.daemon import script

EMPTY = [sys.executable, "-c", "pass"]


@benchmark("jp")
def command_line(scene: Scene) -> Iterator[Row]:
    """``jp`` as a multiple of a Python that does nothing."""
    env = scene.world.environment()
    jp = script("jp")
    numbers = count()

    def send() -> float:
        body = f"number {next(numbers)}"
        return cpu_of_command([jp, "-p", "alice", "message", "send", scene.world.jid("bob"), body], env)

    cpu = medians(
        scene.rounds * 2,
        empty=lambda: cpu_of_command(EMPTY, env),
        help=lambda: cpu_of_command([jp, "--help"], env),
        roster=lambda: cpu_of_command([jp, "-p", "alice", "roster", "list"], env),
        send=send,
    )
    yield Row("python -c pass, CPU", round(cpu["empty"] * 1000, 1), "ms", 0, "", True)
    yield at_most("jp --help, CPU", round(cpu["help"] / cpu["empty"], 2), "x pass", 3)
    yield at_most("jp roster list, CPU", round(cpu["roster"] / cpu["empty"], 2), "x pass", 3.5, "original: 50")
    yield at_most("jp message send, CPU", round(cpu["send"] / cpu["empty"], 2), "x pass", 3.5, "original: 50")
