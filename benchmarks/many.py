"""Many profiles in one daemon."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.measure import cpu_during, memory_of_process
from benchmarks.registry import Row, Scene, at_most, benchmark
from sat.api.profile import ConnectionState
from sat.bridge.derive import load
from sat.world import PASSWORD, World, people, until

if TYPE_CHECKING:
    from sat_frontends.bridge.blocking import BlockingBridge

PROFILES = 100
SETTLE = 5.0  # seconds after which a daemon has nothing left to do
PATIENCE = 120.0  # seconds until all are online


@benchmark("profiles")
def profiles(scene: Scene) -> Iterator[Row]:
    """Memory of a daemon with a hundred profiles online beyond that with one, and what it does when nothing happens."""
    world = scene.new_world()
    world.enter_profile("alice")
    one = _memory(world, ["alice"])
    bridge, names = world.bridge(), [f"person{number}" for number in range(1, PROFILES)]
    for name in names:
        world.prosody.register(name, PASSWORD)
        people.enter(bridge, name, world.jid(name), PASSWORD, world.prosody.port)
    each = (_memory(world, ["alice", *names]) - one) / len(names)
    yield at_most(f"memory of each of {PROFILES} profiles online", round(each, 2), "MiB", 1)
    used = cpu_during(world.daemon.pid, lambda: time.sleep(SETTLE))
    yield Row(f"idle CPU, {PROFILES} profiles online", round(used / SETTLE * 1000, 2), "ms/s", 0, "", True)


def _memory(world: World, names: list[str]) -> float:
    """MiB of a daemon as people have it: it finds the profiles when it starts, and brings them online."""
    world.daemon.restart()
    bridge = world.bridge()
    if not until(lambda: all(_online(bridge, name) for name in names), PATIENCE):
        raise RuntimeError(f"not all of {len(names)} profiles have come online")
    time.sleep(SETTLE)
    return memory_of_process(world.daemon.pid)


def _online(bridge: BlockingBridge, name: str) -> bool:
    profile = bridge.profile(name).profile
    people.run(load(profile, follow=False))
    return profile.connection.value.state is ConnectionState.ONLINE
