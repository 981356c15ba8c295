"""Frontends and a daemon on a real bus: what goes wrong, and comes right again by itself."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from support import echo
from support.echo import ALICE
from support.echo_server import EchoServer, client, on_loop

from sat.api.errors import DaemonNotStarted, DaemonSilent, InvalidArgument, NoBus, NoDaemon
from sat.api.names import BUS_NAME, ROOT
from sat.api.values import Secret
from sat.bridge.derive import load
from sat.bridge.link import DBUS, call_message
from sat.bridge.secret import secret_to
from sat.world import Bus
from sat.world.daemon import end_daemon_on
from sat_frontends.bridge import aio, blocking
from sat_frontends.bridge.blocking import run

MIB = 2**20
TESTS = Path(echo.__file__).parents[1]


@pytest.fixture
def own_bus(folder: Path) -> Iterator[Bus]:
    with Bus(folder) as bus:
        yield bus


@pytest.fixture
def server(own_bus: Bus) -> Iterator[EchoServer]:
    with EchoServer(own_bus.address) as server:
        yield server


@pytest.fixture
def bridge(server: EchoServer) -> Iterator[blocking.BlockingBridge]:
    bridge = blocking.connect(address=server.address)
    yield bridge
    bridge.close()


def memory(server: EchoServer) -> int:
    """What the daemon holds, in bytes."""
    return int(Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * 4096


def until_true(condition: Callable[[], bool]) -> Coroutine[Any, Any, None]:
    async def wait() -> None:
        while not condition():  # noqa: ASYNC110 - the condition is anything
            await asyncio.sleep(0.01)

    return wait()


def after(seconds: float, action: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, action)
    timer.start()
    return timer


# -- nobody there ------------------------------------------------------------------------------------------------------


def both_ways(address: str, error: type[Exception], timeout: float = 5.0, start: bool = False) -> None:
    """Neither kind of frontend connects."""
    with pytest.raises(error) as caught:
        blocking.connect(timeout, start, address)
    assert type(caught.value) is error
    with pytest.raises(error) as caught:
        asyncio.run(aio.connect(timeout, start, address))
    assert type(caught.value) is error


@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "nonsense", "unix:path="])
def test_no_bus(address):
    both_ways(address, NoBus)


def test_no_bus_in_the_environment(monkeypatch, folder):
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    both_ways("", NoBus)


def test_the_bus_in_the_environment_is_found(monkeypatch, server, folder):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", server.address)
    blocking.connect().close()
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))  # its socket is called bus, as that of systemd
    blocking.connect().close()


def test_a_bus_that_does_not_answer(folder):
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(folder / "deaf"))
        deaf.listen()
        both_ways(f"unix:path={folder / 'deaf'}", NoBus, 0.2)


def test_what_is_asked_while_a_bus_does_not_answer_is_told_so(folder):
    async def story() -> list[Any]:
        bridge = aio.AioBridge(asyncio.get_running_loop(), f"unix:path={folder / 'deaf'}")
        entering = asyncio.create_task(bridge.attach(0.3))
        await asyncio.sleep(0.1)
        asked = asyncio.create_task(bridge.ask(call_message(BUS_NAME, ROOT, f"{DBUS}.Peer", "Ping"), 20))
        try:
            return await asyncio.wait_for(asyncio.gather(entering, asked, return_exceptions=True), 5)
        finally:
            bridge.close()

    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(folder / "deaf"))
        deaf.listen()
        assert [type(each) for each in asyncio.run(story())] == [NoBus, NoBus]


@pytest.mark.parametrize("start", [False, True])
def test_no_daemon(own_bus, start):
    """Nobody told the bus how to start it: said at once."""
    begun = time.monotonic()
    both_ways(own_bus.address, NoDaemon, start=start)
    assert time.monotonic() - begun < 1.0


@pytest.fixture
def startable(folder: Path) -> Callable[..., AbstractContextManager[Bus]]:
    """A bus that knows a command by which a daemon is started; if none is given, one that can."""

    @contextmanager
    def make(command: str = "") -> Iterator[Bus]:
        command = command or f"/usr/bin/env PYTHONPATH={TESTS} {sys.executable} {echo.__file__} unix:path={folder}/bus"
        services = folder / "services"
        services.mkdir()
        service = f"[D-BUS Service]\nName={BUS_NAME}\nExec={command}\n"
        (services / f"{BUS_NAME}.service").write_text(service)
        with Bus(folder, services) as bus:
            yield bus
            end_daemon_on(bus)

    return make


async def started_by_loop(address: str) -> aio.AioBridge:
    bridge = await aio.connect(start=True, address=address)
    assert await client(bridge).join(["started"]) == "started"
    bridge.close()
    return bridge


def started_without_loop(address: str) -> None:
    bridge = blocking.connect(start=True, address=address)
    assert run(client(bridge).join(["started"])) == "started"
    bridge.close()


@pytest.mark.parametrize("use", [started_without_loop, lambda address: asyncio.run(started_by_loop(address))])
def test_the_bus_starts_the_daemon(startable, use):
    with startable() as bus:
        both_ways(bus.address, NoDaemon)
        use(bus.address)
        use(bus.address)  # now it runs


@pytest.mark.parametrize("command", ["/bin/false", "/nonexistent/sat run"])
def test_the_bus_cannot_start_the_daemon(startable, command):
    with startable(command) as bus:
        both_ways(bus.address, DaemonNotStarted, start=True)


def test_a_frontend_does_not_start_a_daemon_that_was_stopped(startable):
    """``sat stop`` means it, whoever looks on."""

    async def story(bus: Bus) -> None:
        bridge = await aio.connect(start=True, address=bus.address)
        told: list[str] = []
        bridge.daemon_gone.connect(lambda _: told.append("gone"))
        await asyncio.to_thread(end_daemon_on, bus)
        await until_true(lambda: told == ["gone"])
        with pytest.raises(NoDaemon):
            await client(bridge).join(["anybody?"])
        assert not bridge.present
        bridge.close()

    with startable() as bus:
        asyncio.run(story(bus))
        both_ways(bus.address, NoDaemon)


def test_a_daemon_that_does_not_answer(server):
    server.signal(signal.SIGSTOP)
    both_ways(server.address, DaemonSilent, 1.0)


def test_a_second_daemon_is_refused_and_the_first_undisturbed(server, bridge):
    second = server.spawn()
    _out, complaint = second.communicate(timeout=20)
    assert second.returncode == 1
    assert f"process {server.pid}" in complaint
    assert run(client(bridge).join(["still", "here"])) == "still here"


# -- Ctrl-C ------------------------------------------------------------------------------------------------------------

WAITING = """
import sys
from support.echo_server import client
from sat_frontends.bridge import blocking
bridge = blocking.connect(address=sys.argv[1])
try:
    print("ready", flush=True)
    {waits}
except KeyboardInterrupt:
    print("interrupted")
else:
    print("over")
"""


@pytest.mark.parametrize(
    ("waits", "end"), [("blocking.run(client(bridge).wait(30))", "interrupted"), ("bridge.listen()", "over")]
)
def test_ctrl_c_ends_waiting(server, waits, end):
    command = [sys.executable, "-c", WAITING.format(waits=waits), server.address]
    waiting = subprocess.Popen(command, env={"PYTHONPATH": str(TESTS)}, stdout=subprocess.PIPE, text=True)
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "ready\n"
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(0.3)
    waiting.send_signal(signal.SIGINT)
    assert waiting.communicate(timeout=20)[0] == f"{end}\n"


# -- what was there goes away ------------------------------------------------------------------------------------------


def test_listening_ends_when_the_daemon_does(server, bridge):
    timer = after(0.2, server.stop)
    with pytest.raises(NoDaemon):
        bridge.listen()
    timer.join()
    with pytest.raises(NoDaemon):
        run(client(bridge).wait(0))


def test_listening_ends_when_the_bus_does(own_bus, bridge):
    timer = after(0.2, own_bus.kill)
    with pytest.raises(NoBus):
        bridge.listen()
    timer.join()
    with pytest.raises(NoBus):
        run(client(bridge).wait(0))


@pytest.mark.parametrize("listening", [False, True])
def test_a_call_ends_when_the_daemon_does(server, bridge, listening):
    if listening:
        client(bridge).said.connect(print)
    timer = after(0.4, server.stop)
    with pytest.raises((NoDaemon, DaemonSilent)):
        run(client(bridge).wait(60))
    timer.join()


def test_a_frontend_stays_while_the_daemon_is_away(server):
    async def story(bridge):
        echo, told, words = client(bridge), [], []
        bridge.daemon_gone.connect(lambda _: told.append("gone"))
        bridge.daemon_back.connect(lambda _: told.append("back"))
        bridge.resync.connect(lambda _: told.append("resync"))
        echo.said.connect(words.append)
        server.stop()
        await until_true(lambda: told == ["gone"])
        with pytest.raises(NoDaemon):
            await echo.wait(0)
        await asyncio.to_thread(server.start)
        await until_true(lambda: len(told) == 3)
        assert told == ["gone", "back", "resync"]
        await echo.say("new")
        await until_true(lambda: bool(words))
        assert words == [["new"]]

    on_loop(server, story)


def test_everybody_comes_back_to_a_bus_that_was_away(own_bus, server):
    """R11."""

    async def story(bridge):
        echo, told, words, there = client(bridge), [], [], []
        bridge.daemon_gone.connect(lambda _: told.append("gone"))
        bridge.daemon_back.connect(lambda _: told.append("back"))
        bridge.bus_changed.connect(there.append)
        echo.said.connect(words.append)
        await echo.set_count(7)
        pending = asyncio.create_task(echo.wait(60))
        await asyncio.sleep(0.05)
        own_bus.kill()
        with pytest.raises(NoBus):
            await pending
        await until_true(lambda: told == ["gone"])
        assert there == [False]
        with pytest.raises(NoBus):
            await echo.wait(0)
        await asyncio.to_thread(own_bus.start)
        await until_true(lambda: told == ["gone", "back"] and there == [False, True])
        assert bridge.on_bus
        await load(echo)
        assert echo.count.value == 7  # the same process
        await echo.say("new")
        await until_true(lambda: bool(words))

    on_loop(server, story)


# -- slow ones ---------------------------------------------------------------------------------------------------------

SUBSCRIBER = """
import sys
from support.echo_server import client
from sat_frontends.bridge import blocking
bridge = blocking.connect(address=sys.argv[1])
client(bridge).said.connect(lambda words: None)
print("ready", flush=True)
bridge.listen()
"""


def test_a_stopped_frontend_harms_nobody(server, bridge):
    """R14."""
    command = [sys.executable, "-c", SUBSCRIBER, server.address]
    slow = subprocess.Popen(command, env={"PYTHONPATH": str(TESTS)}, stdout=subprocess.PIPE, text=True)
    assert slow.stdout is not None
    try:
        assert slow.stdout.readline() == "ready\n"
        slow.send_signal(signal.SIGSTOP)
        echo = client(bridge)
        before = memory(server)
        for _ in range(10):
            run(echo.say("x" * 400, 1000))
            assert run(echo.join(["others", "go on"])) == "others go on"
        assert memory(server) - before < 20 * MIB
    finally:
        slow.kill()
        slow.wait()


def test_a_stopped_bus_costs_signals_but_no_memory(own_bus, server):
    async def story(bridge):
        echo, words, told = client(bridge), [], []
        echo.said.connect(words.append)
        bridge.resync.connect(told.append)
        before = memory(server)
        await echo.say("x" * 10_000, 6000, after=1.0)  # when the bus has long been stopped
        os.kill(own_bus.pid, signal.SIGSTOP)
        await until_true(lambda: memory(server) - before > 6 * MIB)
        os.kill(own_bus.pid, signal.SIGCONT)
        await until_true(lambda: bool(told))
        assert 0 < len(words) < 6000
        assert memory(server) - before < 20 * MIB
        words.clear()
        await echo.say("new")
        await until_true(lambda: ["new"] in words)

    on_loop(server, story)


def test_nothing_is_left_of_a_frontend(server, bridge):
    """Frontends come and go; the daemon does not grow by their match rules or descriptors."""
    descriptors = Path(f"/proc/{server.pid}/fd")
    run(client(bridge).wait(0))
    before = len(list(descriptors.iterdir()))
    for _ in range(20):
        other = blocking.connect(address=server.address)
        client(other, ALICE).said.connect(print)
        assert run(client(other).measure(Secret("hunter2"), Secret("x"))) == 8
        with pytest.raises(InvalidArgument):
            run(other.transport(ALICE).call(f"{BUS_NAME}.Echo", "Join", "h", (secret_to("hunter2"),), "s"))
        other.close()
    run(client(bridge).wait(0))
    assert len(list(descriptors.iterdir())) == before
