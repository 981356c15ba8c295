"""Following at each kind of server: what is told by itself, what was missed, and the list that other programs share."""

from __future__ import annotations

from typing import Any

import pytest
from support.peer import Peer
from support.talk import faults, is_online, wait

from sat.api import JID
from sat.api.posts import MICROBLOG, Draft, Place
from sat.plugins.timeline import wire
from sat.world import PASSWORD, World
from sat.world.people import run

PUBSUB = "http://jabber.org/protocol/pubsub"


@pytest.fixture(scope="module")
def people(any_world: World, alice: Any) -> tuple[Any, Any, Any]:
    """alice in our daemon, with bob as her only contact, and carol."""
    for name in ("bob", "carol"):
        any_world.enter_profile(name)
    bob, carol = (any_world.bridge().profile(name) for name in ("bob", "carol"))
    wait(lambda: is_online(bob) and is_online(carol), "all are online")
    run(alice.roster.remove_contact(JID(any_world.jid("carol"))))
    wait(lambda: len(run(alice.roster.get_contacts())) == 1, "carol is no contact")
    return alice, bob, carol


def texts(profile: Any, **how: Any) -> list[str]:
    return [each.text for each in run(profile.timeline.get_timeline(count=100, **how))]


def test_contacts_and_strangers_are_followed(any_world, people):
    alice, bob, carol = people
    his, hers = (Place(JID(any_world.jid(name))) for name in ("bob", "carol"))
    run(carol.blog.publish(Draft("old"), hers))
    run(alice.timeline.follow(hers))
    wait(lambda: texts(alice) == ["old"], "what was there is read")
    run(carol.blog.publish(Draft("new"), hers))
    place = run(bob.blog.publish(Draft("hello"), his))
    wait(lambda: set(texts(alice, unread=True)) == {"new", "hello"}, "both tell by themselves")
    run(bob.blog.edit(place, Draft("hello all")))
    wait(lambda: "hello all" in texts(alice), "it was edited")

    run(alice.blog.like(place))
    run(alice.blog.comment(place, "hello bob"))

    def counted(profile: Any) -> tuple[int, int]:
        (post,) = [each for each in run(profile.timeline.get_timeline()) if each.place == place]
        return post.likes, post.said

    wait(lambda: counted(alice) == counted(bob) == (1, 1), "both know what was said")
    run(bob.blog.delete(place))
    wait(lambda: "hello all" not in texts(alice), "it is gone")

    run(alice.profile.disconnect())
    for number in range(45):
        run(bob.blog.publish(Draft(f"away {number}"), his))
    run(carol.blog.publish(Draft("away"), hers))
    run(alice.profile.connect())
    expected = {*(f"away {number}" for number in range(45)), "away", "new"}
    wait(lambda: set(texts(alice, unread=True)) == expected, "what was missed is there", 40)
    assert not faults(any_world.daemon)


def test_what_is_followed_is_in_a_list_for_our_programs_only(any_world, people):
    alice, _, _ = people
    own, hers = JID(any_world.jid("alice")), Place(JID(any_world.jid("carol")))
    ask = f"<iq type='get' id='list' to='{own}'><pubsub xmlns='{PUBSUB}'><items node='{wire.NODE}'/></pubsub></iq>"
    server = any_world.server
    with Peer(own, PASSWORD, server.port, server.ca_file, "phone") as phone:
        phone.send(ask)
        listed = phone.expect(lambda stanza: stanza.get("id") == "list")
        assert [each.get("id") for each in listed.iter(f"{{{PUBSUB}}}item")] == [wire.id_of(hers, own)]
        # The phone leaves what alice follows, and she does too.
        inside = f"<retract node='{wire.NODE}' notify='true'><item id='{wire.id_of(hers, own)}'/></retract>"
        phone.send(f"<iq type='set' id='leave'><pubsub xmlns='{PUBSUB}'>{inside}</pubsub></iq>")
        assert phone.expect(lambda stanza: stanza.get("id") == "leave").get("type") == "result"
        wait(lambda: hers not in [each.place for each in run(alice.timeline.get_following())], "alice leaves it")
        listed_one = f"<subscription xmlns='{wire.NS}' server='{hers.service}' node='{MICROBLOG}'/>"
        item = f"<item id='{wire.id_of(hers, own)}'>{listed_one}</item>"
        inside = f"<publish node='{wire.NODE}'>{item}</publish>"
        phone.send(f"<iq type='set' id='follow'><pubsub xmlns='{PUBSUB}'>{inside}</pubsub></iq>")
        assert phone.expect(lambda stanza: stanza.get("id") == "follow").get("type") == "result"
        wait(lambda: hers in [each.place for each in run(alice.timeline.get_following())], "alice follows it")
    with Peer(any_world.jid("bob"), PASSWORD, server.port, server.ca_file, "phone") as phone:
        phone.send(ask)
        assert phone.expect(lambda stanza: stanza.get("id") == "list").get("type") == "error"
    assert not faults(any_world.daemon)
