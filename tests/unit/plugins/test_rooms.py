"""Rooms (XEP-0045): entering them, who is there, what happens, coming back."""

import pytest
from support.muc import (
    ROOM,
    USER,
    failure,
)
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api import JID, Secret
from sat.api.errors import (
    InvalidArgument,
    NickTaken,
    NotConnected,
    NotFound,
    NotInRoom,
    PeerError,
    RequestTimeout,
    RoomBanned,
    RoomFull,
    RoomMembersOnly,
    RoomPasswordWrong,
)
from sat.plugins.presence.api import Show
from sat.plugins.presence.plugin import PresencePlugin
from sat.plugins.rooms import stay as stays
from sat.plugins.rooms.api import (
    Affiliation,
    Occupant,
    OccupantsChange,
    Role,
    RoomEvent,
    RoomEventKind,
    RoomState,
)
from sat.plugins.rooms.entering import AGAIN, PATIENCE, SILENCE, SOON
from sat.plugins.rooms.plugin import Rooms
from sat.plugins.rooms.telling import TOGETHER
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster


def state(rooms):
    (room,) = now(rooms.get_rooms())
    return room.state


# -- entering --------------------------------------------------------------------------------------------------------


def test_joining_returns_when_the_room_has_told_that_we_are_in(romeo, rooms, host, record):
    changed, occupants = record(rooms.changed), record(rooms.occupants_changed)
    work = host.asked_in("r", info="<feature var='muc_membersonly'/><feature var='muc_nonanonymous'/>")
    (presence,) = [xml for xml in romeo.sent() if f"to='{ROOM}/r'" in xml]
    assert "<x xmlns='http://jabber.org/protocol/muc'>" in presence
    assert "caps" in presence  # so that the others know what we can do
    host.there("nurse", "member", "participant")
    romeo.clock.advance(1)
    assert occupants == []
    host.there("r", "owner", "moderator", codes=(110, 100, 170))
    room = now(work)
    assert (room.jid, room.nick, room.state, room.private, room.anonymous, room.logged) == (
        ROOM,
        "r",
        RoomState.JOINED,
        True,
        False,
        True,
    )
    assert (room.role, room.affiliation, room.occupants) == (Role.MODERATOR, Affiliation.OWNER, 2)
    romeo.clock.advance(TOGETHER)
    assert [[each.state for each in batch] for batch in changed][-1] == [RoomState.JOINED]
    ((change,),) = occupants
    assert (change.room, change.whole, change.gone) == (ROOM, True, [])
    assert [each.nick for each in change.present] == ["nurse", "r"]
    assert [each.own for each in change.present] == [False, True]


def test_a_full_room_is_told_once(romeo, rooms, host, record):
    occupants = record(rooms.occupants_changed)
    work = host.asked_in("r")
    for number in range(500):
        host.there(f"n{number}")
    host.there("r", codes=(110,))
    now(work)
    romeo.turn()  # who has just come in does not wait for what may still change
    ((change,),) = occupants
    assert len(change.present) == 501


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        ("not-authorized", RoomPasswordWrong(room=ROOM)),
        ("registration-required", RoomMembersOnly(room=ROOM)),
        ("forbidden", RoomBanned(room=ROOM, why="")),
        ("conflict", NickTaken(room=ROOM, nick="r")),
        ("service-unavailable", RoomFull(room=ROOM)),
        ("item-not-found", NotFound(what=f"room {ROOM}")),
    ],
)
def test_a_room_that_does_not_let_us_in(romeo, rooms, host, condition, error):
    work = host.asked_in("r")
    host.refuses(condition)
    assert failure(work) == error
    assert now(rooms.get_rooms()) == []


def test_another_refusal_is_told_as_it_is(rooms, host):
    work = host.asked_in("r")
    host.refuses("not-acceptable")
    assert isinstance(failure(work), PeerError)


def test_a_room_that_is_not_there_is_not_made_by_joining(romeo, rooms):
    work = Deferred.fromCoroutine(rooms.join(ROOM, "r"))
    romeo.wire.refuse(f"to='{ROOM}'", "item-not-found")
    assert failure(work) == NotFound(what=f"room {ROOM}")
    assert not any("muc'" in xml for xml in romeo.sent())


def test_a_room_that_does_not_answer(romeo, rooms, host):
    work = host.asked_in("r")
    romeo.sent()
    romeo.clock.advance(PATIENCE)
    assert isinstance(failure(work), RequestTimeout)
    assert "unavailable" in romeo.sent()[-1]


