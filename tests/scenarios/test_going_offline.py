"""Going offline and staying so, over restarts of the daemon."""

from __future__ import annotations

import pytest

from sat.api.profile import ConnectionState, ProfileApi
from sat.bridge.derive import load
from sat.world import World
from sat.world.people import run
from sat.world.program import until


def profile(world: World, name: str) -> ProfileApi:
    return world.bridge().profile(name).profile


def state(world: World, name: str) -> ConnectionState:
    client = profile(world, name)
    run(load(client, follow=False))
    return client.connection.value.state


@pytest.fixture(scope="module")
def online(world: World) -> World:
    """A world in which alice and bob are online. bob never goes: when he is back, so is who wants to be."""
    world.enter_profile("alice")
    world.enter_profile("bob")
    return world


def restarted(world: World) -> None:
    world.daemon.restart()
    assert until(lambda: state(world, "bob") is ConnectionState.ONLINE, 10), "bob is back"


def test_who_went_offline_stays_so_when_the_daemon_is_started_again(online):
    run(profile(online, "alice").disconnect())
    restarted(online)
    assert state(online, "alice") is ConnectionState.OFFLINE
    account = run(profile(online, "alice").get_account())
    assert (account.host, account.port, account.autoconnect) == ("127.0.0.1", online.prosody.port, False)


def test_who_connects_is_online_again_when_the_daemon_is_started_again(online):
    run(profile(online, "alice").connect())
    restarted(online)
    assert until(lambda: state(online, "alice") is ConnectionState.ONLINE, 10), "alice is back"
