"""Nodes and items at each kind of server: made, filled, paged through, shared, told of, and kept here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.talk import is_online, wait

from sat.api import JID
from sat.api.errors import Conflict, InvalidArgument, NotFound, PeerError
from sat.api.posts import Place
from sat.plugins.pubsub.api import EventKind, PubsubEvent, Stored
from sat.world import Ejabberd, World
from sat.world.people import run

OPEN = {"pubsub#access_model": ["open"], "pubsub#persist_items": ["true"], "pubsub#max_items": ["20"]}


def xml(text: str) -> str:
    return f"<t xmlns='urn:example:t'>{text}</t>"


def ids(page: Any) -> list[str]:
    return [each.id for each in page.items]


@pytest.fixture(scope="module")
def bob(any_world: World, alice: Any) -> Any:
    """bob, another profile of our daemon."""
    any_world.enter_profile("bob")
    bob = any_world.bridge().profile("bob")
    wait(lambda: is_online(bob), "bob is online")
    return bob


@pytest.fixture(scope="module", params=["account", "service"])
def node(request: pytest.FixtureRequest, any_world: World, alice: Any) -> Place:
    """A node of alice's, at her account or at a service for such nodes."""
    if request.param == "account":
        return Place(JID(any_world.jid("alice")), "sensors")
    if not isinstance(any_world.server, Ejabberd):
        pytest.skip("the Prosody of the world has no service for nodes of nobody")
    return Place(JID(f"pubsub.{any_world.server.domain}"), "sensors")


@pytest.fixture
def heard(any_world: World, bob: Any) -> Iterator[Callable[[EventKind, str], PubsubEvent]]:
    """Waits for an event that bob is told."""
    bridge = any_world.bridge()
    events: list[PubsubEvent] = []
    undo = bridge.profile("bob").pubsub.happened.connect(events.append)

    def expect(kind: EventKind, id: str = "") -> PubsubEvent:
        def found() -> list[PubsubEvent]:
            return [each for each in events if each.kind is kind and (not id or id in ids(each))]

        bridge.listen(lambda: bool(found()), 20)
        assert found(), f"{kind} of {id}, not {events}"
        return found()[0]

    yield expect
    undo()


def test_nodes_and_items(alice: Any, bob: Any, node: Place, heard: Any) -> None:
    api, his = alice.pubsub, bob.pubsub
    # -- a node is made, and says what it is
    assert run(api.create_node(node, OPEN)) == node
    with pytest.raises(Conflict):
        run(api.create_node(node, {}))
    form = {each.name: each.values for each in run(api.get_configuration(node)).fields}
    assert form["pubsub#access_model"] == ["open"]
    run(api.set_configuration(node, {"pubsub#max_items": ["30"]}))
    form = {each.name: each.values for each in run(api.get_configuration(node)).fields}
    assert (form["pubsub#max_items"], form["pubsub#access_model"]) == (["30"], ["open"]), "others stay"
    with pytest.raises(InvalidArgument):
        run(api.set_configuration(node, {"pubsub#titel": ["x"]}))
    assert node.node in [each.node for each in run(api.get_nodes(node.service))]
    assert run(api.get_configuration(node._replace(node=""))).fields
    with pytest.raises((PeerError, NotFound)):
        run(his.set_configuration(node, {"pubsub#max_items": ["1"]}))
    # -- it is filled, and read page by page
    for number in range(5):
        place = run(api.publish(node._replace(id=f"i{number}"), xml(f"number {number}"), {}))
        assert place == node._replace(id=f"i{number}")
    newest = run(his.get_items(node, [], "", "", 2))
    assert ids(newest) == ["i3", "i4"]
    assert newest.items[0].xml == xml("number 3")
    assert newest.last == ""
    middle = run(his.get_items(node, [], "", newest.first, 2))
    assert ids(middle) == ["i1", "i2"]
    last = run(his.get_items(node, [], "", middle.first, 2))
    assert (ids(last), last.first) == (["i0"], "")
    oldest = run(his.get_items(node, [], "", "", 3, True))
    assert (ids(oldest), oldest.first) == (["i0", "i1", "i2"], "")
    rest = run(his.get_items(node, [], oldest.last, "", 3))
    assert (ids(rest), rest.last) == (["i3", "i4"], "")
    assert ids(run(his.get_items(node._replace(id="i2"), ["i0"]))) in (["i2", "i0"], ["i0", "i2"])
    for missing in (node._replace(id="none"), node._replace(node="none")):
        with pytest.raises(NotFound):
            run(his.get_items(missing, []))
    # -- what a node has to be like
    with pytest.raises(InvalidArgument):
        run(api.publish(node, xml("secret"), {"pubsub#access_model": ["whitelist"]}))
    assert ids(run(api.get_items(node, [])))[-1] == "i4"
    with pytest.raises(PeerError):
        run(his.publish(node, xml("his"), {}))
    # -- who may write
    run(api.set_affiliations(node, {JID(_jid(bob)): "publisher"}))
    assert run(api.get_affiliations(node)) == {JID(_jid(alice)): "owner", JID(_jid(bob)): "publisher"}
    run(his.publish(node._replace(id="his"), xml("from bob"), {}))
    run(api.set_affiliations(node, {JID(_jid(bob)): "none"}))
    assert run(api.get_affiliations(node)) == {JID(_jid(alice)): "owner"}
    # -- subscriptions and events
    assert run(his.subscribe(node)).state == "subscribed"
    assert node.node in [each.node for each in run(his.get_own_subscriptions(node.service))]
    run(api.publish(node._replace(id="told"), xml("a &amp; b"), {}))
    (item,) = heard(EventKind.PUBLISHED, "told").items
    assert (item.xml, heard(EventKind.PUBLISHED, "told").node) == (xml("a &amp; b"), node)
    run(api.retract([node._replace(id="told")]))
    assert heard(EventKind.RETRACTED, "told").node == node
    renamed = run(api.rename(node._replace(id="his"), "hers"))
    assert ids(run(api.get_items(renamed, []))) == ["hers"]
    with pytest.raises(NotFound):
        run(api.get_items(node._replace(id="his"), []))
    with pytest.raises(Conflict):
        run(api.rename(renamed, "i0"))
    # -- what is kept here
    assert run(his.sync(node)) == 6
    assert run(his.get_stored_nodes()) == [Stored(node, 6)]
    assert ids(run(his.get_stored(node)))[0] == "hers"
    run(api.publish(node._replace(id="fresh"), xml("something fresh"), {}))
    wait(lambda: run(his.search("fresh", [])), "it is kept fresh")
    run(bob.profile.disconnect())
    run(api.publish(node._replace(id="missed"), xml("while away"), {}))
    run(api.retract([node._replace(id="i0")]))
    assert ids(run(his.get_stored(node)))[0] == "fresh", "it is read without a connection"
    run(bob.profile.connect())
    rest = ["missed", "fresh", "hers", "i4", "i3", "i2", "i1"]  # some servers tell later what came, none what went
    wait(lambda: ids(run(his.get_stored(node))) == rest, "what was missed is fetched", 60)
    assert [each.place.id for each in run(his.search("awa", [node]))] == ["missed"]
    assert run(his.forget([])) == 7
    run(his.unsubscribe(node))
    # -- the end
    run(api.purge_node(node))
    assert ids(run(api.get_items(node, []))) == []
    run(api.delete_node(node))
    with pytest.raises(NotFound):
        run(his.get_items(node, []))


def _jid(profile: Any) -> str:
    from support.talk import connection

    return str(connection(profile).jid.bare)
