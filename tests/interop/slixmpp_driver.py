"""slixmpp, driven: a process with a client of its own, told what to do and asked what it has heard."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Self

from support.tree import ROOT

from sat.world import PASSWORD, World

PROGRAMS = Path(__file__).parent / "foreign"
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
PATIENCE = 30  # seconds; with OMEMO it takes some to begin, several times as many while others compute


class Slixmpp:
    """A client for an account of the world. A context manager: inside it is online, after it the process has ended."""

    program = "slixmpp_client.py"

    def __init__(self, world: World, person: str) -> None:
        assert PYTHON.exists(), "slixmpp is not installed: tools/setup test"
        self._command = [str(PYTHON), str(PROGRAMS / self.program), world.jid(person), PASSWORD]
        self._command += [str(world.server.port), str(world.server.ca_file)]
        self._env, self._log = world.environment(), world.folder / f"slixmpp-{person}.log"
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._arrived: queue.Queue[dict[str, Any]] = queue.Queue()
        self._events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=self._env
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.jid = self.expect(event="online")["jid"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        for line in self._process.stdout:
            told = json.loads(line)
            (self._arrived if "event" in told else self._answers).put(told)

    def do(self, what: str, **how: Any) -> Any:
        """Tell it to do something; its answer. Errors: AssertionError, with what it said."""
        self._process.stdin.write(json.dumps({"do": what, **how}).encode() + b"\n")
        self._process.stdin.flush()
        try:
            told = self._answers.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"no answer to {what}: {self._said()}") from None
        assert "error" not in told, f"{what}: {told['error']}"
        return told["answer"]

    def expect(self, **wanted: Any) -> dict[str, Any]:
        """The first event that is as wanted, which is taken out; those before it stay."""
        end = time.monotonic() + PATIENCE
        looked = 0
        while True:
            for index in range(looked, len(self._events)):
                if wanted.items() <= _simple(self._events[index]).items():
                    return self._events.pop(index)
            looked = len(self._events)
            try:
                self._events.append(self._arrived.get(timeout=max(0, end - time.monotonic())))
            except queue.Empty:
                heard = "\n".join(map(str, self._events[-8:]))
                raise AssertionError(f"no {wanted}; heard:\n{heard}\n{self._said()}") from None

    def _said(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]


class SlixmppOmemo(Slixmpp):
    """The same with slixmpp-omemo: a device with keys, of which nothing is left when the process has ended."""

    program = "slixmpp_omemo_client.py"


def _simple(event: dict[str, Any]) -> dict[str, Any]:
    """What can be compared by a set."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in event.items()}
