"""A daemon among hostile servers: what is watched meanwhile, and what must hold in the end."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from scenarios.target import Target

from sat.api import JID
from sat.world import Daemon
from sat.world.daemon import script
from sat.world.people import bridge_to, run

GROWTH = 50  # MiB that one input may cost
LAG = 3.0  # seconds of work until an answer; other tests may have the machine at the same time

Meet = Callable[..., Target]


class CarelessDaemon(Daemon):
    """Started by somebody whose files are open to everybody."""

    def command(self) -> list[str]:
        return ["sh", "-c", f"umask 000; exec {script('sat')} run"]


class Told:
    """What the daemon must keep to itself: passwords, and what it proved them by."""

    def __init__(self) -> None:
        self.passwords: list[str] = []
        self.proofs: list[str] = []


class Canary:
    """A port where nobody may come."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]

    @property
    def visited(self) -> bool:
        """Whether somebody came since it was asked last."""
        try:
            self._listener.accept()
        except BlockingIOError:
            return False
        return True


class Answered(NamedTuple):
    """A question to the daemon: seconds until the answer came, and how many of them it was working."""

    seconds: float
    work: float


class Watch(threading.Thread):
    """Asks the daemon all the time, as a frontend of another profile does, which is at a good server."""

    def __init__(self, daemon: Daemon, profile: str, server: str) -> None:
        super().__init__(daemon=True)
        self._daemon, self._profile, self._server = daemon, profile, server
        self._ended = threading.Event()
        self.answers: list[Answered] = []
        self.failure: Exception | None = None

    def run(self) -> None:
        """Ask until :meth:`close`."""
        bridge = bridge_to(self._daemon.bus.address)
        good = bridge.profile(self._profile)
        try:
            while not self._ended.wait(0.05):
                for ask in (bridge.manager.list_plugins, lambda: good.ping.ping(JID(self._server))):
                    started, worked = time.monotonic(), processor_time(self._daemon.pid)
                    run(ask())
                    self.answers.append(Answered(time.monotonic() - started, processor_time(self._daemon.pid) - worked))
        except Exception as error:
            self.failure = error
        bridge.close()

    def close(self) -> None:
        """Ask no more."""
        self._ended.set()
        self.join()


def processor_time(pid: int) -> float:
    """Seconds that a process has worked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def memory_now(pid: int) -> float:
    """MiB that a process has in memory. The peak begins anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _memory(pid, "VmRSS:")


def memory_peak(pid: int) -> float:
    """The most MiB that it had since :func:`memory_now`."""
    return _memory(pid, "VmHWM:")


def _memory(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def assert_nothing_is_told(daemon: Daemon, told: Told) -> None:
    """Neither passwords nor proofs are in the log, the files, or the command line."""
    log = daemon.log.read_bytes()
    assert "→ <presence".encode() in log, "the traffic is in the log"
    assert b"SCRAM-SHA-512" in log
    assert told.proofs
    for proof in told.proofs:
        assert base64.b64encode(proof.encode()) not in log
        for part in filter(None, (proof, proof.partition("p=")[2])):
            assert part.encode() not in log
    command = Path(f"/proc/{daemon.pid}/cmdline").read_bytes() + Path(f"/proc/{daemon.pid}/environ").read_bytes()
    files = [each for each in (daemon.folder / "home").rglob("*") if each.is_file()]
    stored = b"".join(each.read_bytes() for each in files)
    assert b"SQLite format 3" in stored
    for password in told.passwords:
        assert password.encode() not in log
        assert password.encode() not in stored
        assert password.encode() not in command


def assert_files_are_private(daemon: Daemon) -> None:
    """Whatever the umask is."""
    made_by_us = {daemon.config_file, daemon.config_file.parent}
    home = daemon.folder / "home"
    files = {each for each in home.rglob("*") if "sat" in each.relative_to(home).parts} - made_by_us
    assert len(files) > 3
    assert {str(each): oct(each.stat().st_mode) for each in files if each.stat().st_mode & 0o077} == {}
