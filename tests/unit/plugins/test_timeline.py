"""What is followed comes into the timeline: told, asked for, from nobody who has no right to tell it."""

import pytest
from support.followed import (
    BLOG,
    CLUB,
    JULIET,
    MINE,
    STRANGER,
    answer_list,
    asked,
    befriend,
    event,
    follow,
    goes_online,
    item,
    items,
    refuse_all,
    settle,
    started,
    texts,
)
from support.romeo import OWN, now

from sat.api import JID
from sat.api.posts import MICROBLOG, Place, Post
from sat.core.plugin import Hook
from sat.plugins.blocking.plugin import Blocking
from sat.plugins.blog.events import Put, Said
from sat.plugins.roster.api import Subscription
from sat.plugins.timeline import looking, plugin
from sat.plugins.timeline.api import Followed
from sat.plugins.timeline.events import Answered, Mentioned
from sat.plugins.timeline.plugin import Timeline
from sat.storage.post_rows import Attached
from sat.xmpp import pubsub

# -- told by themselves ------------------------------------------------------------------------------------------


def test_a_contacts_post_arrives_is_changed_and_goes(romeo, online):
    event(romeo, BLOG, item())
    (post,) = now(online.get_timeline())
    assert (post.place, post.author, post.unread) == (BLOG._replace(id="1"), JULIET, True)
    assert now(online.get_following()) == [Followed(MINE), Followed(BLOG, "juliet", 1)]
    event(romeo, BLOG, item(text="Hello again"))
    (edited,) = now(online.get_timeline())
    assert (edited.order, edited.text) == (post.order, "Hello again")
    event(romeo, BLOG, item(text="Hello again"))
    event(romeo, BLOG, "<retract id='1'/>")
    assert texts(online) == []
    assert romeo.told == [["Hello"], ["Hello again"], ["-1"]]


def test_what_is_put_to_a_stored_post_is_told(romeo, online):
    event(romeo, BLOG, item())
    romeo.emit(Put(BLOG._replace(id="1"), Attached([JULIET], {"🔨": 2}, ["🔨"], 1)))
    romeo.emit(Put(BLOG._replace(id="2"), Attached([JULIET])))
    settle(romeo)
    (post,) = now(online.get_timeline())
    assert (post.likes, post.reactions, post.reacted, post.noticed) == (1, {"🔨": 2}, ["🔨"], 1)
    assert romeo.told == [["Hello"], ["Hello"]]


def test_many_of_one_moment_are_told_as_one(romeo, online):
    event(romeo, BLOG, "".join(item(str(number), f"Post {number}", 50 - number) for number in range(20)))
    assert [len(each) for each in romeo.told] == [20]


@pytest.mark.parametrize("what", ["purge", "delete"])
def test_a_blog_that_is_emptied_has_nothing_left(romeo, online, what):
    event(romeo, BLOG, item("1") + item("2"))
    romeo.hears(
        f"<message from='{JULIET}' type='headline'><event xmlns='{pubsub.NS_EVENT}'><{what} node='{MICROBLOG}'/>"
        "</event></message>"
    )
    settle(romeo)
    assert texts(online) == []
    assert sorted(romeo.told[-1]) == ["-1", "-2"]


def test_our_own_posts_are_there_and_not_unread(romeo, online):
    event(romeo, MINE, item())
    assert [each.unread for each in now(online.get_timeline())] == [False]


def test_old_posts_that_a_server_repeats_at_a_log_in_are_not_unread(romeo, timeline):
    romeo.goes_online()
    event(romeo, BLOG, item(ago=3 * looking.DAY))
    assert [each.unread for each in now(timeline.get_timeline())] == [False]


@pytest.mark.parametrize(
    ("place", "sender"),
    [
        (STRANGER, None),  # nobody we know
        (CLUB, None),  # not followed
        (Place(JULIET, "club"), None),  # a contact's, but not their blog
        (CLUB, JULIET),  # in the name of a service
        (BLOG, f"{JULIET}/balcony"),  # not the account itself
        (MINE, "mallory@montague.lit"),
    ],
)
def test_who_has_no_right_to_tell_is_not_believed(romeo, online, caplog, place, sender):
    event(romeo, place, item(), sender)
    event(romeo, place, item("2").replace("<entry", "<other").replace("</entry", "</other"), sender)
    event(romeo, place, "<item id='3'/>", sender)
    assert texts(online) == []
    assert "has no right to tell us" in caplog.text
    assert not [each for each in asked(romeo) if "<items" in each]


