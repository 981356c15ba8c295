"""What is followed, here and by other programs of the account."""

import pytest
from support.followed import (
    BLOG,
    CLUB,
    JULIET,
    LIST,
    MINE,
    STRANGER,
    asked,
    event,
    follow,
    goes_online,
    item,
    items,
    listed,
    refuse_all,
    settle,
    started,
    texts,
)
from support.romeo import OWN, now

from sat.api import JID
from sat.api.errors import InvalidArgument, PeerError
from sat.api.posts import Place
from sat.plugins.timeline import plugin, wire
from sat.plugins.timeline.api import Followed


def test_a_node_is_followed_and_the_list_at_the_server_says_so(romeo, online):
    told = started(online.follow(CLUB))
    assert f"jid='{OWN}'" in asked(romeo)[-1]
    romeo.wire.answer("<subscribe")
    info = (
        "<query xmlns='http://jabber.org/protocol/disco#info'>"
        "<identity category='pubsub' type='leaf' name='The\u202e club'/></query>"
    )
    romeo.wire.answer("disco#info", info)
    assert told == [None]
    published = next(each for each in asked(romeo) if "<publish " in each)
    assert f"id='{wire.id_of(CLUB, OWN)}'" in published
    assert "whitelist" in published
    romeo.wire.answer("<publish ")
    event(romeo, CLUB, item())
    assert texts(online) == ["Hello"]
    assert now(online.get_following())[1] == Followed(CLUB, "The club", 1)


def test_it_is_followed_no_longer(romeo, online):
    follow(romeo, online, CLUB)
    romeo.wire.answer("<publish ")
    event(romeo, CLUB, item())
    told = started(online.follow(CLUB, False))
    romeo.wire.answer("<unsubscribe")
    assert told == [None]
    assert "<retract " in asked(romeo)[-1]
    settle(romeo)
    event(romeo, CLUB, item("2"))
    assert texts(online) == []
    assert romeo.told == [["Hello"], ["-1"]]


def test_a_refused_subscription_changes_nothing(romeo, online):
    told = started(online.follow(CLUB))
    romeo.wire.refuse("<subscribe", "not-authorized")
    assert isinstance(told[0], PeerError)
    assert len(now(online.get_following())) == 1


def test_a_contacts_blog_can_be_left_out_and_wanted_again(romeo, online):
    event(romeo, BLOG, item())
    now(online.follow(BLOG, False))
    event(romeo, BLOG, item("2"))
    assert texts(online) == []
    assert now(online.get_following()) == [Followed(MINE)]
    now(online.follow(BLOG))
    assert len([each for each in asked(romeo) if f"to='{JULIET}'" in each and "<items" in each]) == 1


def test_a_contact_who_is_removed_is_followed_no_longer(romeo, online):
    event(romeo, BLOG, item())
    romeo.hears(
        "<iq type='set' id='1'><query xmlns='jabber:iq:roster'>"
        f"<item jid='{JULIET}' subscription='remove'/></query></iq>"
    )
    settle(romeo)
    assert texts(online) == []


@pytest.mark.parametrize("place", [Place(JID(""), "x"), Place(JULIET, ""), Place(JULIET, "x" * 1024)])
def test_what_is_no_node_is_refused(romeo, online, place):
    with pytest.raises(InvalidArgument):
        now(online.follow(place))


def test_our_own_blog_stays(romeo, online):
    now(online.follow(MINE))
    with pytest.raises(InvalidArgument):
        now(online.follow(MINE, False))


def test_what_another_program_follows_is_followed_and_what_it_leaves_is_left(romeo, timeline):
    goes_online(romeo, listed(CLUB, "Club") + "<item id='x'/>")
    assert now(timeline.get_following()) == [Followed(MINE), Followed(CLUB, "Club")]
    event(romeo, CLUB, item())
    event(romeo, Place(OWN, LIST), listed(STRANGER))
    assert [each.place for each in now(timeline.get_following())] == [MINE, CLUB, STRANGER]
    event(romeo, Place(OWN, LIST), f"<retract id='{wire.id_of(CLUB, OWN)}'/>")
    assert [each.place for each in now(timeline.get_following())] == [MINE, STRANGER]
    assert texts(timeline) == []
    assert not [each for each in asked(romeo) if "<publish " in each or "<retract " in each]


def test_what_was_left_elsewhere_while_we_were_away_is_left(romeo, timeline):
    goes_online(romeo, listed(CLUB) + listed(STRANGER))
    romeo.goes_offline()
    goes_online(romeo, listed(STRANGER))
    assert [each.place for each in now(timeline.get_following())] == [MINE, STRANGER]


def test_what_contacts_follow_is_not_our_business(romeo, online):
    event(romeo, Place(JULIET, LIST), listed(CLUB))
    assert [each.place for each in now(online.get_following())] == [MINE]


def test_what_the_server_has_not_heard_yet_is_told_in_the_next_session(romeo, online):
    follow(romeo, online, CLUB)
    romeo.wire.refuse("<publish ", "internal-server-error")
    refuse_all(romeo)
    romeo.goes_offline()
    goes_online(romeo, listed(STRANGER))
    assert len([each for each in asked(romeo) if "<publish " in each and CLUB.node in each]) == 1
    assert [each.place for each in now(online.get_following())] == [MINE, CLUB, STRANGER]


def test_a_server_that_would_show_the_list_to_others_gets_none(romeo, timeline):
    romeo.goes_online()
    romeo.wire.answer(LIST, items("", LIST))
    romeo.wire.answer(f"<iq to='{OWN}'", "<query xmlns='http://jabber.org/protocol/disco#info'/>")
    follow(romeo, timeline, CLUB)
    assert not [each for each in asked(romeo) if "<publish " in each]


def test_what_is_followed_is_remembered(romeo, online):
    follow(romeo, online, CLUB)
    now(online.follow(BLOG, False))
    again = plugin.Following(online, lambda node: None, lambda node: None)
    now(again.load())
    assert (again.chosen, again.contacts, again._unsent) == ([CLUB], [], {CLUB})
