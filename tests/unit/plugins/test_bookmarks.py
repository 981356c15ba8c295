"""Bookmarks at the server (XEP-0402): taken over, followed, told; and what is not believed."""

import re

import pytest
from support.muc import ROOM, RoomHost
from support.romeo import FULL, OWN, now

from sat.api import JID, Secret
from sat.api.errors import InvalidArgument, NotFound, RequestTimeout
from sat.plugins.bookmarks.api import Bookmark as Shown
from sat.plugins.bookmarks.plugin import Bookmarks
from sat.plugins.bookmarks.server import ECHO
from sat.plugins.bookmarks.wire import COMPAT, COMPAT_PEP, NS, NS_OLD
from sat.plugins.pubsub.sending import AGAIN
from sat.plugins.rooms.bookmarks import MOST, Bookmark
from sat.plugins.rooms.plugin import Rooms
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.xmpp.pubsub import PUBLISH_OPTIONS

PUBSUB = "http://jabber.org/protocol/pubsub"
INFO = "http://jabber.org/protocol/disco#info"
OTHER = JID("garden@rooms.capulet.lit")
JULIET = JID("juliet@capulet.lit")
OURS = Bookmark(ROOM, "r", "The balcony", True)
FETCH, PUBLISH, RETRACT = f"<items node='{NS}' max_items", f"<publish node='{NS}'", f"<retract node='{NS}'"
ABOUT_US = f"to='{OWN}'"


def item(room=ROOM, attributes="", inside=""):
    return f"<item id='{room}'><conference xmlns='{NS}' {attributes}>{inside}</conference></item>"


AUTOJOIN = item(attributes="name='The balcony' autojoin='true'", inside="<nick>r</nick>")


def listed(*items, page="", node=NS):
    return f"<pubsub xmlns='{PUBSUB}'><items node='{node}'>{''.join(items)}</items>{page}</pubsub>"


def page(last, count=""):
    count = f"<count>{count}</count>" if count != "" else ""
    return f"<set xmlns='http://jabber.org/protocol/rsm'><last>{last}</last>{count}</set>"


class Server:
    """romeo's server, which has a list of bookmarks."""

    def __init__(self, romeo):
        self.romeo, self.wire = romeo, romeo.wire

    def connects(self, *items, features=(PUBLISH_OPTIONS, COMPAT, COMPAT_PEP)):
        """A new session; the list is told."""
        self.romeo.goes_online()
        self.wire.answer(FETCH, listed(*items))
        self.knows(*features)

    def knows(self, *features):
        """The server says what it can, if it is asked."""
        if any(ABOUT_US in each and INFO in each for each in self.wire.asked):
            said = "".join(f"<feature var='{each}'/>" for each in features)
            self.wire.answer(ABOUT_US, f"<query xmlns='{INFO}'>{said}</query>")

    def asked(self, holds):
        """The request that holds this."""
        (found,) = [each for each in self.wire.asked if holds in each]
        return found

    def quiet(self):
        """Whether nothing is asked of the list."""
        return not any(NS in each for each in self.wire.asked)

    def takes(self, known=""):
        """The item is asked for, and what is published then is taken; that."""
        self.wire.answer(f"<items node='{NS}'><item", listed(*([known] if known else [])))
        asked = self.asked(PUBLISH)
        self.wire.answer(PUBLISH)
        return re.search("<conference.*</item>|<conference.*/></item>", asked)[0].removesuffix("</item>")

    def tells(self, inside, sender=OWN, node=NS):
        """An event comes."""
        event = f"<event xmlns='{PUBSUB}#event'><items node='{node}'>{inside}</items></event>"
        self.romeo.hears(f"<message from='{sender}' to='{FULL}' type='headline'>{event}</message>")
        self.romeo.turn()


@pytest.fixture
def bookmarks(romeo):
    bookmarks = romeo.plug(Bookmarks)
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "", Subscription.BOTH, [])
    return bookmarks