def test_a_stranger_who_is_followed_takes_back_nothing_of_others(romeo, online):
    event(romeo, BLOG, item())
    follow(romeo, online, STRANGER)
    event(romeo, STRANGER, "<retract id='1'/>")
    assert texts(online) == ["Hello"]


def test_who_is_in_the_list_of_contacts_without_showing_us_anything_is_no_blog(romeo, online):
    befriend(romeo, STRANGER.service, Subscription.FROM)
    event(romeo, STRANGER, item())
    assert texts(online) == []


def test_a_thousand_items_at_once_are_within_bounds(romeo, online):
    event(romeo, BLOG, "".join(item(str(number), "x", number) for number in range(1000)))
    assert len(romeo.told) <= pubsub.MOST / plugin.AT_ONCE
    assert len(now(online.get_timeline(count=1000))) <= 200
    assert now(online.get_following())[1].unread == pubsub.MOST


# -- fetched -----------------------------------------------------------------------------------------------------


def test_what_is_only_hinted_at_is_fetched(romeo, online):
    event(romeo, BLOG, "<item id='1'/><item id='2'/>")
    (question,) = asked(romeo)
    assert "id='1'" in question
    assert "id='2'" in question
    romeo.wire.answer("<items", items(item("1") + item("2", "Two") + item("3", "Not asked for")))
    settle(romeo)
    assert sorted(texts(online)) == ["Hello", "Two"]
    assert [each.unread for each in now(online.get_timeline())] == [True, True]


def test_what_holds_nothing_is_not_asked_for_again_and_again(romeo, online):
    event(romeo, BLOG, "<item id='1'/>")
    romeo.wire.answer("<items", items("<item id='1'/>"))
    romeo.clock.advance(600)
    assert asked(romeo) == []


def test_a_flood_of_hints_asks_few_at_once_and_remembers_not_too_many(romeo, online):
    for number in range(40):
        event(romeo, BLOG, "".join(f"<item id='{number}-{each}'/>" for each in range(100)))
    assert len(asked(romeo)) == looking.AT_ONCE
    assert len(online.looking._hinted) <= looking.HINTS
    refuse_all(romeo)
    assert asked(romeo) == []


def test_a_flood_that_cannot_be_stored_in_time_is_asked_for_later(romeo, online):
    online._storing = plugin.STORING
    event(romeo, BLOG, item())
    assert texts(online) == []
    romeo.wire.answer("<items", items(item()))
    settle(romeo)
    assert texts(online) == ["Hello"]


# -- after a log-in ----------------------------------------------------------------------------------------------


def test_what_was_missed_is_asked_for_until_something_is_known(romeo, timeline):
    goes_online(romeo)
    event(romeo, BLOG, item("0", "Known", 9000))
    romeo.goes_offline()
    romeo.clock.advance(3600)
    romeo.goes_online()
    answer_list(romeo)
    romeo.clock.advance(looking.FIRST[1])
    page = "<set xmlns='http://jabber.org/protocol/rsm'><first>{}</first><last>{}</last></set>"
    newest = "".join(item(f"n{number}", f"New {number}", 100 + number) for number in reversed(range(looking.PAGE)))
    romeo.wire.answer(f"to='{JULIET}'", items(newest, page=page.format("n19", "n0")))
    older = "".join(item(f"o{number}", f"Old {number}", 200 + number) for number in reversed(range(looking.PAGE - 1)))
    assert "<before>n19</before>" in next(each for each in asked(romeo) if f"to='{JULIET}'" in each)
    romeo.wire.answer(f"to='{JULIET}'", items(item("0", "Known", 9000) + older, page=page.format("0", "o0")))
    settle(romeo)
    assert not [each for each in asked(romeo) if f"to='{JULIET}'" in each]
    found = texts(timeline, count=100)
    assert (len(found), found[0], found[-1]) == (40, "New 0", "Known")
    assert len(texts(timeline, count=100, unread=True)) == 40


