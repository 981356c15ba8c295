"""What the tests live in: a private bus, a real server, our daemon as a process of its own.

No test runs an event loop of its own against the daemon: it talks to it as a frontend does, through blocking clients.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from support.peer import Peer

from sat.world import Bus, Daemon, Prosody, World
from sat.world.daemon import environment

pytest_plugins = ["support.apart", "support.order"]
# How long an example takes is told by what else runs, not by our code: several tests do at once.
settings.register_profile("sat", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sat")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # the background job of a script, as would be all that we start
    signal.signal(signal.SIGINT, signal.default_int_handler)

PeerFactory = Callable[..., Peer]
DaemonFactory = Callable[..., Daemon]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: that of a socket must stay below 108 bytes."""
    with TemporaryDirectory(prefix="sat-test-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def shared_folder() -> Iterator[Path]:
    """The folder of what the whole run shares."""
    with TemporaryDirectory(prefix="sat-test-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(scope="module")  # not longer: one daemon at a time can have our name on it
def bus() -> Iterator[Bus]:
    """A bus for a module. Who stops or restarts one makes one of their own."""
    with TemporaryDirectory(prefix="sat-test-", ignore_cleanup_errors=True) as name, Bus(Path(name)) as bus:
        yield bus


@pytest.fixture(scope="session")
def prosody(shared_folder: Path) -> Iterator[Prosody]:
    """A good server for the whole run. Register accounts with names of your own; faults need a server of their own."""
    with Prosody(shared_folder) as prosody:
        yield prosody


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Server, bus, daemon, and the accounts alice, bob and carol, for a module."""
    with World() as world:
        yield world


@pytest.fixture
def daemon_factory(prosody: Prosody) -> Iterator[DaemonFactory]:
    """Make daemons that are stopped when the test ends: ``daemon_factory(start=False, config="…")``.

    Each has a bus and a folder of its own and trusts the shared server. ``again`` is an earlier one, whose files and
    bus the new one shares.
    """
    with ExitStack() as exits:

        def make(*, start: bool = True, config: str = "", again: Daemon | None = None) -> Daemon:
            if again is None:
                name = exits.enter_context(TemporaryDirectory(prefix="sat-test-", ignore_cleanup_errors=True))
                bus = exits.enter_context(Bus(Path(name)))
                daemon = Daemon(Path(name), bus, environment(Path(name), bus, prosody.ca_file))
            else:
                daemon = Daemon(again.folder, again.bus, again.variables)
            exits.callback(daemon.stop)
            if config:
                daemon.config_file.write_text(config)
            return daemon.start() if start else daemon

        yield make


@pytest.fixture
def peer() -> Iterator[PeerFactory]:
    """Foreign clients that leave when the test ends: ``peer(prosody, "bob", "demo")``."""
    with ExitStack() as exits:

        def make(prosody: Prosody, user: str, password: str, resource: str = "peer") -> Peer:
            jid = f"{user}@{prosody.domain}"
            return exits.enter_context(Peer(jid, password, prosody.port, prosody.ca_file, resource))

        yield make


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser for the whole run. Close the pages and contexts that you open in it."""
    from support.apart import apart
    from support.chromium import chromium

    with ExitStack() as exits:
        exits.callback(apart, (running := ExitStack()).close)  # the last test of the run can be one of another thread
        yield running.enter_context(chromium())
