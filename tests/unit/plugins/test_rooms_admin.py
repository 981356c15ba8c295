"""Moderating, owning and finding rooms (XEP-0045 §6, §8–§10)."""

import pytest
from support.muc import (
    INFO,
    NS_OWNER,
    ROOM,
    failure,
)
from support.romeo import FULL, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import (
    AskedTooOften,
    Conflict,
    FeatureMissing,
    InvalidArgument,
    NotFound,
    NotInRoom,
    PeerError,
)
from sat.plugins.rooms.api import (
    Affiliation,
    FoundRooms,
    PublicRoom,
    Role,
    RoomEventKind,
)
from sat.plugins.rooms.telling import TOGETHER


def request(romeo, work):
    """What is asked; it is answered."""
    work = Deferred.fromCoroutine(work)
    (xml,) = romeo.wire.asked
    romeo.wire.answer(xml)
    now(work)
    return xml


def test_putting_out_and_letting_in(romeo, rooms, host):
    host.enter("r", "paris")
    xml = request(romeo, rooms.kick(ROOM, "paris", "rude"))
    assert "<item nick='paris' role='none'><reason>rude</reason></item>" in xml
    xml = request(romeo, rooms.ban(ROOM, JID("paris@verona.lit/x")))
    assert "<item jid='paris@verona.lit' affiliation='outcast'/>" in xml
    xml = request(romeo, rooms.set_role(ROOM, "nurse", Role.VISITOR))
    assert "<item nick='nurse' role='visitor'/>" in xml
    for work in (rooms.kick(JID("x@y"), "a"), rooms.ban(JID("x@y"), JID("a@b")), rooms.set_subject(JID("x@y"), "")):
        with pytest.raises(NotInRoom):
            now(work)


def test_who_puts_out_nobody_is_told(romeo, rooms, host):
    host.enter("r", "paris")
    for nick, kind in (("nobody", NotFound), ("paris", PeerError)):
        work = Deferred.fromCoroutine(rooms.kick(ROOM, nick))
        romeo.wire.refuse("role='none'", "item-not-found")
        assert isinstance(failure(work), kind)


def test_who_is_what_to_the_room_as_far_as_it_tells(romeo, rooms, host):
    host.enter("r")
    work = Deferred.fromCoroutine(rooms.get_affiliations(ROOM))
    item = "<query xmlns='http://jabber.org/protocol/muc#admin'>{}</query>"
    romeo.wire.answer("'owner'", item.format("<item affiliation='owner' jid='r@b' nick='r'/><item jid='@'/>"))
    romeo.wire.refuse("'admin'", "forbidden")
    romeo.wire.answer("'member'", item.format(""))
    romeo.wire.answer("'outcast'", item.format("<item affiliation='owner' jid='p@b'><reason>rude</reason></item>"))
    assert [tuple(each) for each in now(work)] == [("r@b", "owner", "r", ""), ("p@b", "outcast", "", "rude")]


def test_nobody_tells_who_is_what(romeo, rooms, host):
    host.enter("r")
    work = Deferred.fromCoroutine(rooms.get_affiliations(ROOM))
    for _ in range(4):
        romeo.wire.refuse("muc#admin", "forbidden")
    assert failure(work).details["condition"] == "forbidden"


FORM = (
    f"<query xmlns='{NS_OWNER}'><x xmlns='jabber:x:data' type='form'><title>Room</title>"
    "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#roomconfig</value></field>"
    "<field var='muc#roomconfig_roomname' type='text-single'><value/></field>{}</x></query>"
)


def test_a_room_is_made_as_it_is_wanted(romeo, rooms, host):
    work = Deferred.fromCoroutine(rooms.create(ROOM, "r", {"muc#roomconfig_roomname": "Balcony"}))
    romeo.wire.refuse(f"to='{ROOM}'", "item-not-found")
    host.there("r", "owner", "moderator", codes=(110, 201))
    romeo.wire.answer(host.asked("type='get'"), FORM.format(""))
    (xml,) = [each for each in romeo.wire.asked if "muc#owner" in each]
    assert "<value>Balcony</value>" in xml
    romeo.wire.answer("muc#owner")
    host.tells_info()
    assert now(work).affiliation is Affiliation.OWNER