def test_a_service_that_gives_the_same_page_again_is_not_asked_for_ever(romeo, online):
    event(romeo, BLOG, item("0", "Known", 9000))
    now(romeo.posts.note_looked(BLOG, True))
    now(online.looking.load())
    online.looking.want(BLOG)
    page = "<set xmlns='http://jabber.org/protocol/rsm'><first>n19</first><last>n0</last></set>"
    same = "".join(item(f"n{number}", ago=number) for number in reversed(range(looking.PAGE)))
    for _ in range(2):
        romeo.wire.answer("<items", items(same, page=page))
    assert asked(romeo) == []


def test_the_posts_that_are_there_when_we_begin_to_follow_are_not_unread(romeo, online):
    follow(romeo, online, CLUB)
    romeo.wire.answer("<items", items(item("1") + item("2", "Two", 60), CLUB.node))
    event(romeo, CLUB, item("3", "Three", -1))
    assert texts(online) == ["Three", "Hello", "Two"]
    assert texts(online, unread=True) == ["Three"]


def looks_again(romeo, timeline, answer):
    """In a session an hour later, juliet's server answers that when it is asked for what is new."""
    romeo.goes_offline()
    romeo.clock.advance(3600)
    romeo.goes_online()
    answer_list(romeo)
    romeo.clock.advance(looking.FIRST[1])
    romeo.wire.answer(f"to='{JULIET}'", answer)


@pytest.mark.parametrize("there", [True, False])
def test_what_was_taken_back_while_we_were_away_is_found_out(romeo, online, there):
    now(romeo.posts.note_looked(BLOG, True))
    now(online.looking.load())
    event(romeo, BLOG, item("1", "One", 30) + item("2", "Two", 20) + item("3", "Three", 10))
    looks_again(romeo, online, items(item("1", "One", 30) + item("3", "Three", 10)))
    (question,) = [each for each in asked(romeo) if f"to='{JULIET}'" in each and "<items" in each]
    assert "<item id='2'/>" in question
    if there:  # the service had it in another place than where it was looked for
        romeo.wire.answer(question, items(item("2", "Two", 20)))
    else:
        romeo.wire.refuse(question, "item-not-found")
    settle(romeo)
    assert texts(online) == (["Three", "Two", "One"] if there else ["Three", "One"])


def test_what_is_older_than_the_page_is_not_doubted(romeo, online):
    now(romeo.posts.note_looked(BLOG, True))
    now(online.looking.load())
    event(romeo, BLOG, item("old", "Old", 9000) + item("0", "Known", 0))
    page = "<set xmlns='http://jabber.org/protocol/rsm'><first>n19</first><last>0</last></set>"
    newest = "".join(item(f"n{number}", "x", 100 + number) for number in reversed(range(looking.PAGE - 1)))
    looks_again(romeo, online, items(newest + item("0", "Known"), page=page))
    assert not [each for each in asked(romeo) if f"to='{JULIET}'" in each and "<items" in each]
    assert "Old" in texts(online, count=100)


@pytest.mark.parametrize(("name", "subscribes"), [("ejabberd", 1), ("Prosody", 0)])
def test_servers_that_tell_only_subscribers_of_removals_are_subscribed_to_once(romeo, online, name, subscribes):
    event(romeo, BLOG, item("1"))
    event(romeo, BLOG, item("2"))
    kind = f"<identity category='server' type='im' name='{name}'/>"
    romeo.wire.answer(
        f"<iq to='{JULIET.domain}'", f"<query xmlns='http://jabber.org/protocol/disco#info'>{kind}</query>"
    )
    assert len([each for each in asked(romeo) if "<subscribe " in each]) == subscribes


