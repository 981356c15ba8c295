"""The real server on a daemon in memory, as a process of its own.

It prints its port, then takes one JSON list a line: the name of a method of ``World`` and its arguments.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from twisted.internet import asyncioreactor

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
asyncioreactor.install(loop)

from frontends.libervia.world import World  # noqa: E402 - after the reactor
from twisted.internet import reactor  # noqa: E402 - after the reactor

from libervia.main import read_arguments  # noqa: E402 - after the reactor
from libervia.routes import load_pages  # noqa: E402 - after the reactor
from libervia.server import login  # noqa: E402 - after the reactor
from libervia.server.run import Server, serve  # noqa: E402 - after the reactor


def main() -> int:
    login.FAILURE_TAKES = 0.05
    world = World()

    async def connect() -> World:
        return world

    def ready(server: Server) -> None:
        world.app = server.app
        print(server.port, flush=True)
        loop.add_reader(sys.stdin.fileno(), lambda: obey(world))

    return serve(reactor, read_arguments(sys.argv[1:]), load_pages(), connect, ready)


def obey(world: World) -> None:
    line = sys.stdin.readline()
    if not line:
        loop.remove_reader(sys.stdin.fileno())
        reactor.stop()
        return
    name, *arguments = json.loads(line)
    result: Any = getattr(world, name)(*arguments)
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
