"""jp, and the fake daemon behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.commands import Commands, FakeDaemon

from sat.world import Bus


@pytest.fixture
def alone(folder: Path) -> Commands:
    """jp where there is no bus."""
    return Commands(folder)


@pytest.fixture(scope="module")
def shared_daemon(bus: Bus) -> Iterator[FakeDaemon]:
    """For tests that change nothing that others look at."""
    with FakeDaemon(bus.folder, bus.address) as daemon:
        yield daemon


@pytest.fixture
def jp(bus: Bus, shared_daemon: FakeDaemon) -> Commands:
    """jp with the shared daemon."""
    return Commands(bus.folder, shared_daemon.address)


@pytest.fixture
def own(folder: Path) -> Iterator[tuple[Commands, FakeDaemon]]:
    """jp with a bus and a daemon of this test's own."""
    with Bus(folder) as bus, FakeDaemon(folder, bus.address) as daemon:
        yield Commands(folder, bus.address), daemon