def test_hundreds_are_not_asked_in_one_burst_and_who_has_no_blog_is_not_asked_each_time(romeo, timeline):
    for number in range(100):
        befriend(romeo, JID(f"friend{number}@capulet.lit"))
    romeo.goes_online()
    answer_list(romeo)
    romeo.clock.advance(looking.FIRST[1])
    seconds, count = 0.0, 0
    while asked(romeo):
        assert len(asked(romeo)) <= looking.AT_ONCE
        count += len(asked(romeo))
        for each in list(asked(romeo)):
            romeo.wire.refuse(each[:40], "item-not-found")
        romeo.clock.advance(looking.PAUSE[1])
        seconds += looking.PAUSE[1]
    assert count == 102
    assert seconds >= 100 / looking.AT_ONCE * looking.PAUSE[0]
    romeo.goes_offline()
    romeo.goes_online()
    answer_list(romeo)
    romeo.clock.advance(looking.FIRST[1])
    assert len(asked(romeo)) == 1  # our own blog
    romeo.goes_offline()
    romeo.clock.advance(2 * looking.ABSENT)
    romeo.goes_online()
    answer_list(romeo)
    romeo.clock.advance(looking.FIRST[1])
    assert len(asked(romeo)) == looking.AT_ONCE


def test_an_error_of_one_does_not_stop_the_others(romeo, online):
    others = [Place(JID(f"pubsub{number}.lit"), "club") for number in range(5)]
    online.looking.want(*others)
    for condition in ("item-not-found", "remote-server-timeout", "forbidden", "internal-server-error"):
        romeo.wire.refuse("<items", condition)
        romeo.clock.advance(looking.PAUSE[1])
    assert ["pubsub4.lit" in each for each in asked(romeo)] == [True]


def test_what_is_asked_when_the_connection_breaks_is_asked_again_when_it_is_back(romeo, online):
    event(romeo, BLOG, item("9"))
    romeo.goes_offline(resumable=True)
    online.looking.want(BLOG)
    romeo.clock.advance(60)
    assert asked(romeo) == []
    romeo.goes_online(resumed=True)
    assert len(asked(romeo)) == 1


# -- comments, reading, searching --------------------------------------------------------------------------------


COMMENTS = Place(OWN, f"{MICROBLOG}:comments/1")
REPLIES = f"<link rel='replies' href='xmpp:{OWN}?;node={MICROBLOG}:comments%2F1'/>"


HERS = f"<author><uri>xmpp:{JULIET}</uri></author>"


def test_comments_on_our_posts_are_subscribed_counted_and_told(romeo, online):
    answered, responses = [], []
    romeo.plugin(Timeline).undo(romeo.hook(Hook("event", Answered), answered.append, "test"))
    online.answered.connect(responses.extend)
    event(romeo, MINE, item(more=REPLIES))
    assert any("<subscribe " in each and COMMENTS.node in each for each in asked(romeo))
    romeo.wire.answer("<subscribe ")
    romeo.wire.answer("<items", items(item("a", "♥", 10, HERS), COMMENTS.node))
    event(romeo, COMMENTS, item("b", "Well said", more=HERS))
    (post,) = now(online.get_timeline())
    assert (post.likes, post.said) == (1, 1)
    assert [sorted(each) for each in romeo.told] == [["Hello"], ["Hello", "Well said", "♥"]]
    # What was there before is no news.
    assert [(each.post.text, [one.text for one in each.comments]) for each in answered] == [("Hello", ["Well said"])]
    assert [(each.post.text, each.title) for each in responses] == [("Well said", "Hello")]
    told = now(online.get_answers())
    assert [(each.post.text, each.title) for each in told] == [("Well said", "Hello"), ("♥", "Hello")]
    assert now(online.get_answers(told[0].post.order)) == told[1:]
    event(romeo, COMMENTS, "<retract id='b'/>")
    assert now(online.get_timeline())[0].said == 0
    assert texts(online, unread=True) == []


def test_posts_that_name_us_are_told_once(romeo, online):
    mentioned, responses = [], []
    romeo.plugin(Timeline).undo(romeo.hook(Hook("event", Mentioned), mentioned.append, "test"))
    online.answered.connect(responses.extend)

    def naming(uri):
        return f"<content type='html'>&lt;a href=&quot;{uri}&quot;&gt;you&lt;/a&gt;</content>"

    event(romeo, BLOG, item("1", more=naming(f"xmpp:{OWN}")))
    event(romeo, BLOG, item("1", more=naming(f"xmpp:{OWN}")))
    event(romeo, BLOG, item("2", more=naming(f"xmpp:{OWN}.example.org")))
    event(romeo, BLOG, item("3", ago=1e6, more=naming(f"xmpp:{OWN}")))
    event(romeo, BLOG, item("4", more=naming(f"xmpp:{OWN}?message")))
    event(romeo, MINE, item("5", more=naming(f"xmpp:{OWN}")))
    assert [[each.place.id for each in told.posts] for told in mentioned] == [["1"], ["4"]]
    assert [(each.post.place.id, each.title) for each in responses] == [("1", ""), ("4", "")]
    assert {(each.post.place.id, each.title) for each in now(online.get_answers())} == {("1", ""), ("3", ""), ("4", "")}


