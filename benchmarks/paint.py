"""``primitivus``: from the shell to its first screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from statistics import median

from benchmarks import peers
from benchmarks.measure import cpu_of_process, medians
from benchmarks.registry import Row, Scene, at_most, benchmark
from sat.world.daemon import script
from sat.world.terminal import Terminal


@benchmark("paint")
def paint(scene: Scene) -> Iterator[Row]:
    """The first screen with text on it, as a multiple of poezio's; both with an account that goes online."""
    ours, theirs = Painting("primitivus"), Painting("Roster")
    world = scene.world
    command = [script("primitivus"), "-p", "alice"]
    measures: dict[str, Callable[[], float]] = {"ours": lambda: ours.measure(command, world.environment())}
    if peers.find("poezio"):
        poezio = peers.Poezio(world, "carol")
        measures["poezio"] = lambda: theirs.measure(poezio.command, poezio.env)
    cpu = medians(scene.rounds, **measures)
    yield Row("primitivus to its first screen, CPU", round(cpu["ours"] * 1000), "ms", 0, "", True)
    if "poezio" in cpu:
        peer = f"poezio: {cpu['poezio'] * 1000:.0f} ms"
        yield at_most("primitivus to its first screen", round(cpu["ours"] / cpu["poezio"], 2), "x poezio", 0.6, peer)
        ratio = median(ours.clock) / median(theirs.clock)
        peer = f"{median(ours.clock) * 1000:.0f} and {median(theirs.clock) * 1000:.0f} ms"
        yield at_most("primitivus to its first screen, by the clock", round(ratio, 2), "x poezio", 0.6, peer)
    else:
        yield peers.missing("paint", "poezio")


class Painting:
    """First screens of one program. A word of it says that it is there."""

    def __init__(self, word: str) -> None:
        self._word = word
        self.clock: list[float] = []

    def measure(self, command: list[str], env: Mapping[str, str]) -> float:
        """Seconds of CPU until the word is drawn. Errors: RuntimeError when it never is."""
        began = time.monotonic()
        with Terminal(command, dict(env)) as terminal:
            if not terminal.shows(self._word):
                raise RuntimeError(f"{command[0]} drew nothing: {terminal.drawn()[-200:]}")
            cpu = cpu_of_process(terminal.pid)
            self.clock.append(time.monotonic() - began)
        return cpu
