"""Through the WebSocket of a real server, and the state of the client told to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from support.peer import Peer

from sat.api import JID
from sat.world import Options, World
from sat.world.people import run
from sat.world.program import until
from sat.world.prosody import MODULES


@pytest.fixture(scope="module")
def web_world() -> Iterator[World]:
    with World(options=replace(Options(), modules=MODULES | {"websocket"})) as world:
        yield world


def test_messages_go_both_ways_and_the_session_outlives_the_socket(web_world: World) -> None:
    world = web_world
    world.enter_profile("alice")
    alice = world.bridge().profile("alice")
    run(alice.profile.disconnect())
    run(alice.profile.set_account(run(alice.profile.get_account())._replace(websocket=world.prosody.websocket)))
    run(alice.profile.connect())
    connection = run(alice.profile.get_connection()) if hasattr(alice.profile, "get_connection") else None
    assert connection is None
    with Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file) as bob:
        bob.available()
        run(alice.messages.send(JID("bob@localhost"), "through the web <&> é ☕"))
        bob.expect_body("through the web <&> é ☕")
        bob.say("alice@localhost", "and back")
        assert until(
            lambda: any(each.body == "and back" for each in run(alice.messages.get_history(JID("bob@localhost")))), 10
        )
