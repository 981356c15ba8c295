"""One person of a world in a process, who opens and takes streams without a session: ``OneStream(world, person)``.

Run as a program: ``one_stream.py WISHES`` in the world's environment; then it does what each line says, a JSON object.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Self

from support.streams import main, online

WAYS = {"in-band": ("in_band", "InBandBytestreams"), "socks5": ("socks5", "Socks5Bytestreams")}


class Ended(NamedTuple):
    """Nothing more to say."""


class OneStream:
    """A context manager: inside it the person is online, at ``jid``."""

    def __init__(self, world: Any, person: str, **settings: str) -> None:
        wishes = {"port": world.server.port, "person": person, "settings": settings}
        self._command = [sys.executable, "-m", "support.one_stream", json.dumps(wishes)]
        self._env = {**world.environment(), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.jid = self.answer()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.read()
        self._process.stdout.close()
        self._process.wait(20)

    def say(self, do: str, way: str, peer: str, sid: str, size: int = 0) -> None:
        """Have it ``send`` so many bytes, or ``expect`` a stream."""
        assert self._process.stdin is not None
        wish = {"do": do, "way": way, "peer": peer, "sid": sid, "size": size}
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """What it says next."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


async def _work(reactor: Any, wishes: dict[str, Any], folder: Path) -> Ended:
    from twisted.internet.defer import Deferred

    from sat.api.errors import SatError

    backend, (session,) = await online(reactor, folder, wishes["port"], {wishes["person"]: wishes["settings"]})
    _tell(session.jid)
    while line := await Deferred.fromFuture(asyncio.ensure_future(asyncio.to_thread(sys.stdin.readline))):
        try:
            _tell(await _do(session, json.loads(line)))
        except SatError as error:
            _tell(f"{type(error).__name__}: {error}")
    await backend.stop()
    return Ended()


async def _do(session: Any, wish: dict[str, Any]) -> str:
    from importlib import import_module

    from sat.api import JID

    package, name = WAYS[wish["way"]]
    plugin = session.plugin(getattr(import_module(f"sat.plugins.{package}.plugin"), name))
    peer, sid, digest = JID(wish["peer"]), wish["sid"], sha256()
    if wish["do"] == "send":
        stream = await plugin.open(peer, sid)
        data = bytes(range(256)) * (wish["size"] // 256)
        digest.update(data)
        await stream.write(data)
        await stream.close()
    else:
        expected = plugin.expect(peer, sid)
        _tell("ready")
        stream = await expected
        while data := await stream.read():
            digest.update(data)
    return digest.hexdigest()


def _tell(what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), _work)