@pytest.fixture
def server(romeo, bookmarks):
    return Server(romeo)


@pytest.fixture
def kept(romeo, bookmarks):
    return romeo.plugin(Rooms).bookmarks


def wants(romeo, *bookmarks):
    """We had these already, and want to be in those with autojoin."""
    rooms = romeo.plugin(Rooms)
    now(rooms.bookmarks.learn(*bookmarks))
    for each in bookmarks:
        now(rooms.entering.follow(each.room))


def rooms_of(romeo):
    return [each.jid for each in now(romeo.plugin(Rooms).get_rooms())]


# -- at the beginning ------------------------------------------------------------------------------------------------


def test_rooms_are_entered_when_the_list_is_known(romeo, server, kept):
    wants(romeo, OURS, OURS._replace(room=OTHER))
    romeo.goes_online()
    assert not any(str(ROOM) in each for each in romeo.wire.asked), "perhaps it was left elsewhere"
    romeo.wire.answer(FETCH, listed(AUTOJOIN, item(OTHER)))
    assert rooms_of(romeo) == [ROOM]
    RoomHost(romeo).tells_info()
    assert f"to='{ROOM}/r'" in romeo.sent()[-1]
    assert not any(f"to='{OTHER}" in each for each in romeo.sent())
    assert kept.find(OTHER) == Bookmark(OTHER)


def test_what_the_server_has_is_taken_over(romeo, server, kept, bookmarks, record):
    changed = record(bookmarks.changed)
    inside = "<nick>Romeo</nick><password>sesame</password>"
    server.connects(item(attributes="name=' The\nbalcony ' autojoin='1'", inside=inside), item(OTHER))
    assert kept.all() == [Bookmark(ROOM, "Romeo", "The balcony", True, Secret("sesame")), Bookmark(OTHER)]
    shown = [Shown(ROOM, "The balcony", "Romeo", True, True), Shown(OTHER)]
    assert changed == [shown]
    assert now(bookmarks.get_bookmarks()) == shown
    RoomHost(romeo).tells_info()
    assert "<password>sesame</password>" in romeo.sent()[-1]
    assert server.quiet()


def test_what_the_server_has_no_longer_is_forgotten_and_left(romeo, server, kept, bookmarks, record):
    removed = record(bookmarks.removed)
    wants(romeo, OURS)
    server.connects()
    assert (kept.all(), rooms_of(romeo), removed) == ([], [], [[ROOM]])
    assert server.quiet()


@pytest.mark.parametrize("condition", ["service-unavailable", "feature-not-implemented"])
def test_where_the_server_keeps_none_ours_are_used(romeo, server, kept, condition):
    wants(romeo, OURS)
    romeo.goes_online()
    romeo.wire.refuse(FETCH, condition)
    assert rooms_of(romeo) == [ROOM]
    RoomHost(romeo).tells_info()
    server.knows(COMPAT, COMPAT_PEP)
    now(kept.keep(OURS._replace(name="Hers")))
    assert server.quiet()
    assert kept.all_unsent() == [ROOM]


def test_where_the_list_cannot_be_fetched_ours_are_used(romeo, server, kept, caplog):
    wants(romeo, OURS)
    romeo.goes_online()
    romeo.wire.refuse(FETCH, "internal-server-error")
    assert "could not be fetched" in caplog.text
    assert rooms_of(romeo) == [ROOM]
    RoomHost(romeo).tells_info()


def test_another_fault_keeps_us_from_no_room(romeo, server, kept, caplog):
    async def fails():
        raise ZeroDivisionError

    romeo.plugin(Rooms).before_entering = fails
    wants(romeo, OURS._replace(nick="Romeo"))
    romeo.goes_online()
    RoomHost(romeo).tells_info()
    assert "ZeroDivisionError" in caplog.text
    assert f"to='{ROOM}/Romeo'" in romeo.sent()[-1]


