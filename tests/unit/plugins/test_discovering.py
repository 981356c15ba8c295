"""What could be followed: of an account, of a service, of contacts."""

from __future__ import annotations

import pytest
from support.followed import BLOG, CLUB, JULIET, MINE, STRANGER, befriend, event, follow, item, items, settle, started
from support.romeo import now

from sat.api import JID
from sat.api.errors import NotConnected, NotFound, PeerError
from sat.api.posts import Place
from sat.plugins.blocking.plugin import Blocking
from sat.plugins.blog.nodes import COMMENTS, FEED
from sat.plugins.timeline import discovering, wire
from sat.plugins.timeline.api import Found

NURSE = JID("nurse@capulet.lit")
PUBLIC = "urn:xmpp:pps:subscriptions:0"
INFO, ITEMS = (f"http://jabber.org/protocol/disco#{each}" for each in ("info", "items"))
SERVICE = CLUB.service


def public(*places):
    return items("".join(f"<item id='{each.node}'><subscription xmlns='urn:xmpp:pps:0' jid='{each.service}' "
                         f"node='{each.node}'/></item>" for each in places), PUBLIC)  # fmt: skip


def listed(*places):
    return items("".join(f"<item id='{each.node}'><subscription xmlns='{wire.NS}' server='{each.service}' "
                         f"node='{each.node}'/></item>" for each in places), wire.NODE)  # fmt: skip


def info(kind="", title="", description="", identity="leaf"):
    said = {"pubsub#type": kind, "pubsub#title": title, "pubsub#description": description}
    fields = "".join(f"<field var='{key}'><value>{value}</value></field>" for key, value in said.items() if value)
    return (
        f"<query xmlns='{INFO}'><identity category='pubsub' type='{identity}'/>"
        f"<x xmlns='jabber:x:data' type='result'>{fields}</x></query>"
    )


def nodes(*names, service=SERVICE):
    told = "".join(f"<item jid='{service}' node='{each}' name='called {each}'/>" for each in names)
    return f"<query xmlns='{ITEMS}'>{told}</query>"


def asks(romeo, holds):
    return [each for each in romeo.wire.asked if holds in each]


def test_an_account_tells_its_blog_and_what_it_follows(romeo, online):
    follow(romeo, online, CLUB)
    told = started(online.discover(JULIET.with_resource("x")))
    romeo.wire.answer(f"<iq to='{JULIET}'", items(item()))
    romeo.wire.answer(PUBLIC, public(CLUB, STRANGER))
    romeo.wire.answer(f"<items node='{wire.NODE}'", listed(STRANGER, BLOG, CLUB._replace(node="other")))
    other = CLUB._replace(node="other")
    romeo.wire.answer(f"<query xmlns='{INFO}' node='club'", info("", "The \u202eclub"))
    romeo.wire.answer(f"<query xmlns='{INFO}' node='other'", info(FEED, "The other", "all of it"))
    assert told == [
        [
            Found(BLOG, "juliet", "", True, [JULIET]),
            Found(CLUB, "The club", "", True, [JULIET]),
            Found(STRANGER, "", "", False, [JULIET]),
            Found(other, "The other", "all of it", False, [JULIET]),
        ]
    ]


def test_an_account_without_anything_has_nothing(romeo, online):
    told = started(online.discover(STRANGER.service))
    for _ in range(3):
        romeo.wire.refuse("<items", "item-not-found")
    assert told == [[]]


def test_a_service_tells_its_communities_first(romeo, online):
    told = started(online.discover(SERVICE))
    romeo.wire.answer(ITEMS, nodes("files", "club", "odd", f"{COMMENTS}/x", "answers", "silent"))
    romeo.wire.answer("node='club'", info(FEED, "The club"))
    romeo.wire.answer("node='answers'", info(COMMENTS))
    romeo.wire.answer("node='files'", info("urn:x", "Files"))
    romeo.wire.refuse("node='odd'", "forbidden")
    romeo.wire.answer("node='silent'", info())
    assert told == [
        [
            Found(CLUB, "The club"),
            Found(CLUB._replace(node="files"), "Files"),
            Found(CLUB._replace(node="odd"), "called odd"),
            Found(CLUB._replace(node="silent"), "called silent"),
        ]
    ]


