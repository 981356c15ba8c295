"""The daemon ends in order, whatever it is doing (R21)."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.peer import local_name
from support.proxy import Proxy
from support.talk import connection, faults, heard, is_online, say, wait

from sat.api import JID, SatError
from sat.api.messages import MessageState
from sat.api.profile import Account, ConnectionState
from sat.world import World
from sat.world.daemon import script
from sat.world.people import run


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    with Proxy(world.prosody.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def entered(world: World) -> World:
    world.enter_profile("alice")
    return world


@pytest.fixture
def alice(entered: World) -> Any:
    """alice, online, by a daemon that runs."""
    if not entered.daemon.running:
        entered.daemon.start()
    alice = entered.bridge().profile("alice")
    move(alice, entered.prosody.port)
    wait(lambda: is_online(alice), "alice is online")
    return alice


def move(alice: Any, port: int) -> None:
    """Reach the server on this port from now on."""
    if run(alice.profile.get_account()).port != port:
        run(alice.profile.disconnect())
        run(alice.profile.set_account(Account(JID("alice@localhost"), host="127.0.0.1", port=port)))
        run(alice.profile.connect())


def send_signal(number: signal.Signals) -> Callable[[World], None]:
    return lambda world: os.kill(world.daemon.pid, number)


def sat_stop(world: World) -> None:
    done = subprocess.run([script("sat"), "stop"], env=world.environment(), capture_output=True, text=True, check=True)
    assert "ended" in done.stdout


WAYS = [
    pytest.param(send_signal(signal.SIGTERM), id="SIGTERM"),
    pytest.param(send_signal(signal.SIGINT), id="SIGINT"),
    pytest.param(sat_stop, id="sat stop"),
]


@pytest.mark.parametrize("end", WAYS)
def test_it_says_farewell_and_leaves_a_tidy_disk(world, alice, bob, end):
    own = connection(alice).jid
    bob.expect(lambda stanza: local_name(stanza) == "presence" and stanza.get("from") == own)
    bob.say("alice@localhost", f"the last word to {own}", id=f"last{own}")
    wait(lambda: heard(alice)[-1:] == [f"the last word to {own}"], "it is heard")
    end(world)
    # A stream that is not closed would be kept for minutes, to be resumed (XEP-0198): nobody would be told.
    gone = bob.expect(lambda stanza: local_name(stanza) == "presence" and stanza.get("from") == own)
    assert gone.get("type") == "unavailable"
    assert world.daemon.wait() == 0
    data = Path(world.env["XDG_DATA_HOME"]) / "sat"
    assert not (data / "sat.db-wal").exists() or not (data / "sat.db-wal").stat().st_size
    with sqlite3.connect(data / "sat.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert world.daemon.last_words().endswith("ended")
    assert not faults(world.daemon)
    world.daemon.start()
    again = world.bridge().profile("alice")
    wait(lambda: is_online(again), "it is back")
    assert heard(again).count(f"the last word to {own}") == 1


@pytest.mark.parametrize("end", WAYS)
def test_it_ends_while_it_is_connecting(world, alice, proxy, end):
    proxy.silent = True
    run(alice.profile.disconnect())
    run(alice.profile.set_account(Account(JID("alice@localhost"), host="127.0.0.1", port=proxy.port)))
    world.daemon.restart()  # it connects by itself now, and nobody waits for it
    again = world.bridge().profile("alice")
    wait(lambda: proxy.accepted and connection(again).state is ConnectionState.CONNECTING, "it tries")
    end(world)
    assert world.daemon.wait() == 0
    assert world.daemon.last_words().endswith("ended")
    assert not faults(world.daemon)
    world.daemon.start()
    move(world.bridge().profile("alice"), world.prosody.port)


def test_a_server_that_does_not_answer_the_farewell_is_not_waited_for(world, alice, proxy):
    move(alice, proxy.port)
    proxy.lose()
    id = say(alice, "nobody hears it")
    os.kill(world.daemon.pid, signal.SIGTERM)
    assert world.daemon.wait() == 0
    assert world.daemon.last_words().endswith("ended")
    world.daemon.start()  # through the proxy, which passes on new connections
    again = world.bridge().profile("alice")
    wait(lambda: run(again.messages.get_message(id)).state is not MessageState.PENDING, "it is sent the next time")


def test_the_second_signal_ends_it_at_once(world, alice, proxy):
    move(alice, proxy.port)
    proxy.lose()  # so the farewell takes a while
    os.kill(world.daemon.pid, signal.SIGTERM)
    wait(lambda: not world.daemon.is_ready(), "it has begun to end")
    assert world.daemon.running
    os.kill(world.daemon.pid, signal.SIGTERM)
    assert world.daemon.wait() is not None
    assert not world.daemon.last_words().endswith("ended"), "it has not waited"
    world.daemon.start()
    wait(lambda: is_online(world.bridge().profile("alice")), "nothing is broken")


def test_calls_that_wait_are_answered_when_it_ends(world, alice, proxy):
    """Who waits for a connection is told that it will not come."""
    proxy.silent = True
    run(alice.profile.disconnect())
    run(alice.profile.set_account(Account(JID("alice@localhost"), host="127.0.0.1", port=proxy.port)))
    told: list[Exception] = []

    def connect() -> None:
        try:
            run(world.bridge().profile("alice").profile.connect())
        except SatError as error:
            told.append(error)

    waiting = threading.Thread(target=connect, daemon=True)
    waiting.start()
    wait(lambda: connection(alice).state is ConnectionState.CONNECTING, "it tries")
    time.sleep(0.1)
    os.kill(world.daemon.pid, signal.SIGTERM)
    waiting.join(10)
    assert told
    assert world.daemon.wait() == 0