def test_stopping_before_the_list_is_there_is_no_fault(romeo, server, caplog):
    wants(romeo, OURS)
    romeo.goes_online()
    for kind in (Bookmarks, Rooms):
        romeo._plugins.pop(kind).stop()
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []


def test_a_server_that_has_no_list_is_told_all_anew(romeo, server, kept):
    now(kept.learn(OURS))
    romeo.goes_online()
    romeo.wire.refuse(FETCH, "item-not-found")
    server.knows(COMPAT, COMPAT_PEP, PUBLISH_OPTIONS)
    published = server.takes()
    assert published == f"<conference xmlns='{NS}' name='The balcony' autojoin='true'><nick>r</nick></conference>"
    assert kept.all_unsent() == []


@pytest.mark.parametrize(
    ("first", "second", "lost"),
    [
        (page("a", 2), page("b", 2), True),
        (page("a"), None, True),
        (page("a", 1), None, True),
        (page("x", "nonsense"), page("y"), True),
    ],
)
def test_the_list_may_come_in_pages(romeo, server, kept, first, second, lost):
    now(kept.learn(OURS))
    romeo.goes_online()
    romeo.wire.answer(FETCH, listed(item(OTHER), page=first))
    while any("<after>" in each for each in romeo.wire.asked):
        assert kept.find(ROOM), "it may be on the next page"
        romeo.wire.answer("<after>", listed(*([item("x@y.lit")] if second else []), page=second or page("")))
        second = None
    assert (kept.find(ROOM) is None) is lost