def test_joining_offline(romeo, rooms):
    romeo.goes_offline()
    assert failure(Deferred.fromCoroutine(rooms.join(ROOM, "r"))) == NotConnected(profile="romeo")


def test_no_room_and_no_nick(rooms):
    with pytest.raises(InvalidArgument):
        now(rooms.join(JID("rooms.capulet.lit"), "r"))
    for nick in ("a\nb", "x" * 2000):
        with pytest.raises(InvalidArgument):
            now(rooms.join(ROOM, nick))


def test_the_nick_is_given_or_set_or_the_accounts(romeo, rooms, host):
    work = host.asked_in("")
    assert f"to='{ROOM}/romeo'" in romeo.sent()[-1]
    host.refuses("forbidden")
    failure(work)
    now(romeo.settings.set_setting("rooms.nick", "Romeo M."))
    host.wants_in("")
    assert f"to='{ROOM}/Romeo M.'" in romeo.sent()[-1]


def test_a_password_is_told_to_the_room_only(romeo, rooms, host):
    work = host.asked_in("r", password=Secret("cauldron"))
    assert "<password>cauldron</password>" in romeo.sent()[-1]
    host.there("r", codes=(110,))
    assert "cauldron" not in repr(now(work))


def test_the_service_may_call_us_otherwise(rooms, host):
    work = host.asked_in("r")
    host.there("r")  # somebody else
    host.there("r2", codes=(110, 210))
    assert now(work).nick == "r2"
    own = [each.nick for each in now(rooms.get_occupants(ROOM)) if each.own]
    assert own == ["r2"]


# -- who is there ----------------------------------------------------------------------------------------------------


def test_what_is_told_of_an_occupant(rooms, host):
    host.enter("r", info="<feature var='urn:xmpp:occupant-id:0'/>")
    hats = "".join(f"<hat title='Hat {number}' uri='x'/>" for number in range(30))
    host.there(
        "nurse",
        "admin",
        "moderator",
        jid="nurse@capulet.lit/x",
        more="<show>dnd</show><status>busy</status><occupant-id xmlns='urn:xmpp:occupant-id:0' id='n1'/>"
        f"<hats xmlns='urn:xmpp:hats:0'>{hats}</hats>",
    )
    nurse = now(rooms.get_occupants(ROOM))[-1]
    assert nurse._replace(hats=[]) == Occupant(
        "nurse",
        Role.MODERATOR,
        Affiliation.ADMIN,
        Show.DND,
        "busy",
        JID("nurse@capulet.lit"),
        id="n1",
    )
    assert nurse.hats == [f"Hat {number}" for number in range(10)]


def test_comings_and_goings_are_told_together(romeo, rooms, host, record):
    host.enter("r", "nurse")
    romeo.clock.advance(TOGETHER)
    occupants = record(rooms.occupants_changed)
    host.there("juliet")
    host.gone("nurse")
    host.there("paris")
    host.gone("paris")
    romeo.clock.advance(TOGETHER)
    ((change,),) = occupants
    assert ([each.nick for each in change.present], change.gone, change.whole) == (
        ["juliet"],
        ["nurse", "paris"],
        False,
    )


def test_occupants_are_bounded(rooms, host, monkeypatch):
    monkeypatch.setattr(stays, "MOST", 20)
    work = host.asked_in("r")
    for number in range(50):
        host.there(f"n{number}")
    host.there("r", codes=(110,))
    assert now(work).occupants == 21


def test_presences_of_rooms_never_joined_and_of_others_are_nothing(romeo, rooms, host, record):
    happened = record(rooms.happened)
    host.enter("r", "nurse")
    romeo.hears(
        f"<presence from='other@rooms.capulet.lit/r'><x xmlns='{USER}'><item affiliation='owner' role='moderator'/>"
        "<status code='110'/></x></presence>"
    )
    romeo.hears(
        f"<presence from='juliet@capulet.lit/x' type='unavailable'><x xmlns='{USER}'><item affiliation='outcast'/>"
        "<status code='110'/><status code='301'/></x></presence>"
    )
    romeo.clock.advance(TOGETHER)
    assert [each.jid for each in now(rooms.get_rooms())] == [ROOM]
    assert state(rooms) is RoomState.JOINED
    assert happened == []
    with pytest.raises(NotInRoom):
        now(rooms.get_occupants(JID("other@rooms.capulet.lit")))


