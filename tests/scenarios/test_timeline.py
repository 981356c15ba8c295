"""Following on a real server: what others publish comes into the timeline, also what they publish while we are away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from support.peer import Peer
from support.talk import faults, is_online, wait

from sat.api import JID
from sat.api.errors import FeatureMissing
from sat.api.posts import Draft, Place, Post
from sat.plugins.timeline import stories, wire
from sat.world import PASSWORD, World
from sat.world.people import enter, run
from sat.world.prosody import Options
from sat.xmpp.times import format_stamp

ALICE, BOB = JID("alice@localhost"), JID("bob@localhost")
NEWS = JID("news.localhost")
CLUB = Place(NEWS, "club")
COMMUNITIES = 'Component "news.localhost" "pubsub"\nadmins = { "bob@localhost" }\nautocreate_on_publish = true'
PUBSUB = "http://jabber.org/protocol/pubsub"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(replace(Options(), components=COMMUNITIES)) as world:
        yield world


def timeline(profile: Any, **how: Any) -> list[str]:
    return [each.text for each in run(profile.timeline.get_timeline(**how))]


def unread(profile: Any) -> dict[Place, int]:
    return {each.place: each.unread for each in run(profile.timeline.get_following())}


def publish(profile: Any, text: str, node: Place) -> Place:
    return run(profile.blog.publish(Draft(text), node))


def again(world: World) -> tuple[Any, Any]:
    """alice and bob, after the daemon was started again."""
    world.daemon.start()
    profiles = world.bridge().profile("alice"), world.bridge().profile("bob")
    wait(lambda: all(map(is_online, profiles)), "both are online")
    return profiles


def test_a_contacts_post_arrives_is_edited_and_goes(world, both):
    alice, bob = both
    place = publish(bob, "What light through yonder window breaks?", Place(BOB))
    wait(lambda: timeline(alice), "alice is told")
    (post,) = run(alice.timeline.get_timeline())
    assert isinstance(post, Post)
    assert (post.place, post.author, post.verified, post.unread) == (place, BOB, True, True)
    assert unread(alice)[Place(BOB)] == 1
    wait(lambda: timeline(bob), "bob sees his own")
    assert timeline(bob, unread=True) == []

    run(bob.blog.edit(place, Draft("It is the east", tags=["sun"])))
    wait(lambda: timeline(alice, tag="Sun") == ["It is the east"], "alice sees the edited one")
    assert [each.text for each in run(alice.timeline.search("east"))] == ["It is the east"]
    run(alice.timeline.mark_read([place]))
    assert unread(alice)[Place(BOB)] == 0

    run(bob.blog.delete(place))
    wait(lambda: timeline(alice) == [], "alice sees it no more")
    assert not faults(world.daemon)


def test_what_was_published_while_the_daemon_was_killed_is_there(world, both):
    alice, bob = both
    first = publish(bob, "first", Place(BOB))
    wait(lambda: timeline(alice) == ["first"], "alice is told")
    wait(lambda: unread(alice).get(Place(BOB)) == 1, "it is unread")
    world.daemon.kill()
    with Peer(BOB, PASSWORD, world.prosody.port, world.prosody.ca_file, "phone") as phone:
        for number in range(45):
            entry = (
                f"<entry xmlns='http://www.w3.org/2005/Atom'><title>away {number}</title>"
                f"<published>2026-01-01T10:00:{number:02}Z</published></entry>"
            )
            item = f"<item id='away{number}'>{entry}</item>"
            phone.send(
                f"<iq type='set' id='p{number}'><pubsub xmlns='{PUBSUB}'><publish node='{first.node}'>{item}</publish>"
                "</pubsub></iq>"
            )
            assert phone.expect(lambda stanza, id=f"p{number}": stanza.get("id") == id).get("type") == "result"
    alice, bob = again(world)
    wait(lambda: len(timeline(alice, count=100)) == 46, "alice has caught up", 40)
    found = timeline(alice, count=100)
    assert found[0] == "first"
    assert found[1:] == [f"away {number}" for number in reversed(range(45))]
    run(bob.blog.delete(first))
    wait(lambda: len(timeline(alice, count=100)) == 45, "what is told by itself goes on")
    run(alice.timeline.mark_read([]))
    assert timeline(alice, unread=True) == []
    assert not faults(world.daemon)


def test_a_community_is_followed_by_all_programs_of_the_account(world, both):
    alice, bob = both
    enter(world.bridge(), "tablet", ALICE, PASSWORD, world.prosody.port)
    tablet = world.bridge().profile("tablet")
    wait(lambda: is_online(tablet), "the tablet is there")
    publish(bob, "before", CLUB)
    run(alice.timeline.follow(CLUB))
    wait(lambda: "before" in timeline(alice), "what was there is read")
    assert "before" not in timeline(alice, unread=True)
    wait(lambda: CLUB in unread(tablet), "the tablet follows")
    publish(bob, "after", CLUB)
    for profile in (alice, tablet):
        wait(lambda profile=profile: "after" in timeline(profile, unread=True), "both are told")

    with Peer(ALICE, PASSWORD, world.prosody.port, world.prosody.ca_file, "phone") as phone:
        phone.send(f"<iq type='get' id='list'><pubsub xmlns='{PUBSUB}'><items node='{wire.NODE}'/></pubsub></iq>")
        listed = phone.expect(lambda stanza: stanza.get("id") == "list")
        (item,) = listed.iter(f"{{{PUBSUB}}}item")
        assert item.get("id") == wire.id_of(CLUB, ALICE)
    with Peer(BOB, PASSWORD, world.prosody.port, world.prosody.ca_file, "phone") as phone:
        ask = (
            f"<iq type='get' id='list' to='{ALICE}'><pubsub xmlns='{PUBSUB}'><items node='{wire.NODE}'/></pubsub></iq>"
        )
        phone.send(ask)
        assert phone.expect(lambda stanza: stanza.get("id") == "list").get("type") == "error"

    world.daemon.kill()
    alice, bob = again(world)
    wait(lambda: CLUB in unread(alice), "it is remembered")
    publish(bob, "later", CLUB)
    wait(lambda: "later" in timeline(alice, unread=True), "and told")

    tablet = world.bridge().profile("tablet")
    wait(lambda: is_online(tablet), "the tablet is there")
    run(tablet.timeline.follow(CLUB, False))
    wait(lambda: CLUB not in unread(alice), "alice follows it no longer")
    publish(bob, "too late", CLUB)
    publish(bob, "end", Place(BOB))
    wait(lambda: "end" in timeline(alice), "alice is told of what she follows")
    assert not {"before", "after", "later", "too late"} & set(timeline(alice, count=100))
    run(world.bridge().manager.delete_profile("tablet"))
    assert not faults(world.daemon)


def test_comments_on_our_posts_are_counted(world, both):
    alice, bob = both
    place = publish(bob, "Say something", Place(BOB))
    wait(lambda: "Say something" in timeline(alice), "alice is told")
    run(alice.blog.like(place))
    run(alice.blog.comment(place, "Something"))

    def counted(who, liked: bool) -> bool:
        post = next(each for each in run(who.timeline.get_timeline()) if each.place == place)
        return (post.liked, post.likes, post.said) == (liked, 1, 1)

    wait(lambda: counted(alice, True), "alice sees what she has said")
    wait(lambda: counted(bob, False), "bob sees what was said")
    assert [each.text for each in run(bob.timeline.search("something"))] == ["Something", "Say something"]
    assert not faults(world.daemon)


def test_emojis_that_were_seen_stay_with_the_post(world, both):
    alice, bob = both
    place = publish(bob, "React", Place(BOB))
    wait(lambda: "React" in timeline(alice), "alice is told")

    def reacted() -> bool:
        try:
            run(alice.blog.react(place, ["🔨", "♥"]))
        except FeatureMissing:  # the place for it is made behind the post
            return False
        return True

    wait(reacted, "alice reacts")

    def seen() -> tuple[int, bool, dict[str, int], list[str]]:
        post = next(each for each in run(alice.timeline.get_timeline()) if each.place == place)
        return post.likes, post.liked, post.reactions, post.reacted

    wait(lambda: seen() == (1, True, {"🔨": 1}, ["🔨", "♥"]), "the timeline has them")
    world.daemon.kill()
    alice, bob = again(world)
    assert seen() == (1, True, {"🔨": 1}, ["🔨", "♥"])
    moved = run(bob.blog.rename(place, "moved"))
    wait(lambda: moved in [each.place for each in run(alice.timeline.get_timeline())], "alice follows it")
    wait(lambda: place not in [each.place for each in run(alice.timeline.get_timeline())], "and it is there once")
    assert not faults(world.daemon)


def test_what_was_due_while_the_daemon_was_killed_is_published_once(world, both):
    alice, bob = both
    now = time.time()
    run(bob.blog_drafts.keep(Draft("Later"), due=now + 1))
    world.daemon.kill()
    wait(lambda: time.time() > now + 1, "it is due")
    alice, bob = again(world)
    wait(lambda: not run(bob.blog_drafts.get_all()), "it is published")
    wait(lambda: timeline(alice).count("Later") == 1, "alice is told")
    world.daemon.kill()
    alice, bob = again(world)
    assert [each.text for each in run(bob.blog.get(Place(BOB))).posts].count("Later") == 1
    assert not faults(world.daemon)


def test_what_could_be_followed_is_found(world, both):
    alice, bob = both
    publish(bob, "Come here", CLUB)
    publish(bob, "At home", Place(BOB))
    wait(lambda: "At home" in timeline(alice), "alice is told")
    assert CLUB in [each.place for each in run(alice.timeline.discover(NEWS))]
    assert CLUB in [each.place for each in run(alice.timeline.discover(JID("localhost")))], "by its server"
    with Peer(BOB, PASSWORD, world.prosody.port, world.prosody.ca_file, "phone") as phone:
        listed = "<subscription xmlns='urn:xmpp:pubsub:subscription:0' server='news.localhost' node='club'/>"
        publishing = f"<publish node='{wire.NODE}'><item id='club'>{listed}</item></publish>"
        phone.send(f"<iq type='set' id='list'><pubsub xmlns='{PUBSUB}'>{publishing}</pubsub></iq>")
        assert phone.expect(lambda stanza: stanza.get("id") == "list").get("type") == "result"
    found = {each.place: each for each in run(alice.timeline.discover())}
    assert (found[Place(BOB)].followed, found[CLUB].followed, found[CLUB].via) == (True, False, [BOB])
    assert [each.place for each in run(alice.timeline.discover(BOB))] == [Place(BOB), CLUB]
    assert not faults(world.daemon)


def test_stories_come_by_themselves(world, both):
    alice, _ = both
    link = "<link rel='enclosure' href='https://localhost/moon.jpg' type='image/jpeg'/>"
    published = format_stamp(time.time())
    said = f"<title>Moon</title>{link}<published>{published}</published>"
    entry = f"<entry xmlns='http://www.w3.org/2005/Atom'>{said}</entry>"
    with Peer(BOB, PASSWORD, world.prosody.port, world.prosody.ca_file, "phone") as phone:
        item = f"<publish node='{stories.NODE}'><item id='moon'>{entry}</item></publish>"
        phone.send(f"<iq type='set' id='story'><pubsub xmlns='{PUBSUB}'>{item}</pubsub></iq>")
        assert phone.expect(lambda stanza: stanza.get("id") == "story").get("type") == "result"
    wait(lambda: run(alice.timeline.get_stories()), "alice is told")
    (story,) = run(alice.timeline.get_stories())
    assert (story.text, story.author, story.unread) == ("Moon", BOB, True)
    assert "Moon" not in timeline(alice)
    run(alice.timeline.mark_read([story.place]))
    assert not run(alice.timeline.get_stories())[0].unread
    assert not faults(world.daemon)
