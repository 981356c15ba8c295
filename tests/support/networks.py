"""Two networks that cannot reach each other, with a server between them that both reach.

Each is a namespace (network_namespaces(7)) that lives as long as a process of ours does, which ends with us. The kernel
removes it then with its interfaces, also when the tests are killed: nothing has a name that could be left. No packet
leaves them, so their addresses can be such as the internet has; a daemon connects to no others of a peer.
"""

from __future__ import annotations

import ctypes
import functools
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from sat.world.program import Program, ProgramFailed, ProgramMissing, find_program

SERVER = "11.0.0.1"
_CLONE_NEWNET = 0x40000000  # sched.h


class Place:
    """Where a program runs."""

    inside: Sequence[str] = ()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread is there meanwhile; threads that it starts stay there."""
        yield


class Network(Program, Place):
    """A namespace. It has no interface but its own loopback."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(f"network-{name}", folder)

    def command(self) -> list[str]:
        return ["unshare", "--net", "sleep", "infinity"]

    def is_ready(self) -> bool:
        return os.readlink(self._file) != os.readlink("/proc/thread-self/ns/net")

    def start(self) -> Self:
        super().start()
        self.inside = ["nsenter", f"--net={self._file}", "--"]
        self.ip("link", "set", "lo", "up")
        return self

    @property
    def _file(self) -> str:
        return f"/proc/{self.pid}/ns/net"

    def run(self, *words: str) -> None:
        """Run a command there. Errors: ProgramFailed."""
        done = subprocess.run([*self.inside, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ProgramFailed(program=" ".join(words), reason=done.stderr.strip())

    def ip(self, *words: str) -> None:
        """Run ``ip`` (iproute2) there."""
        self.run(find_program("ip", "iproute2"), *words)

    @contextmanager
    def entered(self) -> Iterator[None]:
        with open("/proc/thread-self/ns/net") as ours, open(self._file) as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(ours.fileno())


def _enter(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Networks:
    """``server`` at SERVER, ``one`` and ``other`` that reach only that. A context manager."""

    def __init__(self) -> None:
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            folder = Path(exits.enter_context(TemporaryDirectory(prefix="sat-test-", ignore_cleanup_errors=True)))
            self.server = exits.enter_context(Network("server", folder))
            self.server.ip("address", "add", f"{SERVER}/32", "dev", "lo")
            self.server.run("sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward")
            self.one, self.other = (exits.enter_context(Network(str(number), folder)) for number in (1, 2))
            for number, network in enumerate((self.one, self.other), 1):
                self.server.ip("link", "add", f"to-{number}", "type", "veth", "peer", "eth0", "netns", str(network.pid))
                self.server.ip("address", "add", f"11.{number}.0.1/24", "dev", f"to-{number}")
                network.ip("address", "add", f"11.{number}.0.2/24", "dev", "eth0")
                network.ip("link", "set", "eth0", "up")
                self.connect(number)
                network.ip("route", "add", SERVER, "via", f"11.{number}.0.1")  # and none to anywhere else
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def disconnect(self, number: int) -> None:
        """Pull out the cable of the first network, or of the second."""
        self.server.ip("link", "set", f"to-{number}", "down")

    def connect(self, number: int) -> None:
        """Put it in again."""
        self.server.ip("link", "set", f"to-{number}", "up")


@functools.cache
def are_possible() -> bool:
    """Whether this machine lets us have them: that takes the rights of root, and a kernel with namespaces and veth."""
    try:
        with Networks():
            return True
    except (ProgramFailed, ProgramMissing, OSError):
        return False
