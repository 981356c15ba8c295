"""Somebody who talks off the record with libotr: a program of ours in C, built when it is first needed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from benchmarks.peers import find

SOURCE = Path(__file__).parent / "foreign/libotr_peer.c"
HEADER = Path("/usr/include/libotr/proto.h")


def missing() -> str:
    """What is not installed that the program needs, or nothing."""
    if not HEADER.exists():
        return "libotr5-dev"
    return "" if find("gcc") else "gcc"


def build(folder: Path) -> Path:
    """The program, built in a folder. Errors: CalledProcessError."""
    program = folder / "libotr_peer"
    command = ["gcc", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-o", str(program), str(SOURCE)]
    subprocess.run([*command, "-lotr", "-lgcrypt"], check=True)
    return program


class LibotrPeer:
    """One of them. ``versions`` are those of the protocol that it may speak; ``longest`` is the longest body in bytes,
    0 where any is taken. What it sends is in ``sent``, in order, until somebody takes it."""

    def __init__(self, program: Path, versions: str = "2", longest: int = 0) -> None:
        self._process = subprocess.Popen(
            [str(program), versions, str(longest)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid
        self.sent: list[str] = []
        self.state = ""
        ((_, self.fingerprint),) = self._events()

    def __enter__(self) -> LibotrPeer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def do(self, command: str, *arguments: str) -> list[tuple[str, str]]:
        """Have it do something (see the source); what happened, as names and texts, without what was sent."""
        assert self._process.stdin is not None
        words = [each.encode().hex() or "-" for each in arguments]
        self._process.stdin.write(" ".join([command, *words]) + "\n")
        self._process.stdin.flush()
        return self._events()

    def take(self) -> list[str]:
        """What is to be carried to the other."""
        sent, self.sent = self.sent, []
        return sent

    def _events(self) -> list[tuple[str, str]]:
        assert self._process.stdout is not None
        events: list[tuple[str, str]] = []
        for line in self._process.stdout:
            name, _, data = line.strip().partition(" ")
            if name == "done":
                self.state = data
                return events
            if name == "out":
                self.sent.append(bytes.fromhex(data).decode())
            elif name in {"text", "error", "asked"}:
                events.append((name, bytes.fromhex(data).decode()))
            else:
                events.append((name, data))
        raise RuntimeError("libotr's program has ended")


class Built:
    """The program in a folder of its own, for as long as it is needed."""

    def __enter__(self) -> Path:
        self._folder = TemporaryDirectory(prefix="sat-libotr-")
        return build(Path(self._folder.name))

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()
