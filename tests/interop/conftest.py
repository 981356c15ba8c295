"""What the tests with programs of others share: a world for each server, and the people in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from interop.slixmpp_driver import Slixmpp
from support.talk import faults, is_online, wait

from sat.api import JID
from sat.world import Ejabberd, World

SERVERS = {"prosody": None, "ejabberd": Ejabberd}


@pytest.fixture(scope="module", params=SERVERS)
def any_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A world with alice in our daemon, at each kind of server."""
    with World(server=SERVERS[request.param]) as world:
        world.enter_profile("alice")
        yield world


@pytest.fixture(scope="module")
def alice(any_world: World) -> Any:
    """alice, a profile of our daemon."""
    alice = any_world.bridge().profile("alice")
    wait(lambda: is_online(alice), "alice is online")
    return alice


@pytest.fixture(scope="module")
def bob(any_world: World, alice: Any) -> Iterator[Slixmpp]:
    """bob, with slixmpp. Both see that the other is there, and have written to each other."""
    with Slixmpp(any_world, "bob") as bob:
        bob.expect(event="presence", type="available", **{"from": alice_at(alice)})
        yield bob


def alice_at(alice: Any) -> JID:
    """Her full address."""
    from support.talk import connection

    return connection(alice).jid


@pytest.fixture(scope="module")
def alice_at_prosody(world: World) -> Iterator[Any]:
    """alice, a profile of our daemon in a world with Prosody, which in the end has met no fault."""
    world.enter_profile("alice")
    alice = world.bridge().profile("alice")
    wait(lambda: is_online(alice), "alice is online")
    yield alice
    assert not faults(world.daemon)