def test_a_list_without_end_has_one(romeo, server, kept, caplog):
    now(kept.learn(OURS))
    romeo.goes_online()
    asked = 0
    many = [item(f"r{number}@y.lit") for number in range(MOST // 2)]
    romeo.wire.answer(FETCH, listed(*many, page=page(0)))
    while any("<after>" in each for each in romeo.wire.asked):
        asked += 1
        more = [item(f"r{asked}-{number}@y.lit") for number in range(MOST // 2)]
        romeo.wire.answer("<after>", listed(*more, page=page(asked)))
    assert asked < 10
    assert len(kept.all()) == MOST
    assert kept.find(ROOM), "what is behind the end is not known"
    assert "too many" in caplog.text


# -- other programs --------------------------------------------------------------------------------------------------


def test_one_that_is_added_is_entered_and_one_that_is_changed_or_removed_is_left(romeo, server, kept):
    server.connects()
    for leaving in (item(attributes="autojoin='false'"), item(), f"<retract id='{ROOM}'/>"):
        server.tells(AUTOJOIN)
        assert rooms_of(romeo) == [ROOM]
        host = RoomHost(romeo)
        host.tells_info()
        host.there("r", codes=(110,))
        romeo.sent()
        server.tells(leaving)
        assert rooms_of(romeo) == []
        assert "unavailable" in romeo.sent()[-1]
    assert server.quiet()
    assert kept.all() == []


@pytest.mark.parametrize(("name", "subscribes"), [("ejabberd", 1), ("Prosody", 0)])
def test_where_removals_are_told_only_to_subscribers_we_are_one(romeo, server, kept, caplog, name, subscribes):
    server.connects()
    assert not any("to='montague.lit'" in each for each in romeo.wire.asked), "there is no list to subscribe to"
    for _ in range(2):
        server.tells(AUTOJOIN)
    identity = f"<identity category='server' type='im' name='{name}'/>"
    romeo.wire.answer("to='montague.lit'", f"<query xmlns='{INFO}'>{identity}</query>")
    asked = [each for each in romeo.wire.asked if f"<subscribe node='{NS}' jid='{OWN}'/>" in each]
    assert len(asked) == subscribes
    if subscribes:
        romeo.wire.refuse("<subscribe", "not-allowed")
    assert not [each for each in caplog.records if each.levelname in ("WARNING", "ERROR")]


def test_when_the_list_is_emptied_all_are_left(romeo, server, kept):
    server.connects(AUTOJOIN)
    event = f"<event xmlns='{PUBSUB}#event'><purge node='{NS}'/></event>"
    romeo.hears(f"<message from='{OWN}' type='headline'>{event}</message>")
    assert (kept.all(), rooms_of(romeo)) == ([], [])


@pytest.mark.parametrize("forger", [JULIET, "paris@verona.lit", "montague.lit", f"{OWN}/evil", f"{OWN}.evil.lit", ROOM])
def test_nobody_else_has_us_enter_or_leave(romeo, server, kept, forger):
    server.connects(AUTOJOIN)
    server.tells(item("trap@evil.lit", "autojoin='1'"), sender=forger)
    server.tells(f"<retract id='{ROOM}'/>", sender=forger)
    assert kept.all() == [OURS]
    assert rooms_of(romeo) == [ROOM]


@pytest.mark.parametrize(
    "hostile",
    [
        "<item id='a@@b'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='1'/></item>",
        "<item id='capulet.lit'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='1'/></item>",
        "<item id='a@b/c'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='1'/></item>",
        "<item><conference xmlns='urn:xmpp:bookmarks:1' autojoin='1'/></item>",
        "<item id='a@b'/>",
        "<item id='a@b'><conference xmlns='urn:other' autojoin='1'/></item>",
        "<item id='a@b'><other xmlns='urn:xmpp:bookmarks:1' autojoin='1'/></item>",
        "<retract id='a@@b'/>",
        "<retract/>",
        f"<item id='{'x' * 5000}@b'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='1'/></item>",
    ],
)
def test_what_is_no_bookmark_is_left_out(romeo, server, kept, hostile):
    server.connects(AUTOJOIN, hostile if "retract" not in hostile else "")
    server.tells(hostile)
    assert kept.all() == [OURS]


def test_what_is_in_one_is_bounded(server, kept):
    inside = f"<nick>{'n' * 5000}</nick><password>{'p' * 5000}</password>"
    server.connects(item(attributes=f"name='{'x' * 5000}' autojoin='yes'", inside=inside))
    (found,) = kept.all()
    assert (len(found.name), found.nick, len(found.password), found.autojoin) == (200, "", 1000, False)


def test_a_flood_is_bounded(romeo, server, kept):
    server.connects()
    for start in range(0, 2 * MOST, 100):
        server.tells("".join(item(f"r{number}@y.lit") for number in range(start, start + 100)))
    assert len(kept.all()) == MOST
    server.tells(item("r7@y.lit", "name='x'"))
    assert kept.find(JID("r7@y.lit")).name == "x", "those that are known are followed still"


def test_a_new_nick_and_name(romeo, server):
    server.connects(AUTOJOIN)
    host = RoomHost(romeo)
    host.tells_info()
    host.there("r", codes=(110,))
    server.tells(item(attributes="name='Hers' autojoin='1'", inside="<nick>Romeo</nick>"))
    (room,) = now(romeo.plugin(Rooms).get_rooms())
    assert (room.name, room.nick) == ("Hers", "r"), "the nick holds from the next time on"
    romeo.goes_offline()
    romeo.goes_online()
    again = item(attributes="name='Hers' autojoin='1'", inside="<nick>Romeo</nick>")
    romeo.wire.answer(FETCH, listed(again))
    host.tells_info()
    assert f"to='{ROOM}/Romeo'" in romeo.sent()[-1]


# -- ours ------------------------------------------------------------------------------------------------------------


def test_what_we_change_is_published_and_what_others_wrote_is_kept(romeo, server, kept, bookmarks):
    server.connects(AUTOJOIN)
    now(bookmarks.add(ROOM, "Hers", "Romeo", password=Secret("sesame")))
    extensions = "<extensions><state xmlns='urn:x' a='1'>text</state></extensions><other xmlns='urn:y'/>"
    known = item(attributes="name='x' autojoin='1' xml:lang='it' colour='red'", inside=f"<nick>r</nick>{extensions}")
    published = server.takes(known)
    assert published == (
        f"<conference xmlns='{NS}' colour='red' xml:lang='it' name='Hers'><nick>Romeo</nick>"
        f"<password>sesame</password>{extensions}</conference>"
    )
    assert kept.all_unsent() == []
    assert rooms_of(romeo) == [], "without autojoin it is left everywhere, and here"


def test_the_list_is_for_our_eyes_only(romeo, server, bookmarks):
    server.connects()
    now(bookmarks.add(ROOM))
    romeo.wire.answer(f"<items node='{NS}'><item", listed())
    asked = server.asked(PUBLISH)
    assert "<field var='pubsub#access_model'><value>whitelist</value></field>" in asked
    assert "<field var='pubsub#persist_items'><value>true</value></field>" in asked
    assert " to=" not in asked


@pytest.mark.parametrize("there", [True, False])
def test_where_a_publication_wants_nothing_of_its_node_that_is_closed_first(romeo, server, bookmarks, kept, there):
    server.connects(features=(COMPAT, COMPAT_PEP))
    now(bookmarks.add(ROOM))
    romeo.wire.answer(f"<items node='{NS}'><item", listed())
    assert not any(PUBLISH in each for each in romeo.wire.asked)
    romeo.wire.refuse("<create", "conflict") if there else romeo.wire.answer("<create")
    romeo.wire.refuse("<configure", "forbidden")
    assert not any(PUBLISH in each for each in romeo.wire.asked), "contacts could read it"
    assert kept.all_unsent() == [ROOM]


def test_only_what_we_changed_while_offline_is_ours(romeo, server, kept, bookmarks):
    server.connects(AUTOJOIN)
    romeo.goes_offline()
    now(bookmarks.add(ROOM, "The balcony", "Romeo", autojoin=True))
    now(bookmarks.add(OTHER, "Mine"))
    now(kept.learn(Bookmark(JID("old@y.lit"))))
    now(bookmarks.remove(JID("old@y.lit")))
    renamed = item(attributes="name='Renamed' autojoin='1'", inside="<nick>r</nick>")
    server.connects(renamed, item("old@y.lit", "autojoin='1'"))
    assert "old@y.lit" in server.asked(RETRACT)
    romeo.wire.answer(RETRACT)
    assert server.takes(renamed) == (
        f"<conference xmlns='{NS}' name='Renamed' autojoin='true'><nick>Romeo</nick></conference>"
    )
    assert server.takes() == f"<conference xmlns='{NS}' name='Mine'/>"
    assert kept.all() == [Bookmark(ROOM, "Romeo", "Renamed", True), Bookmark(OTHER, "", "Mine")]
    assert (kept.gone, kept.all_unsent(), server.quiet()) == (set(), [], True)


def test_what_is_removed_and_gone_already_is_not_removed_again(romeo, server, kept):
    now(kept.keep(OURS))
    now(kept.forget(ROOM))
    server.connects()
    assert (kept.gone, server.quiet()) == (set(), True)


def test_an_echo_of_ours_changes_nothing(romeo, server, kept, bookmarks):
    """We enter, and leave at once: what the server tells of the one comes behind the other."""
    server.connects()
    now(bookmarks.add(ROOM, autojoin=True))
    RoomHost(romeo).tells_info()
    server.tells(item(attributes="name='old' autojoin='1'"))  # before the server has taken ours
    server.takes()
    now(bookmarks.remove(ROOM))
    romeo.wire.answer(RETRACT)
    server.tells(item(attributes="autojoin='true'"))
    assert (kept.all(), rooms_of(romeo)) == ([], [])
    romeo.clock.advance(ECHO)
    romeo.wire.answer(f"<items node='{NS}'><item", listed())
    assert (kept.all(), server.quiet()) == ([], True)


@pytest.mark.parametrize("answer", ["there", "gone", "nothing"])
def test_another_program_that_changes_what_we_just_wrote_is_followed(romeo, server, kept, bookmarks, answer):
    server.connects()
    now(bookmarks.add(ROOM))
    server.takes()
    theirs = item(attributes="name='Theirs'")
    server.tells(theirs)
    assert kept.all() == [Bookmark(ROOM)]
    romeo.clock.advance(ECHO)
    match answer:
        case "there":
            romeo.wire.answer(f"<items node='{NS}'><item", listed(theirs))
        case "gone":
            romeo.wire.refuse(f"<items node='{NS}'><item", "item-not-found")
        case "nothing":
            romeo.wire.refuse(f"<items node='{NS}'><item", "internal-server-error")
    expected = {"there": [Bookmark(ROOM, "", "Theirs")], "gone": [], "nothing": [Bookmark(ROOM)]}
    assert kept.all() == expected[answer]


def test_what_changes_while_it_is_published_is_published_too(romeo, server, kept, bookmarks):
    server.connects()
    now(bookmarks.add(ROOM, "one"))
    romeo.wire.answer(f"<items node='{NS}'><item", listed())
    now(bookmarks.add(ROOM, "two"))
    romeo.wire.answer(PUBLISH)
    assert "name='two'" in server.takes(item(attributes="name='one'"))
    now(bookmarks.add(OTHER))
    now(bookmarks.remove(OTHER))
    romeo.wire.answer(f"<items node='{NS}'><item", listed())
    romeo.wire.refuse(RETRACT, "item-not-found")
    now(bookmarks.remove(ROOM))
    now(bookmarks.add(ROOM, "three"))
    romeo.wire.answer(RETRACT)
    assert "name='three'" in server.takes()
    assert (kept.gone, kept.all_unsent(), server.quiet()) == (set(), [], True)


def test_what_the_server_refuses_is_tried_in_the_next_session(romeo, server, kept, bookmarks, caplog):
    server.connects()
    now(bookmarks.add(ROOM))
    romeo.wire.answer(f"<items node='{NS}'><item", listed())
    romeo.wire.refuse(PUBLISH, "not-acceptable")
    assert "could not be changed" in caplog.text
    assert server.quiet()
    now(bookmarks.add(OTHER))
    server.takes()
    romeo.goes_offline()
    server.connects(item(OTHER))
    server.takes()
    assert kept.all_unsent() == []


def test_a_room_whose_name_is_too_long_for_an_item_is_in_nobodys_way(romeo, server, kept, bookmarks, caplog):
    server.connects()
    long = JID(f"{'x' * 1000}@{'y' * 63}.lit")
    now(bookmarks.add(long))
    romeo.wire.answer(f"<items node='{NS}'><item", listed())
    assert "could not be changed" in caplog.text
    now(bookmarks.add(OTHER))
    server.takes()
    assert kept.all_unsent() == [long]


def test_a_server_that_does_not_answer_is_asked_again(romeo, server, kept, bookmarks):
    server.connects()
    now(bookmarks.add(ROOM))
    _, answer = romeo.wire._asked.pop()
    answer.errback(RequestTimeout(peer="montague.lit", seconds="30"))
    assert server.quiet()
    romeo.clock.advance(AGAIN)
    server.takes()
    assert kept.all_unsent() == []


def test_a_resumed_session_goes_on(romeo, server, bookmarks):
    server.connects()
    romeo.goes_offline(resumable=True)
    now(bookmarks.add(ROOM))
    romeo.goes_online(resumed=True)
    assert server.takes() == f"<conference xmlns='{NS}'/>"


def test_an_item_that_is_called_otherwise_keeps_its_name(romeo, server, bookmarks):
    odd = AUTOJOIN.replace("balcony@", "Balcony@", 1)
    server.connects(odd)
    now(romeo.plugin(Rooms).leave(ROOM))
    assert "<item id='Balcony@rooms.capulet.lit'/>" in server.asked(f"<items node='{NS}'><item")
    server.takes(odd)
    now(bookmarks.remove(ROOM))
    assert "<item id='Balcony@rooms.capulet.lit'/>" in server.asked(RETRACT)


def test_what_cannot_be_is_refused(bookmarks):
    for wrong in (
        {"room": JID("capulet.lit")},
        {"room": ROOM, "nick": "a\x00b"},
        {"room": ROOM, "name": "x" * 201},
        {"room": ROOM, "password": Secret("x" * 1001)},
    ):
        with pytest.raises(InvalidArgument):
            now(bookmarks.add(**wrong))
    with pytest.raises(NotFound):
        now(bookmarks.remove(ROOM))
    assert now(bookmarks.get_bookmarks()) == []


def test_a_password_stays_where_none_is_given(bookmarks, kept):
    now(bookmarks.add(ROOM, password=Secret("sesame")))
    now(bookmarks.add(JID(f"{ROOM}/x"), " Her   window "))
    assert kept.all() == [Bookmark(ROOM, "", "Her window", False, Secret("sesame"))]


# -- from before -----------------------------------------------------------------------------------------------------

OLD = (
    f"<storage xmlns='{NS_OLD}'><conference jid='{ROOM}' name='Old' autojoin='1'><nick>r</nick>"
    f"<password>sesame</password></conference><conference jid='{OTHER}' name='Other'/><conference jid='@@'/>"
    "<conference/><url name='x' url='http://x'/></storage>"
)
PRIVATE = f"<query xmlns='jabber:iq:private'>{OLD}</query>"
OLD_NODE = listed(f"<item id='current'>{OLD}</item>", node=NS_OLD)
MIGRATED = [Bookmark(ROOM, "r", "Old", True, Secret("sesame")), Bookmark(OTHER, "", "Other")]


@pytest.mark.parametrize("way", ["private", "node"])
def test_those_of_older_programs_are_taken_over_once(romeo, server, kept, way):
    server.connects(features=(PUBLISH_OPTIONS,))
    romeo.wire.answer("jabber:iq:private", PRIVATE if way == "private" else "")
    if way == "node":
        romeo.wire.answer(NS_OLD, OLD_NODE)
    else:
        romeo.wire.refuse(NS_OLD, "item-not-found")
    assert sorted(kept.all()) == sorted(MIGRATED)
    assert ROOM in rooms_of(romeo)
    assert "<password>sesame</password>" in server.takes()
    server.takes()
    romeo.goes_offline()
    server.connects(features=())
    assert (kept.all(), rooms_of(romeo)) == ([], []), "what was removed since then does not come back"
    assert not any(NS_OLD in each for each in romeo.wire.asked)


def test_what_is_in_the_list_is_newer_than_what_older_programs_have(romeo, server, kept):
    now(kept.keep(Bookmark(OTHER)))
    now(kept.forget(OTHER))
    server.connects(item(), item(OTHER), features=(PUBLISH_OPTIONS, COMPAT_PEP))
    romeo.wire.answer("jabber:iq:private", PRIVATE)
    assert not any(NS_OLD in each for each in romeo.wire.asked)
    assert kept.all() == [Bookmark(ROOM)]


@pytest.mark.parametrize("condition", ["service-unavailable", "item-not-found"])
def test_there_may_be_none_of_older_programs(romeo, server, condition):
    server.connects(features=())
    romeo.wire.refuse("jabber:iq:private", condition)
    romeo.wire.refuse(NS_OLD, condition)
    assert now(server.romeo.plugin(Bookmarks).store.get("migrated")) is True


def test_a_server_that_fails_to_tell_them_is_asked_in_the_next_session(romeo, server, kept):
    server.connects(features=())
    romeo.wire.refuse("jabber:iq:private", "internal-server-error")
    romeo.goes_offline()
    server.connects(features=())
    romeo.wire.answer("jabber:iq:private", PRIVATE)
    romeo.wire.answer(NS_OLD, listed(node=NS_OLD))
    assert sorted(kept.all()) == sorted(MIGRATED)