def test_an_occupant_is_no_contact_even_of_a_room_in_the_contact_list(romeo, rooms, host):
    romeo.plugin(Roster).contacts[ROOM] = Contact(ROOM, "", Subscription.BOTH, [])
    host.enter("r", "nurse")
    assert now(romeo.plugin(PresencePlugin).get_presences()) == []


def test_strange_presences(rooms, host, romeo):
    host.enter("r")
    for inside in (
        f"<x xmlns='{USER}'/>",
        f"<x xmlns='{USER}'><item affiliation='king' role='jester' jid='@@'/><status code='x'/><status/></x>",
        "",
        f"<x xmlns='{USER}'><item/><item/><destroy/></x>",
        "<show>gone fishing</show>" + f"<status>{'x' * 5000}</status>",
    ):
        romeo.hears(f"<presence from='{ROOM}/odd'>{inside}</presence>")
        romeo.hears(f"<presence from='{ROOM}'>{inside}</presence>")
    romeo.hears(f"<presence type='unavailable' from='{ROOM}/unknown'/>")
    odd = now(rooms.get_occupants(ROOM))[-1]
    assert (odd.role, odd.affiliation, odd.jid, len(odd.status)) == (Role.NONE, Affiliation.NONE, "", 1000)


# -- what happens ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ((307,), RoomEventKind.KICKED),
        ((301,), RoomEventKind.BANNED),
        ((321,), RoomEventKind.REMOVED),
        ((322,), RoomEventKind.REMOVED),
        ((307, 333), RoomEventKind.DISRUPTED),
    ],
)
def test_others_are_put_out(romeo, rooms, host, record, codes, kind):
    host.enter("r", "paris")
    happened = record(rooms.happened)
    host.gone("paris", codes=codes, item="<actor nick='juliet'/><reason>bye</reason>")
    romeo.clock.advance(TOGETHER)
    assert happened == [[RoomEvent(ROOM, kind, "paris", False, "juliet", "bye")]]
    assert state(rooms) is RoomState.JOINED


def test_we_are_kicked(romeo, rooms, host, record):
    host.enter("r", "nurse")
    happened, occupants = record(rooms.happened), record(rooms.occupants_changed)
    host.gone("r", codes=(110, 307), item="<actor nick='tybalt'/><reason>out</reason>")
    romeo.clock.advance(TOGETHER)
    assert happened == [[RoomEvent(ROOM, RoomEventKind.KICKED, "r", True, "tybalt", "out")]]
    (room,) = now(rooms.get_rooms())
    assert (room.state, room.occupants) == (RoomState.LEFT, 0)
    assert "out" in room.error
    assert occupants == [[OccupantsChange(ROOM, [], [], whole=True)]]
    with pytest.raises(NotInRoom):
        now(rooms.get_occupants(ROOM))


def test_who_is_banned_is_told_so(romeo, rooms, host):
    host.enter("r", "nurse")
    host.gone("r", codes=(110, 301), item="<actor nick='tybalt'/><reason>out</reason>")
    (room,) = now(rooms.get_rooms())
    assert (room.state, room.error) == (RoomState.LEFT, f"You are banned from the room {ROOM}: “out”.")


def test_a_destroyed_room_leads_nowhere_by_itself(romeo, rooms, host, record):
    host.enter("r")
    romeo.sent()
    happened = record(rooms.happened)
    host.gone("r", codes=(110,), beside="<destroy jid='trap@evil.lit'><reason>moved</reason></destroy>")
    romeo.clock.advance(AGAIN * 10)
    assert happened == [
        [RoomEvent(ROOM, RoomEventKind.DESTROYED, "r", True, reason="moved", other=JID("trap@evil.lit"))]
    ]
    assert state(rooms) is RoomState.LEFT
    assert romeo.sent() == []
    assert romeo.wire.asked == []
    assert rooms.bookmarks.all() == []


@pytest.mark.parametrize(("codes", "kind"), [((110, 332), "shutdown"), ((110, 307, 333), "disrupted")])
def test_after_a_fault_we_come_back_by_ourselves(romeo, rooms, host, record, codes, kind):
    host.enter("r")
    romeo.sent()
    happened = record(rooms.happened)
    host.gone("r", codes=codes)
    assert state(rooms) is RoomState.JOINING
    romeo.clock.advance(AGAIN)
    assert [each.kind for each in happened[0]] == [kind]
    host.tells_info()
    assert f"to='{ROOM}/r'" in romeo.sent()[-1]
    host.there("r", codes=(110,))
    assert state(rooms) is RoomState.JOINED