@pytest.mark.parametrize("possible", [True, False])
def test_a_private_room_is_never_open(romeo, rooms, host, possible):
    work = Deferred.fromCoroutine(rooms.create(ROOM, "r", private=True))
    romeo.wire.refuse(f"to='{ROOM}'", "item-not-found")
    host.there("r", "owner", "moderator", codes=(110, 201))
    more = "<field var='muc#roomconfig_membersonly' type='boolean'><value>0</value></field>" if possible else ""
    romeo.wire.answer(host.asked("type='get'"), FORM.format(more))
    asked = [each for each in romeo.wire.asked if "muc#owner" in each]
    if possible:
        assert "<field var='muc#roomconfig_membersonly'><value>1</value></field>" in asked[0]
        assert "publicroom" not in asked[0]  # the room has no such setting
    else:
        assert not asked
        assert failure(work) == FeatureMissing(who=ROOM.domain, feature="private rooms")
        assert "unavailable" in romeo.sent()[-1]


def test_a_room_is_made_as_the_service_makes_them(romeo, rooms, host, record):
    happened = record(rooms.happened)
    work = Deferred.fromCoroutine(rooms.create(ROOM, "r"))
    romeo.wire.refuse(f"to='{ROOM}'", "item-not-found")
    host.there("r", "owner", "moderator", codes=(110, 201))
    (xml,) = [each for each in romeo.wire.asked if "muc#owner" in each]
    assert "<x xmlns='jabber:x:data' type='submit'/>" in xml
    romeo.wire.answer("muc#owner")
    host.tells_info()
    now(work)
    romeo.clock.advance(TOGETHER)
    assert [each.kind for each in happened[0]] == [RoomEventKind.CREATED]


def test_a_room_that_is_there_is_not_made(romeo, rooms, host):
    work = Deferred.fromCoroutine(rooms.create(ROOM, "r"))
    host.tells_info()
    host.there("r", codes=(110,))
    assert failure(work) == Conflict(what=f"The room {ROOM}")
    assert now(rooms.get_rooms()) == []
    assert "unavailable" in romeo.sent()[-1]


def test_settings_of_a_room(romeo, rooms, host):
    host.enter("r")
    many = "".join(f"<field var='f{number}' type='text-single'/>" for number in range(1000))
    work = Deferred.fromCoroutine(rooms.get_configuration(ROOM))
    romeo.wire.answer("muc#owner", FORM.format(many))
    assert 2 < len(now(work).fields) < 1000
    work = Deferred.fromCoroutine(rooms.set_configuration(ROOM, {"nonsense": "1"}))
    romeo.wire.answer("muc#owner", FORM.format(""))
    assert isinstance(failure(work), InvalidArgument)


def test_frontends_know_the_new_name_before_they_hear_that_it_is_saved(romeo, rooms, host):
    host.enter("r")
    romeo.clock.advance(TOGETHER)
    told = []
    rooms.undo(rooms.changed.connect(lambda changed: told.append([each.name for each in changed])))
    work = Deferred.fromCoroutine(rooms.set_configuration(ROOM, {"muc#roomconfig_roomname": "The tomb"}))
    work.addCallback(lambda _: told.append("saved"))
    romeo.wire.answer("muc#owner", FORM.format(""))
    romeo.wire.answer("muc#owner")
    identity = "<identity category='conference' type='text' name='The tomb'/>"
    romeo.wire.answer(host.asked(INFO), f"<query xmlns='{INFO}'>{identity}</query>")
    assert told == [["The tomb"], "saved"]


