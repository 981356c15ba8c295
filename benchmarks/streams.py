"""Bytes from program to program: over a connection next to a bare one, in stanzas next to slixmpp."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.measure import medians, told_by
from benchmarks.registry import Row, Scene, at_least, at_most, benchmark
from benchmarks.relay import Relay
from sat.world import PASSWORD, World

MIB = 2**20
DIRECT = 512 * MIB  # bytes over a connection
IN_STANZAS = 2 * MIB
SLIXMPP = MIB // 4  # it needs as long for this
PIECE = 65_536
DELAY = 0.02  # seconds to the server: as between two houses of a country
NOT_DIRECT = {"socks5.direct": "false", "socks5.local": "false"}
FOREIGN = Path(__file__).parent / "foreign"
OURS = peers.ROOT / "tests/support/streams.py"


@benchmark("streams")
def streams(scene: Scene) -> Iterator[Row]:
    """Bytes over a connection, as a multiple of a bare socket's; in stanzas, as a multiple of slixmpp's."""
    world = scene.new_world()
    with Relay(world.server.port, DELAY) as relay:
        grown: list[float] = []

        def direct() -> float:
            done = _ours(world, world.server.port, DIRECT, {})
            grown.append(done["grown"])
            return _rate(done, DIRECT)

        measures: dict[str, Callable[[], float]] = {
            "direct": direct,
            "bare": lambda: told_by([sys.executable, str(FOREIGN / "asyncio_socket.py"), str(DIRECT), str(PIECE)]),
            "in stanzas": lambda: _rate(_ours(world, relay.port, IN_STANZAS, NOT_DIRECT), IN_STANZAS),
        }
        if python := peers.slixmpp_python():
            measures["slixmpp"] = lambda: told_by(_slixmpp(python, world, relay.port))
        rate = medians(min(scene.rounds, 3), **measures)
    told = f"ours {rate['direct']:.0f} MiB/s, asyncio's sockets {rate['bare']:.0f}"
    yield at_least("bytes over a connection", round(rate["direct"] / rate["bare"], 2), "x bare", 0.6, told)
    yield at_most(f"memory growth while {DIRECT // MIB} MiB pass", round(max(grown), 1), "MiB", 5)
    if python:
        told = f"ours {rate['in stanzas']:.2f} MiB/s, slixmpp {rate['slixmpp']:.2f}"
        name = f"bytes in stanzas, a server {DELAY * 1e3:.0f} ms away"
        yield at_least(name, round(rate["in stanzas"] / rate["slixmpp"], 1), "x slixmpp", 5, told)
    else:
        yield peers.missing("streams", "slixmpp")


def _ours(world: World, port: int, size: int, settings: dict[str, str]) -> dict[str, Any]:
    """Both ends in a process with two profiles."""
    wishes = {"port": port, "size": size, "half": 0, "hashed": False, "alice": settings, "bob": settings}
    env = {**world.environment(), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, str(OURS), json.dumps(wishes)], env=env, capture_output=True, text=True, timeout=300
    )
    if not done.stdout:
        raise RuntimeError(f"the streams were not measured: {done.stderr.strip()[-500:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    if not told["whole"]:
        raise RuntimeError(f"not all bytes came: {told}")
    return told


def _rate(done: dict[str, Any], size: int) -> float:
    return float(size / MIB / done["seconds"])


def _slixmpp(python: str, world: World, port: int) -> list[str]:
    command = [python, "-W", "ignore", str(FOREIGN / "slixmpp_in_band.py"), world.jid("alice"), world.jid("bob")]
    return [*command, PASSWORD, str(port), str(world.server.ca_file), str(SLIXMPP)]