def test_comments_on_the_posts_of_others_are_not_asked_for(romeo, online):
    event(romeo, BLOG, item(more=REPLIES))
    assert asked(romeo) == []


THEIRS = Place(JULIET, f"{MICROBLOG}:comments/1")
THEIR_REPLIES = REPLIES.replace(OWN, JULIET)


def test_what_we_say_and_read_of_the_posts_of_others_is_counted(romeo, online):
    event(romeo, BLOG, item(more=THEIR_REPLIES))
    place = BLOG._replace(id="1")
    liking = started(online.blog.like(place))
    romeo.wire.answer("<items", items(item(more=THEIR_REPLIES)))
    romeo.wire.answer("<publish ")
    settle(romeo)
    assert liking == [None]
    assert [(each.liked, each.likes, each.said) for each in now(online.get_timeline())] == [(True, 1, 0)]
    reading = started(online.blog.get_comments(place))
    romeo.wire.answer("<items", items(item("a", "Well said"), THEIRS.node))
    settle(romeo)
    assert len(reading) == 1
    assert [(each.liked, each.likes, each.said) for each in now(online.get_timeline())] == [(True, 1, 1)]
    assert [each[-1] for each in romeo.told] == ["Hello", "Hello", "Hello"]


def test_what_is_said_of_posts_that_are_not_followed_is_not_kept(romeo, online):
    romeo.emit(Said(THEIRS, [Post(THEIRS._replace(id="1"), JULIET, text="Hello")]))
    assert now(online.search("hello")) == []


def test_who_says_to_be_us_in_a_community_makes_us_subscribe_to_nothing(romeo, online):
    follow(romeo, online, CLUB)
    refuse_all(romeo)
    evil = "<link rel='replies' href='xmpp:evil.lit?;node=trap'/>"
    event(romeo, CLUB, item(more=f"<author><uri>xmpp:{OWN}</uri></author>{evil}"))
    assert texts(online, unread=True) == ["Hello"]
    assert not [each for each in asked(romeo) if "evil.lit" in each]


def test_what_is_read_is_read_everywhere(romeo, online):
    event(romeo, BLOG, item("1") + item("2", "Two", 60))
    now(online.mark_read([BLOG._replace(id="1")]))
    settle(romeo)
    assert texts(online, unread=True) == ["Two"]
    now(online.mark_read([]))
    settle(romeo)
    assert texts(online, unread=True) == []
    assert romeo.told == [["Hello", "Two"], ["Hello"], ["Two"]]


def test_pages_tags_and_searching(romeo, online):
    event(romeo, BLOG, item("1", "One", 20, "<category term='rain'/>") + item("2", "Two", 10) + item("3", "Three"))
    (newest,) = now(online.get_timeline(count=1))
    assert texts(online, before=newest.order) == ["Two", "One"]
    assert texts(online, tag="Rain") == ["One"]
    assert [each.text for each in now(online.search("thr"))] == ["Three"]


def test_who_is_blocked_is_not_shown(romeo, timeline):
    blocking = romeo.plug(Blocking)
    goes_online(romeo)
    blocking._keep([JULIET])
    blocking._lacking = False
    event(romeo, BLOG, item())
    assert (texts(timeline), romeo.told) == ([], [])
    blocking._keep([])
    assert texts(timeline) == ["Hello"]


def test_the_timeline_is_there_without_a_connection(romeo, online):
    event(romeo, BLOG, item())
    romeo.goes_offline()
    assert texts(online) == ["Hello"]
    now(online.mark_read([]))
    assert texts(online, unread=True) == []