def test_whether_a_room_lets_moderators_take_messages_back(romeo, rooms, host):
    host.enter("r")
    assert now(rooms.get_rooms())[0].takes_back is False
    now(rooms.leave(ROOM))
    host.enter("r", info="<feature var='urn:xmpp:message-moderate:1'/>")
    assert now(rooms.get_rooms())[0].takes_back is True


def test_a_room_is_destroyed(romeo, rooms, host):
    host.enter("r")
    xml = request(romeo, rooms.destroy(ROOM, "too loud", JID("quiet@rooms.capulet.lit")))
    assert "<destroy jid='quiet@rooms.capulet.lit'><reason>too loud</reason></destroy>" in xml


def test_finding_rooms(romeo, rooms):
    work = Deferred.fromCoroutine(rooms.get_public_rooms())
    items = "<query xmlns='http://jabber.org/protocol/disco#items'>{}</query>"
    romeo.wire.answer("disco#items", items.format("<item jid='files.montague.lit'/><item jid='rooms.montague.lit'/>"))
    romeo.wire.refuse("to='files.montague.lit'", "item-not-found")
    info = "<identity category='conference' type='text'/><feature var='http://jabber.org/protocol/muc'/>"
    romeo.wire.answer("disco#info", f"<query xmlns='http://jabber.org/protocol/disco#info'>{info}</query>")
    romeo.wire.answer(
        "to='rooms.montague.lit'",
        items.format("<item jid='balcony@rooms.montague.lit' name='Balcony'/><item jid='rooms.montague.lit'/>"),
    )
    assert now(work) == [PublicRoom(JID("balcony@rooms.montague.lit"), "Balcony")]


def test_who_we_are_is_said_to_nobody_else(romeo, rooms, host):
    host.enter("r")
    assert not any(FULL in xml for xml in romeo.sent())


# -- searching (XEP-0433) ----------------------------------------------------------------------------------------

NS_SEARCH = "urn:xmpp:channel-search:0:search"
SEARCH = JID("search.capulet.lit")
DISCO = "http://jabber.org/protocol/disco"


def answers(items, page=""):
    return f"<result xmlns='{NS_SEARCH}'>{items}<set xmlns='http://jabber.org/protocol/rsm'>{page}</set></result>"


def item(address, name="", users="", more=""):
    return f"<item address='{address}'><name>{name}</name><nusers>{users}</nusers>{more}</item>"


def test_searching_for_rooms(romeo, rooms):
    work = Deferred.fromCoroutine(rooms.search("  what\nlight ", SEARCH))
    (question,) = romeo.wire.asked
    assert f"to='{SEARCH}' type='get'" in question
    for name, value in (("FORM_TYPE", f"{NS_SEARCH}-params"), ("q", "what light"), ("types", "xep-0045")):
        assert f"<field var='{name}'><value>{value}</value></field>" in question
    assert "<max>50</max></set>" in question
    told = "<description>Of the\ngarden</description><is-open/>"
    romeo.wire.answer(question, answers(item("balcony@r.lit", "Balcony", "3", told), "<last>page 1</last>"))
    found = now(work)
    assert found == FoundRooms(SEARCH, [PublicRoom(JID("balcony@r.lit"), "Balcony", 3, "Of the garden")], "page 1")
    work = Deferred.fromCoroutine(rooms.search("what light", SEARCH, found.more))
    (question,) = romeo.wire.asked
    assert "<after>page 1</after>" in question
    romeo.wire.answer(question, answers(""))
    assert now(work) == FoundRooms(SEARCH, [])