def test_who_joins_by_hand_is_not_disturbed_by_the_next_try(romeo, rooms, host):
    host.enter("r")
    host.gone("r", codes=(110, 332))
    romeo.clock.advance(AGAIN - 1)
    work = host.asked_in("r")
    romeo.clock.advance(2)
    host.there("r", codes=(110,))
    assert now(work).state is RoomState.JOINED


def test_nicks_change(romeo, rooms, host, record):
    host.enter("r", "nurse")
    happened = record(rooms.happened)
    work = Deferred.fromCoroutine(rooms.set_nick(ROOM, "Romeo"))
    assert f"to='{ROOM}/Romeo'" in romeo.sent()[-1]
    host.renamed("nurse", "Angelica")
    host.renamed("r", "Romeo", own=True)
    now(work)
    romeo.clock.advance(TOGETHER)
    (events,) = happened
    assert [(each.nick, each.other, each.own) for each in events] == [
        ("nurse", "Angelica", False),
        ("r", "Romeo", True),
    ]
    (room,) = now(rooms.get_rooms())
    assert (room.nick, room.state, room.occupants) == ("Romeo", RoomState.JOINED, 2)
    assert [each.nick for each in rooms.bookmarks.all()] == ["Romeo"]


def test_a_nick_that_is_taken(romeo, rooms, host):
    host.enter("r", "nurse")
    work = Deferred.fromCoroutine(rooms.set_nick(ROOM, "nurse"))
    host.refuses("conflict", nick="nurse")
    assert failure(work) == NickTaken(room=ROOM, nick="nurse")
    assert now(rooms.get_rooms())[0].nick == "r"


def test_a_room_tells_what_it_is_like_now(romeo, rooms, host, record):
    host.enter("r")
    happened = record(rooms.happened)
    host.says(f"<x xmlns='{USER}'><status code='104'/><status code='172'/></x>")
    host.tells_info("<feature var='muc_nonanonymous'/><feature var='muc_moderated'/>")
    romeo.clock.advance(TOGETHER)
    (room,) = now(rooms.get_rooms())
    assert (room.anonymous, room.moderated) == (False, True)
    assert happened == [[RoomEvent(ROOM, RoomEventKind.CONFIGURED)]]


# -- staying and coming back -----------------------------------------------------------------------------------------


def test_leaving_forgets_the_room(romeo, rooms, host, record):
    removed = record(rooms.removed)
    host.enter("r")
    romeo.clock.advance(TOGETHER)
    romeo.sent()
    now(rooms.leave(ROOM, "good night"))
    (xml,) = romeo.sent()
    assert "unavailable" in xml
    assert "good night" in xml
    host.gone("r", codes=(110,))
    romeo.clock.advance(TOGETHER)
    assert removed == [[ROOM]]
    assert now(rooms.get_rooms()) == []
    romeo.goes_offline()
    romeo.goes_online()
    assert not any(str(ROOM) in xml for xml in [*romeo.sent(), *romeo.wire.asked])
    with pytest.raises(NotFound):
        now(rooms.leave(ROOM))


def test_after_a_reconnection_we_come_back_with_another_nick_if_need_be(romeo, rooms, host):
    host.enter("r", "nurse")
    romeo.goes_offline()
    assert state(rooms) is RoomState.JOINING
    romeo.sent()
    romeo.goes_online()
    host.tells_info()
    assert f"to='{ROOM}/r'" in romeo.sent()[-1]
    host.refuses("conflict")
    host.tells_info()
    assert f"to='{ROOM}/r_'" in romeo.sent()[-1]
    host.there("r_", codes=(110,))
    (room,) = now(rooms.get_rooms())
    assert (room.state, room.nick) == (RoomState.JOINED, "r_")
    romeo.goes_offline()
    romeo.goes_online()
    host.tells_info()
    assert f"to='{ROOM}/r'" in romeo.sent()[-1]


def test_a_room_that_went_while_we_were_away_is_made_again(romeo, rooms, host):
    host.enter("r")
    romeo.goes_offline()
    romeo.goes_online()
    romeo.wire.refuse(f"to='{ROOM}'", "item-not-found")
    host.there("r", "owner", "moderator", codes=(110, 201))
    assert "<x xmlns='jabber:x:data' type='submit'/>" in host.asked("muc#owner")
    assert state(rooms) is RoomState.JOINED


