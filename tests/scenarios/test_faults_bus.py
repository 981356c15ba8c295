"""The bus goes away (R11), a second daemon is started (R12), frontends work side by side (R13)."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from support.peer import local_name
from support.talk import all_arrived, connection, faults, heard, history, is_online, say, wait
from support.thorough import times

from sat.api.messages import Message
from sat.world import Bus, World
from sat.world.daemon import environment, script
from sat.world.people import run
from sat.world.program import until

RACES = times(10, 50)


@pytest.fixture(scope="module")
def entered(world: World) -> World:
    world.enter_profile("alice")
    return world


@pytest.fixture
def alice(entered: World) -> Iterator[Any]:
    """alice, by a frontend of this test's own: the bus is not always the same."""
    bridge = entered.bridge()
    yield bridge.profile("alice")
    bridge.close()


# -- R11 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_the_connection_stays_while_the_bus_is_away(world, alice, bob, end):
    before = connection(world.bridge().profile("alice"))
    bob.expect(lambda stanza: local_name(stanza) == "presence" and stanza.get("from") == before.jid)
    getattr(world.bus, end)()
    bob.say("alice@localhost", f"while the bus is away, by {end}", id=f"away-{end}")
    world.bus.start()
    assert until(world.daemon.is_ready, 10), "the daemon is back on the bus"
    again = world.bridge().profile("alice")
    wait(lambda: heard(again)[-1:] == [f"while the bus is away, by {end}"], "it was heard meanwhile")
    assert connection(again) == before
    id = say(again, "back")
    while (stanza := bob.receive()).get("id") != id:
        assert local_name(stanza) != "presence" or stanza.get("from") != before.jid, "nobody has seen alice leave"
    assert not faults(world.daemon)


# -- R12 ---------------------------------------------------------------------------------------------------------------


def start(variables: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [script("sat"), "run"],
        env={**os.environ, **variables},
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


@contextmanager
def ended(*processes: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def complaint(process: subprocess.Popen[str]) -> list[str]:
    """What a daemon that could not start says; lines of the log are not meant."""
    _, said = process.communicate(timeout=20)
    assert process.returncode > 0
    assert "Traceback" not in said
    return [line for line in said.splitlines() if line.startswith("sat: ")]


def test_a_second_daemon_says_so_in_a_line_and_harms_nobody(world, alice, bob):
    pid = world.daemon.pid
    with ended(second := start(world.env)):
        (line,) = complaint(second)
    assert str(pid) in line
    assert is_online(world.bridge().profile("alice"))


def test_a_daemon_with_other_data_leaves_the_name_to_the_first(world, alice, folder):
    variables = environment(folder, world.bus)
    with ended(second := start(variables)):
        (line,) = complaint(second)
    assert str(world.daemon.pid) in line
    assert is_online(world.bridge().profile("alice"))


def test_without_a_bus_it_says_so(folder):
    variables = {**environment(folder, Bus(folder)), "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/none"}
    with ended(alone := start(variables)):
        (line,) = complaint(alone)
    assert "D-Bus" in line


def test_of_two_that_start_at_once_one_wins(folder):
    """Each time the winner is killed, so that its lock must go with it."""
    with Bus(folder) as bus:
        variables = environment(folder, bus)
        for _ in range(RACES):
            race(variables)


def race(variables: dict[str, str]) -> None:
    pair = start(variables), start(variables)
    with ended(*pair):
        wait(lambda: any(process.poll() is not None for process in pair), "one gives up")
        loser, winner = sorted(pair, key=lambda process: process.poll() is None)
        (line,) = complaint(loser)
        assert str(winner.pid) in line
        assert winner.poll() is None


# -- R13 ---------------------------------------------------------------------------------------------------------------


def test_two_frontends_at_once_see_the_same(world, alice, bob):
    each = 60
    before = len(history(alice))
    told: list[list[Message]] = [[], []]
    done = threading.Barrier(3)

    def frontend(number: int) -> None:
        """Sends, and hears what both send."""
        bridge = world.bridge()
        profile = bridge.profile("alice")
        profile.messages.added.connect(told[number].extend)
        bridge.listen(timeout=0.01)
        done.wait(20)
        for count in range(each):
            say(profile, f"{number}: {count}")
        bridge.listen(lambda: len(told[number]) >= 2 * each, 20)
        bridge.close()
        done.wait(20)

    for number in range(2):
        threading.Thread(target=frontend, args=(number,), daemon=True).start()
    done.wait(20)
    done.wait(60)
    stored = history(alice)[before:]
    assert len(stored) == 2 * each
    for seen in told:
        assert [message.id for message in seen] == [message.id for message in stored]
    for number in range(2):
        own = [message.body for message in stored if message.body.startswith(f"{number}:")]
        assert own == [f"{number}: {count}" for count in range(each)]
    wait(lambda: all_arrived(alice), "all arrive")
    bob.send("<iq type='get' id='last'><ping xmlns='urn:xmpp:ping'/></iq>")
    arrived = []
    while (stanza := bob.receive()).get("id") != "last":
        if stanza.findtext("{jabber:client}body"):
            arrived.append(stanza.get("id"))
    assert arrived == [message.id for message in stored]


def test_a_setting_changed_by_one_is_heard_by_the_other(world, alice):
    """The last writer wins, and everybody knows."""
    other = world.bridge()
    changes: list[Any] = []
    profile = other.profile("alice")
    profile.settings.changed.connect(changes.append)
    other.listen(timeout=0.01)
    for value in ("false", "true"):
        run(alice.settings.set_setting("receipts.answer", value))
    other.listen(lambda: len(changes) == 2, 10)
    assert [change.value for change in changes] == ["false", "true"]
    assert run(profile.settings.get_setting("receipts.answer")).value == "true"
    other.close()
