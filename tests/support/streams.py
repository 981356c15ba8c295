"""Two people of a world in one process, who send each other bytes by streams: ``Streams(world, …)`` runs it.

Run as a program: ``streams.py WISHES`` with a JSON object, in the world's environment; it writes one with what came of
it. Twisted's reactor cannot be started twice, so each has a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

APP = "urn:example:app"
PIECE = 65_536


class Done(NamedTuple):
    """What came of it: which way it was, whether what arrived is what was sent, the error of both sides."""

    way: str = ""
    arrived: int = 0
    whole: bool = False
    error: str = ""
    error_there: str = ""
    seconds: float = 0.0
    cpu: float = 0.0
    grown: float = 0.0  # MiB


def streams(
    world: Any,
    size: int,
    *,
    alice: dict[str, str] | None = None,
    bob: dict[str, str] | None = None,
    then: Callable[[], None] | None = None,
    half: int = 0,
    hashed: bool = True,
) -> Done:
    """Have alice send bob so many bytes. ``alice`` and ``bob`` are settings of theirs. When ``half`` of it has arrived,
    ``then`` is called before it goes on. ``hashed``: it is looked at whether what has arrived is what was sent; it
    takes longer than all the rest."""
    wishes = {"port": world.server.port, "size": size, "half": half, "alice": alice or {}, "bob": bob or {}}
    wishes["hashed"] = hashed
    process = subprocess.Popen(
        [sys.executable, __file__, json.dumps(wishes)],
        env={**world.environment(), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None  # noqa: PT018
        line = process.stdout.readline()
        if line.strip() == "half":
            if then is not None:
                then()
            process.stdin.write("\n")
            process.stdin.flush()
            line = process.stdout.readline()
        said = process.stderr.read()
    assert line, said
    return Done(**json.loads(line))


class App:
    """An application that takes all."""

    namespace = APP
    securities = ()

    def __init__(self) -> None:
        self.came: Any = None

    def wants(self, peer: Any) -> bool:
        return False

    def offered(self, session: Any) -> None:
        self.came(session)

    def added(self, session: Any, content: Any) -> bool:
        return False

    def told(self, session: Any, payload: Any) -> bool:
        return False


async def online(reactor: Any, folder: Path, port: int, people: dict[str, dict[str, str]]) -> tuple[Any, list[Any]]:
    """A backend with these people, with settings of theirs, and their sessions."""
    from sat.api import JID, Secret
    from sat.api.profile import Account
    from sat.bridge.direct import DirectBridge
    from sat.core.backend import Backend
    from sat.core.config import Config
    from sat.storage.storage import Storage

    config = folder / "sat.conf"
    config.write_text("[socks5]\nlocal = true\naddress = 127.0.0.1\n")
    storage = await Storage.open(folder, reactor, use_keyring=False)
    backend = Backend(storage, DirectBridge(), Config(config), reactor, lambda: None)
    await backend.start()
    sessions = []
    for name, settings in people.items():
        jid = JID(f"{name}@localhost")
        await backend.create_profile(name, jid, Secret("demo"))
        profile = next(each for each in backend.profiles if each.name.value == name)
        await profile.set_account(Account(jid, host="127.0.0.1", port=port))
        for key, value in settings.items():
            await profile.settings.set_setting(key, value)
        await profile.connect()
        sessions.append(profile.session)
    return backend, sessions


async def work(reactor: Any, wishes: dict[str, Any], folder: Path) -> Done:
    """Both go online, and alice sends."""
    from twisted.internet.defer import Deferred

    from sat.plugins.jingle.plugin import Jingle

    people = {name: wishes[name] for name in ("alice", "bob")}
    backend, sessions = await online(reactor, folder, wishes["port"], people)
    app = App()
    for session in sessions:
        plugin = session.plugin(Jingle)
        plugin.undo(plugin.serve(app))
    offered: Deferred[Any] = Deferred()
    app.came = offered.callback
    try:
        return await transfer(*sessions, offered, wishes)
    finally:
        await backend.stop()


async def transfer(alice: Any, bob: Any, offered: Any, wishes: dict[str, Any]) -> Done:
    """Send and receive."""
    from twisted.internet.defer import Deferred

    from sat.api.errors import SatError
    from sat.plugins.jingle.plugin import Jingle
    from sat.plugins.jingle.ways import Offer
    from sat.xmpp import xml

    size, half, hashed = wishes["size"], wishes["half"], wishes["hashed"]
    ours = await alice.plugin(Jingle).offer(bob.jid, [Offer(xml.element("description", APP))])
    theirs = await offered
    await theirs.accept()
    sent, came, arrived = sha256(), sha256(), 0
    errors = ["", ""]
    started, cpu, memory = time.monotonic(), time.process_time(), resident()
    piece = os.urandom(PIECE)
    way = ""

    async def send() -> None:
        nonlocal way, started, cpu, memory
        try:
            stream = await ours.contents[0].stream()
            way = stream.way
            started, cpu, memory = time.monotonic(), time.process_time(), resident()
            for at in range(0, size, PIECE):
                data = piece[: size - at]
                if hashed:
                    sent.update(data)
                await stream.write(data)
            await stream.close()
            ours.end()
        except SatError as error:
            errors[0] = f"{type(error).__name__}: {error}"

    async def receive() -> None:
        nonlocal arrived
        asked = not half
        try:
            stream = await theirs.contents[0].stream()
            while data := await stream.read():
                if hashed:
                    came.update(data)
                arrived += len(data)
                if arrived >= half and not asked:
                    asked = True
                    print("half", flush=True)
                    await Deferred.fromFuture(asyncio.ensure_future(asyncio.to_thread(sys.stdin.readline)))
            errors[1] = "too little" if arrived < size else str((await theirs.finish()).condition)
        except SatError as error:
            errors[1] = f"{type(error).__name__}: {error}"

    sending, receiving = Deferred.fromCoroutine(send()), Deferred.fromCoroutine(receive())
    await sending
    await receiving
    spent = time.process_time() - cpu
    whole = arrived == size and sent.digest() == came.digest()
    grown = (resident() - memory) / 2**20
    return Done(way, arrived, whole, errors[0], errors[1], time.monotonic() - started, spent, grown)


def resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(wishes: dict[str, Any], do: Callable[[Any, dict[str, Any], Path], Coroutine[Any, Any, Any]] = work) -> None:
    """Run it on a reactor of its own."""
    from twisted.internet.defer import Deferred

    from sat.daemon import use_reactor

    reactor = use_reactor(asyncio.new_event_loop())
    with tempfile.TemporaryDirectory(prefix="sat-streams-") as name:

        def ended(result: Any) -> None:
            if hasattr(result, "printTraceback"):
                result.printTraceback(file=sys.stderr)
            else:
                print(json.dumps(result._asdict()), flush=True)
            reactor.stop()

        reactor.callWhenRunning(lambda: Deferred.fromCoroutine(do(reactor, wishes, Path(name))).addBoth(ended))
        reactor.run(installSignalHandlers=False)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
