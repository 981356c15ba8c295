"""A daemon of nothing but :mod:`support.echo`, as a process of its own."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from sat.api import SatError
from sat_frontends.bridge import aio, blocking
from support import echo


class EchoServer:
    """Runs while the context is entered."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> EchoServer:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = self.spawn()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                blocking.connect(address=self.address).close()
                return
            except SatError:
                time.sleep(0.02)
        raise AssertionError("the server did not start")

    def spawn(self) -> subprocess.Popen[str]:
        """Start one more process, and do not wait."""
        command = [sys.executable, echo.__file__, self.address]
        environment = {"PYTHONPATH": str(Path(echo.__file__).parents[1]), "PATH": "/usr/bin:/bin"}
        return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> str:
        """End it at once; what it had to say."""
        process, self._process = self._process, None
        if process is None:
            return ""
        process.kill()
        return process.communicate()[1]


def client(bridge: Any, path: str = echo.ALICE) -> echo.EchoApi:
    """The interface of an object, through a frontend's bridge."""
    from sat.bridge.derive import client as derive

    return derive(echo.EchoApi, bridge.transport(path))


def on_loop(server: EchoServer, story: Callable[[aio.AioBridge], Coroutine[Any, Any, Any]]) -> Any:
    """Run a story with an asyncio frontend."""

    async def tell() -> Any:
        bridge = await aio.connect(address=server.address)
        try:
            return await asyncio.wait_for(story(bridge), 30)
        finally:
            bridge.close()

    return asyncio.run(tell())
