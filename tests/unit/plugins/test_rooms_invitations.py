"""Invitations to rooms (XEP-0045 §7.8, XEP-0249)."""

from support.muc import ROOM, USER, enter
from support.romeo import now

from sat.api import JID
from sat.plugins.rooms.api import Invitation, RoomEventKind
from sat.plugins.rooms.invitations import MOST
from sat.plugins.rooms.telling import TOGETHER


def invited(room, sender="juliet@capulet.lit", password=""):
    inside = f"<invite from='{sender}'><reason>come</reason></invite>" + password
    return f"<message from='{room}'><body>old programs see this</body><x xmlns='{USER}'>{inside}</x></message>"


def test_an_invitation_through_a_room_is_followed_with_its_password(romeo, rooms, messages, host, record):
    told, settled = record(rooms.invited), record(rooms.settled)
    romeo.hears(invited(ROOM, password="<password>open</password>"))
    romeo.hears(invited(ROOM, "tybalt@capulet.lit"))
    romeo.clock.advance(TOGETHER)
    invitation = Invitation(ROOM, JID("juliet@capulet.lit"), "come", password=True)
    assert told == [[invitation]]
    assert now(rooms.get_invitations()) == [invitation]
    assert now(messages.get_conversations()) == []
    host.wants_in("r")
    assert "<password>open</password>" in romeo.sent()[-1]
    host.there("r", codes=(110,))
    romeo.clock.advance(TOGETHER)
    assert settled == [[ROOM]]
    assert now(rooms.get_invitations()) == []


def test_a_direct_invitation(romeo, rooms):
    x = f"<x xmlns='jabber:x:conference' jid='{ROOM}' reason='come' password='open'/>"
    romeo.hears(f"<message from='juliet@capulet.lit/x'>{x}</message>")
    romeo.hears("<message from='juliet@capulet.lit/x'><x xmlns='jabber:x:conference' jid='@@@'/></message>")
    assert now(rooms.get_invitations()) == [Invitation(ROOM, JID("juliet@capulet.lit"), "come", True, True)]
    romeo.sent()
    now(rooms.decline(ROOM))
    assert romeo.sent() == []
    assert now(rooms.get_invitations()) == []


def test_declining_is_told_through_the_room(romeo, rooms, host, record):
    romeo.hears(invited(ROOM))
    romeo.sent()
    now(rooms.decline(ROOM, "no time"))
    (xml,) = romeo.sent()
    assert f"to='{ROOM}'" in xml
    assert "<decline to='juliet@capulet.lit'><reason>no time</reason></decline>" in xml
    enter(host)
    happened = record(rooms.happened)
    decline = "<decline from='nurse@capulet.lit'><reason>late</reason></decline>"
    romeo.hears(f"<message from='{ROOM}'><x xmlns='{USER}'>{decline}</x></message>")
    romeo.hears(f"<message from='never@joined.lit'><x xmlns='{USER}'>{decline}</x></message>")
    romeo.clock.advance(TOGETHER)
    ((event,),) = happened
    assert (event.kind, event.actor, event.reason) == (RoomEventKind.DECLINED, "nurse@capulet.lit", "late")


def test_a_flood_of_invitations_is_bounded_and_told_at_once(romeo, rooms, record):
    told = record(rooms.invited)
    for number in range(MOST * 3):
        romeo.hears(invited(f"trap{number}@evil.lit"))
    romeo.clock.advance(TOGETHER)
    assert [len(batch) for batch in told] == [MOST]
    assert not any("muc" in xml and "trap" in xml for xml in romeo.sent())


def test_we_invite(romeo, rooms, host):
    enter(host)
    romeo.sent()
    now(rooms.invite(ROOM, JID("nurse@capulet.lit/x"), "come"))
    now(rooms.invite(ROOM, JID("nurse@capulet.lit"), "come", direct=True))
    mediated, direct = romeo.sent()
    assert f"<x xmlns='{USER}'><invite to='nurse@capulet.lit'><reason>come</reason></invite></x>" in mediated
    assert f"<x xmlns='jabber:x:conference' jid='{ROOM}' reason='come'/>" in direct
