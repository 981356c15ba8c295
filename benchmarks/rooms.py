"""A room with many people in it: what it costs to come in."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks import server
from benchmarks.measure import cpu_of_process, medians, told_by
from benchmarks.registry import Row, Scene, at_most, benchmark
from benchmarks.server import Server
from sat.api import JID
from sat.plugins.rooms.api import OccupantsChange
from sat.world import people

OCCUPANTS = 500
ROOM = JID(f"square@rooms.{server.DOMAIN}")
NICK = "romeo"
BARE = Path(__file__).parent / "foreign/twisted_room.py"
PATIENCE = 60.0  # seconds
NS_USER = "http://jabber.org/protocol/muc#user"


@benchmark("rooms")
def rooms(scene: Scene) -> Iterator[Row]:
    """A room of 500 joined, with a frontend that listens, from a server at full speed."""
    world = scene.new_world()
    with Server(world.prosody.authority.issue(server.DOMAIN), entered=_entered(), left=_left()) as source:
        bridge = world.bridge()
        people.enter(bridge, "romeo", server.JID, server.PASSWORD, source.port)
        source.wait_available()
        api = bridge.profile("romeo").rooms
        told: list[int] = []
        walls: list[float] = []

        def join() -> float:
            heard: list[OccupantsChange] = []
            undo = api.occupants_changed.connect(heard.extend)
            before, began = cpu_of_process(world.daemon.pid), time.perf_counter()
            people.run(api.join(ROOM, NICK))
            bridge.listen(lambda: sum(len(each.present) for each in heard) > OCCUPANTS, PATIENCE)
            walls.append(time.perf_counter() - began)
            cost = cpu_of_process(world.daemon.pid) - before
            undo()
            if sum(len(each.present) for each in heard) != OCCUPANTS + 1:
                raise RuntimeError("not everybody who is in the room was told, or more")
            told.append(len(heard))
            people.run(api.leave(ROOM))
            return cost

        words = [server.JID, server.PASSWORD, str(source.port), ROOM, NICK, str(OCCUPANTS + 1)]
        found = medians(scene.rounds, join=join, bare=lambda: told_by([sys.executable, str(BARE), *words]))
    wall = median(walls[1:])
    peer = f"{wall * 1000:.0f} ms until a frontend has everybody; bare Twisted: {found['bare'] * 1000:.0f} ms"
    yield at_most(f"a room of {OCCUPANTS} joined, wall", round(wall / found["bare"], 2), "x bare", 1.2, peer)
    yield at_most(f"a room of {OCCUPANTS} joined, CPU", round(found["join"] * 1000), "ms", 60)
    yield at_most("times that a frontend is told who is there", max(told), "signals", 1)


def _entered() -> str:
    presences = [_presence(f"occupant {each}", "member", "participant") for each in range(OCCUPANTS)]
    subject = f"<message from='{ROOM}' to='{server.JID}/orchard' type='groupchat'><subject>Verona</subject></message>"
    return "".join([*presences, _presence(NICK, "none", "participant", own=True), subject])


def _left() -> str:
    return _presence(NICK, "none", "none", own=True, kind="type='unavailable'")


def _presence(nick: str, affiliation: str, role: str, *, own: bool = False, kind: str = "") -> str:
    status = "<status code='110'/>" if own else ""
    return (
        f"<presence from='{ROOM}/{nick}' to='{server.JID}/orchard' {kind}><x xmlns='{NS_USER}'>"
        f"<item affiliation='{affiliation}' role='{role}'/>{status}</x></presence>"
    )
