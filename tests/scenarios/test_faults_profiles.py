"""One profile is damaged, or its key is away: it is said, and everything else goes on (P4)."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.talk import faults, is_online, wait

from sat.api import JID
from sat.api.errors import ProfileDamaged, ProfileKeyMissing
from sat.api.manager import PluginState, ProfileInfo
from sat.world import World
from sat.world.daemon import script
from sat.world.people import run


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        world.enter_profile("alice")
        world.enter_profile("bob")
        yield world
        assert not faults(world.daemon)


@pytest.fixture
def data(world: World) -> Path:
    return Path(world.env["XDG_DATA_HOME"]) / "sat"


def jp(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script("jp"), *words], env=world.environment(), capture_output=True, text=True, timeout=30, check=False
    )


def info(world: World, name: str) -> ProfileInfo:
    return next(each for each in run(world.bridge().manager.list_profiles()) if each.name == name)


def restart(world: World, between: Callable[[], object]) -> None:
    world.daemon.stop()
    between()
    world.daemon.start()


def change(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / "sat.db")) as connection, connection:
        assert connection.execute(statement).rowcount == 1


def test_a_key_that_is_away_is_called_so_until_it_is_back(world, data):
    key, away = data / "key", data / "key.away"
    restart(world, lambda: key.rename(away))
    assert isinstance(info(world, "alice").obstacle, ProfileKeyMissing)
    sentence = f"The stored passwords of the profile alice cannot be read: their key is not in the file {key}."
    done = jp(world, "-p", "alice", "profile", "connect")
    assert (done.returncode, done.stderr.splitlines()[0]) == (6, f"jp: {sentence}")
    for words in (["status"], ["doctor"], ["profile", "list"]):
        assert sentence in jp(world, *words).stdout
    away.rename(key)
    assert jp(world, "-p", "alice", "profile", "connect").returncode == 0, "who asks need not wait"
    wait(lambda: info(world, "bob").obstacle is None, "the others come by themselves", 60)
    wait(lambda: is_online(world.bridge().profile("bob")), "and go online")


def test_a_damaged_value_of_one_profile_is_left_out(world, data):
    mine = "profile = (SELECT id FROM profile WHERE name = 'alice')"
    broken_row = '[["bob@localhost", "Bob", "bath", [], false]]'

    def damage() -> None:
        change(data, f"UPDATE store SET value = 'S' WHERE {mine} AND namespace = 'security' AND key = 'mechanism'")
        change(data, f"INSERT INTO store SELECT profile, 'settings', 'x.y', 'tru' FROM store WHERE {mine} LIMIT 1")
        change(data, f"UPDATE store SET value = '{broken_row}' WHERE {mine} AND namespace = 'roster'")

    restart(world, damage)
    found = run(world.bridge().manager.list_plugins())
    assert {plugin.name for plugin in found if plugin.state is not PluginState.ENABLED} == set()
    for name in ("alice", "bob"):
        profile = world.bridge().profile(name)
        wait(lambda profile=profile: is_online(profile), f"{name} is there")
        assert run(profile.ping.ping(JID("localhost"))) < 20
    assert world.daemon.log.read_text().count("is damaged") == 3


def test_a_damaged_lock_closes_its_own_profile_only(world, data):
    guard = "UPDATE profile SET guard = 'keyring', guard_options = '{}' WHERE name = 'alice'"
    restart(world, lambda: change(data, guard))
    assert isinstance(info(world, "alice").obstacle, ProfileDamaged)
    assert "The profile alice cannot be opened" in jp(world, "doctor").stdout
    wait(lambda: is_online(world.bridge().profile("bob")), "bob is there")
