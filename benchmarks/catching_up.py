"""What was missed, out of the server's archive (XEP-0313)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from benchmarks import peers, server
from benchmarks.measure import cpu_of_command, cpu_of_process, medians, memory_of_process, told_by
from benchmarks.registry import Row, Scene, at_least, at_most, benchmark
from benchmarks.server import Server
from sat.bridge.derive import load
from sat.plugins.archive.api import SyncState
from sat.plugins.archive.plugin import PAGE
from sat.world import World, people

MESSAGES = 20_000
BODY = "a hundred bytes of what people write to each other when there is not that much to say, but now and"
PATIENCE = 120.0  # seconds
LOOK = 0.05  # seconds between two questions whether it is done: each costs the daemon something
SETTLE = 1.5  # seconds until the daemon has nothing left to do
FOREIGN = Path(__file__).parent / "foreign"
NS = "urn:xmpp:mam:2"
_MAM = f"{{{NS}}}query"
_DISCO = "{http://jabber.org/protocol/disco#info}query"
_RSM = "{http://jabber.org/protocol/rsm}"


@benchmark("catchup")
def catch_up(scene: Scene) -> Iterator[Row]:
    """20,000 missed messages fetched, stored and made searchable, as a multiple of slixmpp reading the same pages."""
    world = scene.new_world()
    archive = Archive()
    with Server(world.prosody.authority.issue(server.DOMAIN), answer=archive.answer) as source:
        visit = Visit(world, source, archive)
        measures: dict[str, Callable[[], float]] = {
            "nothing": lambda: visit.cost(0),
            "all": lambda: visit.cost(MESSAGES),
            "twisted nothing": lambda: _twisted(source, archive, 0),
            "twisted all": lambda: _twisted(source, archive, MESSAGES),
            "twisted wall": lambda: told_by(_bare(source, archive, MESSAGES)),
        }
        if python := peers.slixmpp_python():
            measures["slixmpp nothing"] = lambda: _slixmpp(python, source, archive, 0, world.prosody.ca_file)
            measures["slixmpp all"] = lambda: _slixmpp(python, source, archive, MESSAGES, world.prosody.ca_file)
        cpu = medians(min(scene.rounds, 3), **measures)
    ours = cpu["all"] - cpu["nothing"]
    bare = cpu["twisted all"] - cpu["twisted nothing"]
    each = f"{ours / MESSAGES * 1e6:.0f} µs for each; bare Twisted, which keeps nothing: {bare / MESSAGES * 1e6:.0f}"
    yield Row(f"{MESSAGES} missed messages, CPU", round(ours, 2), "s", 0, each, True)
    rate = round(cpu["twisted wall"] / median(visit.walls), 2)
    walls = f"ours {median(visit.walls):.1f} s, bare Twisted {cpu['twisted wall']:.1f} s"
    yield at_least(f"{MESSAGES} missed messages, messages a second", rate, "x bare", 0.9, walls)
    if python:
        theirs = cpu["slixmpp all"] - cpu["slixmpp nothing"]
        peer = f"slixmpp: {theirs:.2f} s"
        yield at_most(f"{MESSAGES} missed messages", round(ours / theirs, 2), "x slixmpp", 0.6, peer)
    else:
        yield peers.missing("catchup", "slixmpp")
    yield at_most("memory growth while catching up", round(visit.growth, 1), "MiB", 30)


class Archive:
    """An archive that is as long as is asked for; its ids are numbers."""

    def __init__(self) -> None:
        self.messages = 0
        self._began = datetime.now(UTC) - timedelta(days=60)

    def fill(self, messages: int) -> None:
        """So many, of another day than those of before: no two profiles have so many messages at the same time."""
        self.messages = messages
        self._began += timedelta(days=1)

    def answer(self, iq: Element) -> list[str]:
        """What the account says of itself, and pages."""
        id = quoteattr(iq.get("id", ""))
        if iq.find(_DISCO) is not None and iq.get("to", server.JID) == server.JID:
            query = f"<query xmlns='http://jabber.org/protocol/disco#info'><feature var='{NS}'/></query>"
            return [f"<iq type='result' from='{server.JID}' id={id}>{query}</iq>"]
        query_element = iq.find(_MAM)
        if query_element is None:
            return []
        query_id = query_element.get("queryid", "")
        most = int(query_element.findtext(f"{_RSM}set/{_RSM}max") or PAGE)
        first = int(query_element.findtext(f"{_RSM}set/{_RSM}after") or -1) + 1
        end = min(first + most, self.messages)
        ends = f"<first index='{first}'>{first}</first><last>{end - 1}</last>" if first < end else ""
        complete = " complete='true'" if end == self.messages else ""
        fin = f"<fin xmlns='{NS}'{complete}><set xmlns='{_RSM[1:-1]}'>{ends}<count>{self.messages}</count></set></fin>"
        results = [self._result(number, query_id) for number in range(first, end)]
        return [*results, f"<iq type='result' from='{server.JID}' id={id}>{fin}</iq>"]

    def _result(self, number: int, query_id: str) -> str:
        stamp = (self._began + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = f"{number:05d} {BODY}"[:100]
        return (
            f"<message from='{server.JID}' to='{server.JID}/orchard'><result xmlns='{NS}' queryid='{query_id}'"
            f" id='{number}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='{stamp}'/>"
            f"<message xmlns='jabber:client' from='juliet{number % 20}@{server.DOMAIN}/balcony' to='{server.JID}'"
            f" type='chat' id='m{number}'><body>{body}</body></message></forwarded></result></message>"
        )


class Visit:
    """Profiles that were there before, and come back when there is something in the archive."""

    def __init__(self, world: World, source: Server, archive: Archive) -> None:
        self._world, self._source, self._archive = world, source, archive
        self._bridge: Any = world.bridge()
        self._numbers = count()
        self.growth = 0.0
        self.walls: list[float] = []
        """Seconds from the log-in until all is stored, each time that there was something."""

    def cost(self, messages: int) -> float:
        """Seconds of CPU of the daemon from the log-in until all is stored, and can be searched."""
        name, pid = f"romeo{next(self._numbers)}", self._world.daemon.pid
        self._archive.fill(0)
        people.enter(self._bridge, name, server.JID, server.PASSWORD, self._source.port)
        profile = self._bridge.profile(name)
        self._wait(profile)
        people.run(profile.profile.disconnect())
        self._archive.fill(messages)
        before, memory = cpu_of_process(pid), memory_of_process(pid)
        began = time.perf_counter()
        people.run(profile.profile.connect())
        self._wait(profile)
        if messages:
            self.walls.append(time.perf_counter() - began)
        time.sleep(SETTLE)
        cost = cpu_of_process(pid) - before
        self.growth = max(self.growth, memory_of_process(pid) - memory)
        found = people.run(profile.messages.search(f"{messages - 1:05d}")) if messages else []
        if len(found) != min(messages, 1):
            raise RuntimeError("the last message was not found")
        people.run(profile.profile.disconnect())  # to delete it would cost the next one: that is done aside
        return cost

    def _wait(self, profile: Any) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            people.run(load(profile.archive, follow=False))
            if profile.archive.sync.value is SyncState.COMPLETE:
                return
            if time.monotonic() > end:
                raise RuntimeError("the archive was not read to its end")
            time.sleep(LOOK)


def _slixmpp(python: str, source: Server, archive: Archive, messages: int, ca_file: Path) -> float:
    archive.fill(messages)
    words = [server.JID, server.PASSWORD, str(source.port), str(ca_file), str(messages), str(PAGE)]
    return cpu_of_command([python, str(FOREIGN / "slixmpp_archive.py"), *words])


def _twisted(source: Server, archive: Archive, messages: int) -> float:
    return cpu_of_command(_bare(source, archive, messages))


def _bare(source: Server, archive: Archive, messages: int) -> list[str]:
    archive.fill(messages)
    words = [server.JID, server.PASSWORD, str(source.port), str(messages), str(PAGE)]
    return [sys.executable, str(FOREIGN / "twisted_archive.py"), *words]