def test_a_room_that_does_not_let_us_in_again_is_kept_with_the_reason(romeo, rooms, host):
    host.enter("r")
    romeo.goes_offline()
    romeo.goes_online()
    host.tells_info()
    host.refuses("registration-required")
    (room,) = now(rooms.get_rooms())
    assert (room.state, room.error) == (RoomState.FAILED, str(RoomMembersOnly(room=ROOM)))


def test_a_resumed_session_is_still_in_and_asks(romeo, rooms, host):
    host.enter("r", "nurse")
    romeo.goes_offline(resumable=True)
    romeo.sent()
    romeo.goes_online(resumed=True)
    assert state(rooms) is RoomState.JOINED
    assert not any("muc'" in xml for xml in romeo.sent())
    romeo.wire.answer("urn:xmpp:ping")
    assert state(rooms) is RoomState.JOINED


@pytest.mark.parametrize("condition", ["service-unavailable", "feature-not-implemented", "item-not-found"])
def test_after_a_long_silence_we_ask_whether_we_are_in(romeo, rooms, host, condition):
    host.enter("r")
    romeo.clock.advance(SILENCE - 10)
    host.there("nurse")
    romeo.clock.advance(20)
    assert romeo.wire.asked == []
    romeo.clock.advance(SILENCE)
    romeo.wire.refuse("urn:xmpp:ping", condition)
    assert state(rooms) is RoomState.JOINED
    assert romeo.wire.asked == []
    romeo.clock.advance(SILENCE)
    romeo.wire.refuse("urn:xmpp:ping", "not-acceptable")  # XEP-0410 §3: the room does not know us
    assert state(rooms) is RoomState.JOINING
    host.tells_info()
    host.there("r", codes=(110,))
    assert state(rooms) is RoomState.JOINED


@pytest.mark.parametrize(("condition", "asks"), [("not-acceptable", True), ("forbidden", False)])
def test_a_room_that_refuses_what_we_write_is_asked_whether_we_are_in(romeo, rooms, host, condition, asks):
    host.enter("r")
    error = f"<error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    for _ in range(3):
        host.says(error, kind="error")
    romeo.clock.advance(SOON)
    assert len(romeo.wire.asked) == asks
    if asks:
        romeo.wire.refuse("urn:xmpp:ping", "not-acceptable")
        host.tells_info()
        host.there("r", codes=(110,))
    assert state(rooms) is RoomState.JOINED


def test_who_enters_where_they_seem_to_be_comes_in(romeo, rooms, host):
    host.enter("r")
    work = Deferred.fromCoroutine(rooms.join(ROOM))
    romeo.wire.answer("urn:xmpp:ping")
    assert now(work).state is RoomState.JOINED
    work = Deferred.fromCoroutine(rooms.join(ROOM))
    romeo.sent()
    romeo.wire.refuse("urn:xmpp:ping", "not-acceptable")
    host.tells_info()
    assert any("muc'" in xml for xml in romeo.sent())
    host.there("r", codes=(110,))
    assert now(work).state is RoomState.JOINED


def test_the_rooms_of_before_are_entered_at_the_start(romeo, rooms, host):
    host.enter("r")
    again = Rooms.start(romeo)
    try:
        now(again.load())
        assert [(each.jid, each.nick, each.state) for each in now(again.get_rooms())] == [
            (ROOM, "r", RoomState.JOINING)
        ]
    finally:
        again.stop()


def test_rooms_hear_that_we_are_away(romeo, rooms, host):
    host.enter("r")
    romeo.sent()
    now(romeo.plugin(PresencePlugin).set_presence(Show.AWAY, "supper"))
    (xml,) = [each for each in romeo.sent() if f"to='{ROOM}/r'" in each]
    assert "<show>away</show><status>supper</status>" in xml


def test_rooms_hear_that_we_can_something_else(romeo, rooms, host):
    host.enter("r")
    romeo.sent()
    romeo.add_feature("urn:x")()
    withdraw = romeo.add_feature("urn:y")
    (xml,) = [each for each in romeo.sent() if f"to='{ROOM}/r'" in each]
    withdraw()
    (before,) = [each for each in romeo.sent() if f"to='{ROOM}/r'" in each]
    assert "<c xmlns='http://jabber.org/protocol/caps'" in xml
    assert before != xml