def test_what_a_search_finds_is_bounded(romeo, rooms):
    work = Deferred.fromCoroutine(rooms.search("x", SEARCH, "page 1"))
    bad = [item(each) for each in ("", "@", "r.lit", "a@r.lit/nick", "a@@b")]
    bad.append(item("mix@r.lit", more="<service-type>xep-0369</service-type>"))
    many = [item(f"r{number}@r.lit", "n" * 300, "9" * 50) for number in range(100)]
    romeo.wire.answer(NS_SEARCH, answers("".join([*bad, item("r0@r.lit"), *many]), "<last>page 1</last>"))
    found = now(work)
    assert {each.jid.domain for each in found.rooms} == {"r.lit"}
    assert len(found.rooms) == len({each.jid for each in found.rooms}) < 50
    assert (found.rooms[-1].occupants, len(found.rooms[-1].name)) == (-1, 200)
    assert found.more == ""  # it would go round and round


def test_where_it_is_searched(romeo, rooms):
    work = Deferred.fromCoroutine(rooms.search("x"))
    romeo.wire.answer(f"{DISCO}#items", f"<query xmlns='{DISCO}#items'><item jid='find.montague.lit'/></query>")
    romeo.wire.answer(f"{DISCO}#info", f"<query xmlns='{DISCO}#info'><feature var='{NS_SEARCH}'/></query>")
    romeo.wire.answer(NS_SEARCH, answers(""))
    assert now(work).service == "find.montague.lit"
    now(romeo.settings.set_setting("rooms.search_service", SEARCH))
    work = Deferred.fromCoroutine(rooms.search("x"))
    romeo.wire.answer(NS_SEARCH, answers(""))
    assert now(work).service == SEARCH


def test_no_stranger_is_asked_by_itself(romeo, rooms):
    work = Deferred.fromCoroutine(rooms.search("x"))
    romeo.wire.answer(f"{DISCO}#items", f"<query xmlns='{DISCO}#items'/>")
    assert "rooms.search_service" in str(failure(work))
    assert romeo.wire.asked == []
    assert isinstance(failure(Deferred.fromCoroutine(rooms.search(" ", SEARCH))), InvalidArgument)


def test_without_a_search_the_list_of_our_own_server_is_looked_through(romeo, rooms):
    work = Deferred.fromCoroutine(rooms.search("BALCONY the"))
    items = f"<query xmlns='{DISCO}#items'>{{}}</query>"
    romeo.wire.answer(f"{DISCO}#items", items.format("<item jid='rooms.montague.lit'/>"))
    info = "<identity category='conference' type='text'/><feature var='http://jabber.org/protocol/muc'/>"
    romeo.wire.answer(f"{DISCO}#info", f"<query xmlns='{DISCO}#info'>{info}</query>")
    every = "".join(
        f"<item jid='{local}@rooms.montague.lit' name='{name}'/>"
        for local, name in (("balcony", "The one"), ("b", "Balcony of the house"), ("the", "Orchard"))
    )
    romeo.wire.answer("to='rooms.montague.lit'", items.format(every))
    found = now(work)
    assert (found.service, found.listed, found.more) == ("rooms.montague.lit", True, "")
    assert [each.jid.local for each in found.rooms] == ["balcony", "b"]


def test_a_service_that_is_asked_too_often_is_left_in_peace(romeo, rooms):
    def asks():
        return Deferred.fromCoroutine(rooms.search("x", SEARCH))

    def refuses(**more):
        work = asks()
        romeo.wire.refuse(NS_SEARCH, "resource-constraint", specific="rate-limit", **more)
        assert isinstance(failure(work), PeerError)

    refuses(**{"rate-limit.retry-after": "90"})
    romeo.clock.advance(89)
    assert failure(asks()) == AskedTooOften(who=SEARCH, seconds="1")
    romeo.clock.advance(1)
    refuses(**{"rate-limit.retry-after": "999999999"})
    romeo.clock.advance(3600)  # nobody is believed for ever
    refuses()
    romeo.clock.advance(3599)
    assert isinstance(failure(asks()), AskedTooOften)
    romeo.clock.advance(1)
    work = asks()
    romeo.wire.answer(NS_SEARCH, answers(""))
    now(work)
