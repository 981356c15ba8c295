"""One program of the world: started, waited for, stopped by its process id."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from sat.api.errors import SatError

POLL = 0.02  # seconds between two looks, at first
SELDOM = 0.1  # seconds, when it takes longer: each look costs whom we wait for some of the time
START_WITHIN = 30.0  # seconds; Prosody takes 0.5, a loaded machine ten times that
STOP_WITHIN = 10.0  # seconds, then it is killed
HELD = 200  # ports that are kept for their servers, the last ones
_TAIL = 2000  # bytes of a log that an error quotes
_held: deque[int] = deque()


class ProgramMissing(SatError):
    """{program} is not installed."""

    exit_code = 1
    hint = "sudo apt install {package}"


class ProgramFailed(SatError):
    """{program} did not start: {reason}."""

    exit_code = 1


def until(condition: Callable[[], bool], seconds: float = START_WITHIN) -> bool:
    """Wait for a condition; whether it came true in time."""
    begin = time.monotonic()
    while not condition():
        waited = time.monotonic() - begin
        if waited > seconds:
            return False
        time.sleep(min(max(POLL, waited / 20), SELDOM))
    return True


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses, nor is given by the system meanwhile: it stays bound here, which leaves
    it to a server that sets SO_REUSEADDR, as all do, but to nobody who asks for any port."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port: int = held.getsockname()[1]
    _held.append(held.detach())
    if len(_held) > HELD:
        os.close(_held.popleft())
    return port


def find_program(name: str, package: str) -> str:
    """The path of a program. Errors: ProgramMissing."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        raise ProgramMissing(program=name, package=package)
    return path


class Program(ABC):
    """A program that runs in the foreground and writes to a log file in ``folder``. ``inside`` are words that stand
    before its command and bring it elsewhere, into another network for instance."""

    inside: Sequence[str] = ()

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """What to run."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it can be used. Asked again and again while it starts."""

    def environment(self) -> dict[str, str]:
        """The environment that it runs in."""
        return dict(os.environ)

    @property
    def pid(self) -> int:
        """Its process id. Errors: RuntimeError when it was not started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Start it, and do not wait until it can be used."""
        if self.running:
            raise RuntimeError(f"{self.name} is running already")
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C at the terminal reaches the world's owner only, who stops it in order.
            self._process = subprocess.Popen(
                [*self.inside, *_dies_with_us(), *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
                start_new_session=True,
            )

    def start(self) -> Self:
        """Start it and wait until it can be used. Errors: ProgramFailed, ProgramMissing."""
        self.launch()
        self.wait_ready()
        return self

    def wait_ready(self, seconds: float = START_WITHIN) -> None:
        """Wait until it can be used. Errors: ProgramFailed; then it is stopped."""
        ready = False
        try:
            ready = until(lambda: not self.running or self.is_ready(), seconds) and self.running
        finally:
            if not ready:
                code = self.wait(0)
                self.stop()
        if not ready:
            what = f"nothing for {seconds:.0f} s" if code is None else f"it ended with {code}"
            raise ProgramFailed(program=self.name, reason=f"{what}. {self.last_words()}".rstrip(" ."))

    def wait(self, seconds: float = STOP_WITHIN) -> int | None:
        """Wait until it ends by itself; its exit code, negative for a signal, None when it still runs."""
        if self._process is None:
            return 0
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> int:
        """End it, by SIGTERM, and by SIGKILL when that does not help; its exit code."""
        if self._process is None:
            return 0
        if self.running:
            self._process.terminate()
            if self.wait() is None:
                self._process.kill()
        return self._process.wait()

    def kill(self) -> None:
        """End it by SIGKILL, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        """Stop it, and start it at the same place with the same data."""
        self.stop()
        self.start()

    def last_words(self) -> str:
        """The end of its log."""
        with contextlib.suppress(OSError):
            return self.log.read_bytes()[-_TAIL:].decode(errors="replace").strip()
        return ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _dies_with_us() -> list[str]:
    # When we are killed by SIGKILL nobody is left to stop the others, so the kernel does (prctl(2), PDEATHSIG).
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []
