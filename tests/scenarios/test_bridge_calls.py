"""Frontends and a daemon on a real bus: what works."""

from __future__ import annotations

import asyncio
import subprocess
from typing import Any

import pytest
from support.echo import ALICE, BOB, FULL, Inner
from support.echo_server import EchoServer, client, on_loop

from sat.api import JID, Secret
from sat.api.errors import InternalError, InvalidAddress, InvalidArgument, NotFound, TooManyCalls
from sat.api.names import BUS_NAME, ROOT
from sat.bridge.dbus import IN_FLIGHT
from sat.bridge.derive import load
from sat_frontends.bridge import aio, blocking
from sat_frontends.bridge.blocking import run
from sat_frontends.bridge.generic import introspect


@pytest.fixture(scope="module")
def server(bus):
    with EchoServer(bus.address) as server:
        yield server


@pytest.fixture
def bridge(server):
    bridge = blocking.connect(address=server.address)
    yield bridge
    bridge.close()


async def heard(seen: list[Any], count: int = 1) -> None:
    """Wait until so much was heard."""
    while len(seen) < count:  # noqa: ASYNC110 - what arrives is a plain list
        await asyncio.sleep(0.005)


# -- a frontend without a loop -----------------------------------------------------------------------------------------


def test_values_cross_the_bus(bridge):
    assert run(client(bridge).echo(FULL)) == FULL


def test_errors_cross_the_bus(bridge):
    with pytest.raises(NotFound) as caught:
        run(client(bridge).fail("late"))
    assert caught.value == NotFound(what="thing “ü”", more="details")
    with pytest.raises(InternalError) as unexpected:
        run(client(bridge).fail("unknown"))
    assert "secret" not in str(unexpected.value.details)
    with pytest.raises(InvalidAddress, match="“@”"):
        run(client(bridge).join([], owner=JID("@")))
    with pytest.raises(NotFound):
        run(client(bridge, f"{ROOT}/nothing").fail(""))


def test_strings_that_no_bus_can_carry_do_not_break_it(bridge):
    assert run(client(bridge).join(["a\0", "\ud800"])) == "a\ufffd \ufffd"


def test_properties_are_loaded(bridge):
    echo = client(bridge)
    run(echo.set_count(5))
    run(load(echo))
    assert (echo.count.value, echo.best.value) == (5, Inner("none"))


def test_a_big_answer_crosses(bridge):
    assert len(run(client(bridge).get_big(5 * 2**20))) == 5 * 2**20


def test_a_big_question_crosses(bridge):
    assert len(run(client(bridge).join(["x" * 2**20] * 3, ""))) == 3 * 2**20


def test_a_slow_answer_is_waited_for(bridge):
    assert run(client(bridge).wait(0.4)) is None


def test_listening_hands_signals_over(bridge):
    echo, seen = client(bridge), []
    leave = echo.said.connect(seen.append)
    run(echo.say("hello", 3))
    bridge.listen(lambda: len(seen) == 3)
    assert seen == [["hello"]] * 3
    leave()
    run(echo.say("again"))
    bridge.listen(timeout=0.05)
    assert len(seen) == 3


def test_a_receiver_may_call_the_daemon(bridge):
    echo, answers = client(bridge), []
    echo.said.connect(lambda words: answers.append(run(echo.join(words))))
    run(echo.say("hello"))
    bridge.listen(lambda: bool(answers))
    assert answers == ["hello"]


def test_what_a_receiver_raises_ends_listening(bridge):
    def fail(_words):
        raise BrokenPipeError

    echo = client(bridge)
    echo.said.connect(fail)
    run(echo.say("hello"))
    with pytest.raises(BrokenPipeError):
        bridge.listen()


def test_any_method_is_called_by_name(bridge):
    assert run(bridge.call_by_name("profile/alice", "Echo.Join", [["a", "b"], "-"])) == "a-b"
    assert run(introspect(bridge)).children == [f"{ROOT}/profile"]
    with pytest.raises(InvalidArgument):
        run(bridge.call_by_name("profile/alice", "Echo.Wait", ["long"]))


# -- frontends on a loop -----------------------------------------------------------------------------------------------


def test_calls_run_side_by_side(server):
    async def story(bridge):
        echo = client(bridge)
        first = asyncio.create_task(echo.wait(20))
        assert await asyncio.gather(*(echo.join([str(n)]) for n in range(200))) == [str(n) for n in range(200)]
        assert not first.done()
        first.cancel()
        assert len(await echo.get_big(5 * 2**20)) == 5 * 2**20

    on_loop(server, story)


def test_properties_are_followed(server):
    async def story(bridge):
        echo, seen = client(bridge), []
        await echo.set_count(1)
        await load(echo)
        assert echo.count.value == 1
        echo.count.changed.connect(seen.append)
        await echo.set_count(2)
        await heard(seen)
        assert echo.count.value == 2

    on_loop(server, story)


def test_two_frontends_hear_the_same_in_the_same_order(server):
    async def story(first):
        second = await aio.connect(address=server.address)
        one, two, other = [], [], []
        client(first).said.connect(one.append)
        client(second).said.connect(two.append)
        client(second, BOB).said.connect(other.append)
        await asyncio.gather(client(first).wait(0), client(second).wait(0))  # both are listening now
        for number in range(100):
            await client((first, second)[number % 2]).say(str(number))
        await heard(one, 100)
        await heard(two, 100)
        assert one == two == [[str(number)] for number in range(100)]
        assert other == []
        second.close()

    on_loop(server, story)


def test_a_frontend_that_gave_up_is_no_harm(server):
    async def story(bridge):
        echo = client(bridge)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(echo.wait(0.2), 0.05)
        await asyncio.sleep(0.3)
        assert await echo.join(["still", "here"]) == "still here"

    on_loop(server, story)


def test_one_caller_cannot_fill_the_daemon(server):
    async def story(bridge):
        greedy, modest = client(bridge), await aio.connect(address=server.address)
        waiting = [asyncio.create_task(greedy.wait(20)) for _ in range(IN_FLIGHT)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyCalls):
            await greedy.join(["one more"])
        assert await client(modest).join(["others", "go on"]) == "others go on"
        modest.close()
        for each in waiting:
            each.cancel()

    on_loop(server, story)


# -- strangers ---------------------------------------------------------------------------------------------------------


def test_signals_of_others_are_not_believed(server):
    async def story(bridge):
        import _dbus_bindings as bindings

        from sat.bridge.codec import build

        echo, seen = client(bridge), []
        echo.said.connect(seen.append)
        await echo.wait(0)
        forger = await aio.connect(address=server.address)
        for destination in (None, bridge._connection.get_unique_name()):
            message = build(lambda: bindings.SignalMessage(ALICE, f"{BUS_NAME}.Echo", "Said"), "as", (["forged"],))
            if destination:
                message.set_destination(destination)
            forger._connection.send_message(message)
        owner = build(
            lambda: bindings.SignalMessage("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged"),
            "sss",
            (BUS_NAME, bridge._owner, forger._connection.get_unique_name()),
        )
        owner.set_destination(bridge._connection.get_unique_name())
        forger._connection.send_message(owner)
        await client(forger).say("true")
        await heard(seen)
        assert seen == [["true"]]
        assert bridge.present
        forger.close()

    on_loop(server, story)


def test_who_watches_the_bus_sees_no_secret(server, bridge, tmp_path):
    log = tmp_path / "monitor"
    with log.open("w") as output:
        command = ["dbus-monitor", "--address", server.address]
        monitor = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
    try:
        while "marker" not in log.read_text():
            run(client(bridge).join(["marker"]))
        assert run(client(bridge).measure(Secret("hunter2-and-more"))) == 16
        while "the end" not in log.read_text():
            run(client(bridge).join(["the end"]))
    finally:
        monitor.kill()
        monitor.wait()
    assert "Measure" in log.read_text()
    assert "hunter2" not in log.read_text()


def test_busctl_shows_a_readable_interface(server):
    def busctl(*arguments: str) -> str:
        command = ["busctl", f"--address={server.address}", "--no-pager", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    shown = busctl("introspect", BUS_NAME, ALICE)
    lines = {line.split()[0]: line.split()[1:4] for line in shown.splitlines() if line.strip()}
    assert lines["org.salutatoi.SAT1.Echo"][0] == "interface"
    assert lines[".Join"] == ["method", "asssb", "s"]
    assert lines[".Measure"] == ["method", "hh", "x"]
    assert lines[".Count"][:2] == ["property", "x"]
    assert lines[".Said"][:2] == ["signal", "as"]
    assert f"{ROOT}/profile/alice" in busctl("tree", BUS_NAME)
    assert busctl("call", BUS_NAME, ALICE, f"{BUS_NAME}.Echo", "Join", "as", "2", "a", "b") == 's "a b"\n'
    assert "GetManagedObjects" in busctl("introspect", BUS_NAME, ROOT)