def test_few_are_asked_at_once_and_nobody_waits_for_long(romeo, online):
    told = started(online.discover(SERVICE))
    romeo.wire.answer(ITEMS, nodes(*(f"n{number}" for number in range(1000))))
    assert len(asks(romeo, "node='n")) == discovering.AT_ONCE
    romeo.wire.answer("node='n0'", info(FEED, "First"))
    assert len(asks(romeo, "node='n")) == discovering.AT_ONCE
    romeo.clock.advance(discovering.PATIENCE)
    (found,) = told
    assert len(found) == discovering.MOST
    assert [each.title for each in found[:2]] == ["First", "called n1"]


def test_a_server_tells_the_communities_of_its_services(romeo, online):
    server = JID("verona.lit")
    told = started(online.discover(server))
    others = "".join(f"<item jid='{each}.verona.lit'/>" for each in ("pubsub", "rooms"))
    romeo.wire.answer(ITEMS, f"<query xmlns='{ITEMS}'>{others}<item jid='{server}'/><item jid='a@verona.lit'/></query>")
    romeo.wire.answer("to='rooms.verona.lit'", info(identity="text"))
    romeo.wire.answer(f"to='{SERVICE}'", info(identity="service"))
    romeo.wire.answer(ITEMS, nodes("club"))
    romeo.wire.answer("node='club'", info(FEED, "The club"))
    assert told == [[Found(CLUB, "The club")]]


@pytest.mark.parametrize(("condition", "kind"), [("item-not-found", NotFound), ("forbidden", PeerError)])
def test_a_service_that_is_not_there_is_told(romeo, online, condition, kind):
    told = started(online.discover(SERVICE))
    romeo.wire.refuse(ITEMS, condition)
    assert isinstance(told[0], kind)


def test_what_contacts_follow_is_told_with_who_does(romeo, online):
    befriend(romeo, NURSE)
    event(romeo, BLOG, item())
    other = Place(JID("tybalt@capulet.lit"))
    told = started(online.discover(JID("")))
    romeo.wire.answer(f"<iq to='{JULIET}' type='get'", public(STRANGER, MINE))
    romeo.wire.answer(PUBLIC, public(other, CLUB))
    romeo.wire.answer(wire.NODE, listed(CLUB))
    romeo.wire.refuse(wire.NODE, "forbidden")
    romeo.wire.refuse(f"node='{CLUB.node}'", "item-not-found")
    (found,) = told
    assert {each.place: each.via for each in found} == {
        BLOG: [],
        CLUB: [JULIET, NURSE],
        STRANGER: [JULIET],
        other: [NURSE],
    }
    assert [each.place for each in found][:2] == [BLOG, CLUB]
    assert [each.followed for each in found] == [True, False, False, False]


def test_whom_we_have_blocked_is_not_found(romeo, timeline):
    blocking = romeo.plug(Blocking)
    romeo.goes_online()
    blocked = f"<item jid='{STRANGER.service}'/>"
    romeo.wire.answer("<blocklist", f"<blocklist xmlns='urn:xmpp:blocking'>{blocked}</blocklist>")
    assert now(blocking.get_blocked()) == [STRANGER.service]
    told = started(timeline.discover(JID("")))
    romeo.wire.answer(PUBLIC, public(STRANGER, CLUB))
    romeo.wire.refuse(f"<iq to='{JULIET}' type='get'", "item-not-found")
    romeo.wire.refuse(f"node='{CLUB.node}'", "item-not-found")
    assert [each.place for each in told[0]] == [CLUB]


def test_without_a_connection_what_is_known_is_told(romeo, online):
    event(romeo, BLOG, item())
    settle(romeo)
    romeo.goes_offline()
    assert now(online.discover(JID(""))) == [Found(BLOG, "juliet", "", True)]
    for each in (JULIET, SERVICE):
        with pytest.raises(NotConnected):
            now(online.discover(each))
