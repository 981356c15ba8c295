"""The benchmarks there are, and what each of them says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import cached_property
from typing import NamedTuple

from sat.world import Options, World


class Row(NamedTuple):
    """One figure. ``goal`` is the most it may be (the least, where ``ok`` says so); ``peer`` is what others need."""

    name: str
    value: float
    unit: str
    goal: float
    peer: str
    ok: bool


class Scene:
    """What benchmarks share in one run. ``rounds`` is how often each thing is measured, ``megabytes`` how large files
    are."""

    def __init__(self, exits: ExitStack, rounds: int, megabytes: int) -> None:
        self._exits = exits
        self.rounds, self.megabytes = rounds, megabytes

    @cached_property
    def world(self) -> World:
        """A world with alice and bob online in one daemon. Leave it as you found it."""
        world = self.new_world()
        world.enter_profile("alice")
        world.enter_profile("bob")
        return world

    def new_world(self) -> World:
        """A world of your own, gone when the run ends. Its server keeps every message: usually it begins to throw away
        after 10,000 of a person, which takes all its time."""
        return self._exits.enter_context(World(Options(extra="storage_archive_item_limit = 1000000")))


Benchmark = Callable[[Scene], Iterable[Row]]
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Register a benchmark under a name for the command line."""

    def register(function: Benchmark) -> Benchmark:
        if name in BENCHMARKS:
            raise ValueError(f"two benchmarks are called {name}")
        BENCHMARKS[name] = function
        return function

    return register


def at_most(name: str, value: float, unit: str, goal: float, peer: str = "") -> Row:
    """A figure that must not be above its goal."""
    return Row(name, value, unit, goal, peer, value <= goal)


def at_least(name: str, value: float, unit: str, goal: float, peer: str = "") -> Row:
    """A figure that must not be below its goal."""
    return Row(name, value, unit, goal, peer, value >= goal)
