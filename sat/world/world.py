"""Server, bus and daemon together, and the people in it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sat.world import people
from sat.world.bus import Bus
from sat.world.daemon import Daemon, end_daemon_on, environment
from sat.world.prosody import Options, Prosody
from sat.world.server import Server

if TYPE_CHECKING:
    from sat_frontends.bridge.blocking import BlockingBridge

PASSWORD = "demo"  # of everybody here; nobody else can reach them
# All are on this machine, and nobody else is to reach them.
CONFIG = "[attachments]\nlocal = true\n[socks5]\nlocal = true\naddress = 127.0.0.1\n"
PEOPLE: dict[str, dict[str, str]] = {
    "alice": {"bob": "Friends", "carol": "Work"},
    "bob": {"alice": "Friends", "carol": "Friends"},
    "carol": {"alice": "Work", "bob": "Friends"},
}


class World:
    """A context manager: inside it everything runs, after it no process and no file is left.

    ``daemon`` says whether our daemon is started too; it can be started later by ``world.daemon.start()``. The server
    is a Prosody with these ``options``, or what ``server`` makes in a folder.
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        daemon: bool = True,
        server: Callable[[Path], Server] | None = None,
    ) -> None:
        self._make_server = server or (lambda folder: Prosody(folder, options))
        self._with_daemon = daemon
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as exits:  # what was started is stopped again when the next does not start
            self.folder = Path(tempfile.mkdtemp(prefix="sat-world-"))
            exits.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.server = self._make_server(self.folder)
            self._settle()
            self.bus = Bus(self.folder)
            self.env = environment(self.folder, self.bus, self.server.ca_file)
            self.daemon = Daemon(self.folder, self.bus, self.env)
            self.daemon.config_file.write_text(CONFIG)
            exits.callback(self._stop)
            self._start()
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    @property
    def prosody(self) -> Prosody:
        """The server, for what only a Prosody can do."""
        assert isinstance(self.server, Prosody)
        return self.server

    @property
    def domain(self) -> str:
        """The domain of everybody's address."""
        return self.server.domain

    def jid(self, person: str) -> str:
        """Somebody's address."""
        return f"{person}@{self.domain}"

    def bridge(self) -> BlockingBridge:
        """A new blocking client of the daemon: ``run(world.bridge().manager.list_profiles())``."""
        return people.bridge_to(self.bus.address)

    def enter_profile(self, person: str) -> None:
        """Make somebody a profile of the daemon, and wait until they are online."""
        people.enter(self.bridge(), person, self.jid(person), PASSWORD, self.server.port)

    def environment(self) -> dict[str, str]:
        """The whole environment for a program that is to live here."""
        return {**os.environ, **self.env}

    def write_env_file(self) -> Path:
        """A file that brings a shell into this world: ``. FILE``. It finds our commands, too."""
        path = self.folder / "env"
        lines = [f"export {name}={shlex.quote(value)}" for name, value in self.env.items()]
        lines.append(f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH")
        path.write_text("\n".join(lines) + "\n")
        return path

    def _settle(self) -> None:
        for person, contacts in PEOPLE.items():
            self.server.register(person, PASSWORD)
            self.server.set_roster(
                person, {self.jid(name): (name.capitalize(), [group]) for name, group in contacts.items()}
            )

    def _start(self) -> None:
        # Together: each waits for itself mostly.
        self.server.launch()
        self.bus.start()
        if self._with_daemon:
            self.daemon.launch()
        self.server.wait_ready()
        if self._with_daemon:
            self.daemon.wait_ready()

    def _stop(self) -> None:
        self.daemon.stop()
        end_daemon_on(self.bus)
        self.bus.stop()
        self.server.stop()
