"""jp as people and scripts run it: as a process, in a pipe or on a terminal, against the fake daemon on a bus."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from sat.world.program import Program
from support.tree import ROOT

PATIENCE = 30.0  # seconds; only a failing test waits so long
JP = [sys.executable, "-c", "from sat_frontends.jp.main import main; main()"]


class FakeDaemon(Program):
    """tests/frontends/fake_daemon.py on the bus at ``address``."""

    def __init__(self, folder: Path, address: str) -> None:
        super().__init__("fake-daemon", folder)
        self.address = address
        self._seen = 0

    def command(self) -> list[str]:
        self._seen = self.log.stat().st_size  # what an earlier one wrote
        return [sys.executable, "-u", str(ROOT / "tests/frontends/fake_daemon.py")]

    def environment(self) -> dict[str, str]:
        paths = os.pathsep.join([str(ROOT / "tests"), str(ROOT)])
        return {**os.environ, "PYTHONPATH": paths, "DBUS_SESSION_BUS_ADDRESS": self.address}

    def is_ready(self) -> bool:
        return b"ready" in self.log.read_bytes()[self._seen :]


class Done(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it wrote to stdout."""
        return self.out.splitlines()


class Commands:
    """Runs ``jp`` in a plain environment; ``address`` is the bus, empty for none."""

    def __init__(self, folder: Path, address: str = "") -> None:
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder / "none"),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "xterm",
            "PYTHONPATH": str(ROOT),
        }
        if address:
            self.environment["DBUS_SESSION_BUS_ADDRESS"] = address

    def __call__(self, *words: str, given: str | bytes = "", **environment: str) -> Done:
        """In a pipe, with ``given`` on stdin."""
        data = given.encode() if isinstance(given, str) else given
        done = subprocess.run(
            [*JP, *words],
            input=data,
            capture_output=True,
            env=self.environment | environment,
            timeout=PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def in_shell(self, script: str, **environment: str) -> Done:
        """Run a script of bash, to which ``jp`` is a command."""
        known = {"PYTHON": JP[0], "ENTRY": JP[2]}
        done = subprocess.run(
            ["bash", "-c", f'jp() {{ "$PYTHON" -c "$ENTRY" "$@"; }}\n{script}'],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=self.environment | known | environment,
            timeout=PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Start it in a pipe. The caller ends it."""
        return subprocess.Popen(
            [*JP, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment | environment,
        )

    def on_terminal(self, *words: str, **environment: str) -> Terminal:
        """Start it on a terminal of its own."""
        return Terminal([*JP, *words], self.environment | {"COLUMNS": "80"} | environment)


class Terminal:
    """A program on a terminal: wait for what it shows, type, wait for its end."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.shown = ""
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            try:
                os.execvpe(command[0], command, environment)  # noqa: S606 - our own program
            finally:
                os._exit(127)

    def expect(self, text: str) -> Terminal:
        """Wait until it shows this, after what was waited for before."""
        end = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < end, f"no {text!r} in {self.shown!r}"
            assert self._read(), f"it ended without {text!r}: {self.shown!r}"
        return self

    def type(self, text: str) -> Terminal:
        """Type this; what was shown before is no longer waited for."""
        self.shown = ""
        os.write(self._descriptor, text.encode())
        return self

    def interrupt(self) -> Done:
        """Press Ctrl-C and wait for its end. Python loses one that comes just before it begins to read a line, so it is
        pressed again where nothing happens."""
        for _ in range(10):
            self.type("\x03")
            patience = time.monotonic() + 1
            while time.monotonic() < patience:
                if select.select([self._descriptor], [], [], 0.05)[0] and not self._read():
                    return self.end()
        return self.end()

    def end(self) -> Done:
        """Wait for its end. ``out`` is all that was shown since the last typing."""
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self._descriptor)
        return Done(os.waitstatus_to_exitcode(status), self.shown.replace("\r\n", "\n"), "")

    def _read(self) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], PATIENCE)
        if not ready:
            raise TimeoutError(f"nothing more after {self.shown!r}")
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # EIO: the other end is closed
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)
