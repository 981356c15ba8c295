"""A long contact list: what it costs to log in with it, and to show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import peers, server
from benchmarks.measure import cpu_of_command, cpu_of_process, medians
from benchmarks.registry import Row, Scene, at_most, benchmark
from benchmarks.server import Server
from sat.api import JID
from sat.api.profile import Account
from sat.api.values import Secret
from sat.world import World, until
from sat.world.people import run

CONTACTS, PRESENCES = 5_000, 500
SCRIPT = Path(__file__).parent / "foreign/slixmpp_roster.py"
SIGNALS = 20  # for all those presences: what comes within 50 ms is told together
PATIENCE = 60.0  # seconds


@benchmark("contacts")
def contacts(scene: Scene) -> Iterator[Row]:
    """5,000 contacts of whom 500 are there, over a log-in with none, as a multiple of bare slixmpp."""
    world = scene.new_world()
    certificate = world.prosody.authority.issue(server.DOMAIN)
    with ExitStack() as exits:
        bare = exits.enter_context(Server(certificate))
        full = exits.enter_context(Server(certificate, _items(), _presences()))
        visit = Visit(world)
        measures: dict[str, Callable[[], float]] = {
            "bare": lambda: visit.log_in(bare, 0, 0),
            "full": lambda: visit.log_in(full, CONTACTS, PRESENCES),
        }
        if python := peers.slixmpp_python():
            measures["slixmpp bare"] = lambda: _slixmpp(python, bare, 0, world.prosody.ca_file)
            measures["slixmpp full"] = lambda: _slixmpp(python, full, PRESENCES, world.prosody.ca_file)
        cpu = medians(scene.rounds, **measures)
    ours = cpu["full"] - cpu["bare"]
    yield Row(f"{CONTACTS} contacts, {PRESENCES} of them there, CPU", round(ours * 1000), "ms", 0, "", True)
    if python:
        theirs = cpu["slixmpp full"] - cpu["slixmpp bare"]
        yield at_most(
            f"{CONTACTS} contacts, {PRESENCES} of them there",
            round(ours / theirs, 2),
            "x slixmpp",
            0.5,
            f"slixmpp: {theirs * 1000:.0f} ms",
        )
    else:
        yield peers.missing("contacts", "slixmpp")
    yield at_most(f"signals for {PRESENCES} presences", visit.signals, "signals", SIGNALS)


class Visit:
    """Log-ins of profiles that have never been there before, with a frontend that follows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bridge: Any = world.bridge()
        self._numbers = count()
        self.signals = 0

    def log_in(self, source: Server, contacts: int, presences: int) -> float:
        """Seconds of CPU of the daemon from the log-in until the frontend has list and presences."""
        name = f"romeo{next(self._numbers)}"
        run(self._bridge.manager.create_profile(name, JID(server.JID), Secret(server.PASSWORD)))
        profile = self._bridge.profile(name)
        run(profile.profile.set_account(Account(JID(server.JID), host="127.0.0.1", port=source.port)))
        there: set[JID] = set()
        batches: list[int] = []

        def heard(changed: list[Any]) -> None:
            there.update(each.jid for each in changed)
            batches.append(len(changed))

        undo = profile.presence.changed.connect(heard)
        before = cpu_of_process(self._world.daemon.pid)
        run(profile.profile.connect())
        source.wait_available()
        # The whole list is one call; it is asked again only while it has not come from the server.
        if not until(lambda: len(run(profile.roster.get_contacts())) == contacts, PATIENCE):
            raise RuntimeError("the contact list did not come")
        self._bridge.listen(lambda: len(there) >= presences, PATIENCE)
        if len(there) != presences:
            raise RuntimeError(f"{len(there)} of {presences} presences came")
        cost = cpu_of_process(self._world.daemon.pid) - before
        undo()
        run(profile.profile.disconnect())
        run(self._bridge.manager.delete_profile(name))
        self.signals = max(self.signals, len(batches))
        return cost


def _slixmpp(python: str, source: Server, presences: int, ca_file: Path) -> float:
    words = [server.JID, server.PASSWORD, str(source.port), str(ca_file), str(presences)]
    return cpu_of_command([python, str(SCRIPT), *words])


def _items() -> str:
    return "".join(
        f"<item jid='contact{each}@{server.DOMAIN}' name='Contact number {each}' subscription='both'>"
        f"<group>Group {each % 20}</group></item>"
        for each in range(CONTACTS)
    )


def _presences() -> str:
    return "".join(
        f"<presence from='contact{each}@{server.DOMAIN}/phone' to='{server.JID}/orchard'><show>away</show>"
        f"<status>far away</status><priority>5</priority></presence>"
        for each in range(PRESENCES)
    )
