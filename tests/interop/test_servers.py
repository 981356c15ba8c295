"""What a server itself does for us, at each kind of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.proxy import Proxy
from support.talk import connection, is_online, wait

from sat.api import JID
from sat.api.messages import MessageState
from sat.plugins.bookmarks.api import Bookmark
from sat.world import PASSWORD, Ejabberd, World
from sat.world.people import enter, run

CLIENT = ""


@pytest.fixture(scope="module")
def proxy(any_world: World) -> Iterator[Proxy]:
    with Proxy(any_world.server.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def carol(any_world: World, proxy: Proxy) -> Any:
    """carol, another profile of our daemon, whose connection can be cut."""
    enter(any_world.bridge(), "carol", any_world.jid("carol"), PASSWORD, proxy.port)
    return any_world.bridge().profile("carol")


def bodies(profile: Any, peer: JID) -> list[str]:
    return [each.body for each in run(profile.messages.get_history(peer))]


def test_the_password_never_leaves_us(any_world: World, alice: Any) -> None:
    """Prosody 0.12 binds nothing to TLS 1.3; ejabberd does, and 23.01 as before RFC 9266."""
    assert connection(alice).security.startswith("TLS 1.3")
    bound = isinstance(any_world.server, Ejabberd)
    assert ("SCRAM-SHA-1-PLUS" if bound else "SCRAM-SHA-") in connection(alice).security


def test_a_session_goes_on_where_its_connection_was_cut(any_world: World, alice: Any, carol: Any, proxy: Proxy) -> None:
    before = connection(carol).jid
    connections = proxy.accepted
    proxy.cut()
    id = run(alice.messages.send(JID(any_world.jid("carol")), "are you there?"))
    wait(lambda: proxy.accepted > connections and is_online(carol), "carol is back")
    assert connection(carol).jid == before, "in the same session (XEP-0198)"
    wait(lambda: bodies(carol, JID(any_world.jid("alice")))[-1:] == ["are you there?"], "she has it")
    wait(lambda: run(alice.messages.get_message(id)).state is MessageState.DELIVERED, "alice knows")


def test_bookmarks_are_kept_for_every_program_of_the_account(any_world: World, alice: Any) -> None:
    """That one is gone, ejabberd 23.01 tells only to who has subscribed to the list, as we do there."""
    room = JID(f"attic@{any_world.server.rooms}")
    run(alice.bookmarks.add(room, "The attic", "al"))
    enter(any_world.bridge(), "tablet", any_world.jid("alice"), PASSWORD, any_world.server.port)
    tablet = any_world.bridge().profile("tablet")
    wait(lambda: run(tablet.bookmarks.get_bookmarks()) == [Bookmark(room, "The attic", "al")], "the tablet has it")
    run(tablet.bookmarks.remove(room))
    wait(lambda: run(alice.bookmarks.get_bookmarks()) == [], "it is gone here, too")


def test_after_the_server_was_restarted_we_are_back(any_world: World, alice: Any, carol: Any) -> None:
    any_world.server.stop()
    id = run(alice.messages.send(JID(any_world.jid("carol")), "while it was away"))
    any_world.server.start()
    wait(lambda: run(alice.messages.get_message(id)).state is MessageState.DELIVERED, "it has arrived", 40)
    assert bodies(carol, JID(any_world.jid("alice"))).count("while it was away") == 1
