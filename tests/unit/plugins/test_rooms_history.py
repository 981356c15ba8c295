"""What was written in a room before we came: from its archive (XEP-0313), or as far as it tells."""

import pytest
from support.muc import (
    ARCHIVE,
    DELAY,
    ID,
    MAM,
    NURSE,
    OCCUPANTS,
    ROOM,
    SID,
    bodies,
    ends,
    enter,
    goes_online,
    history,
    query_of,
    tells,
)
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api.errors import FeatureMissing
from sat.api.messages import MessageState
from sat.plugins.archive.plugin import Archive


def test_what_was_said_before_we_came_is_read_and_stands_at_its_time(romeo, messages, host):
    host.wants_in("r")
    assert "<history maxstanzas=" in romeo.sent()[-1]
    host.there("r", codes=(110,))
    host.says("<body>long ago</body>" + DELAY.format(ROOM), "nurse", id="h1")
    host.says("<subject/>")
    (message,) = history(messages)
    assert (message.state, message.delayed) == (MessageState.READ, True)


def test_without_an_archive_what_was_missed_is_told_since_the_last_message(romeo, messages, host):
    enter(host, "nurse")
    host.says("<body>heard</body>", "nurse", id="1")
    romeo.goes_offline()
    romeo.sent()
    goes_online(romeo)
    host.tells_info()
    assert "<history since='2025-06-15T15:06:40" in romeo.sent()[-1]
    host.there("r", codes=(110,))
    host.says("<body>heard</body>" + DELAY.format(ROOM), "nurse", id="1")
    host.says(f"<body>missed</body><delay xmlns='urn:xmpp:delay' from='{ROOM}' stamp='2025-06-15T15:06:41Z'/>", "nurse")
    found = history(messages)
    assert [(each.body, each.state) for each in found] == [
        ("heard", MessageState.UNREAD),
        ("missed", MessageState.UNREAD),
    ]


def test_somebody_who_had_our_nick_before_is_not_us(messages, host):
    host.enter("r")
    host.says("<body>before</body>" + DELAY.format(ROOM), "r", id="h1")
    assert [each.outgoing for each in history(messages)] == [False]


def test_with_ids_of_occupants_we_are_known_under_every_nick(romeo, messages, host):
    host.wants_in("r", info=OCCUPANTS)
    host.there("r", codes=(110,), more=ID.format("me"))
    host.says("<body>mine</body>" + DELAY.format(ROOM) + ID.format("me"), "romeo", id="h1")
    host.says("<body>not mine</body>" + DELAY.format(ROOM) + ID.format("them"), "r", id="h2")
    assert [each.outgoing for each in history(messages)] == [True, False]


def test_an_archive_is_read_instead_of_the_history_first_as_known_then_from_our_place(romeo, messages, host):
    host.wants_in("r", info=ARCHIVE)
    assert "<history maxstanzas='0'/>" in romeo.sent()[-1]
    host.there("r", codes=(110,))
    query, asked = query_of(host)
    assert "<before/>" in asked
    tells(romeo, query, 1, "old")
    ends(romeo, host, "1")
    host.says("<body>live</body>" + SID.format("2"), "nurse", id="w2")
    romeo.clock.advance(10)  # our place is stored
    assert [(each.body, each.state) for each in history(messages)] == [
        ("old", MessageState.READ),
        ("live", MessageState.UNREAD),
    ]
    romeo.goes_offline()
    goes_online(romeo)
    host.tells_info(ARCHIVE)
    host.there("r", codes=(110,))
    host.says("<body>live again</body>" + SID.format("5"), "nurse", id="w5")
    query, asked = query_of(host)
    assert "<after>2</after>" in asked
    tells(romeo, query, 3, "missed 1")
    ends(romeo, host, "3", complete="false")
    query, asked = query_of(host)
    assert "<after>3</after>" in asked
    tells(romeo, query, 4, "missed 2")
    tells(romeo, query, 5, "live again")
    ends(romeo, host, "5")
    assert bodies(messages) == ["old", "live", "missed 1", "missed 2", "live again"]
    assert history(messages)[2].state is MessageState.UNREAD


def test_a_gap_stays_known_until_it_is_filled(romeo, rooms, messages, host):
    """The connection breaks in the middle of a catch-up, behind a live message."""
    host.wants_in("r", info=ARCHIVE)
    host.there("r", codes=(110,))
    query, _ = query_of(host)
    tells(romeo, query, 1, "old")
    ends(romeo, host, "1")
    romeo.goes_offline()
    goes_online(romeo)
    host.tells_info(ARCHIVE)
    host.there("r", codes=(110,))
    host.says("<body>live</body>" + SID.format("9"), "nurse", id="w9")
    romeo.wire.refuse(host.asked(MAM), "internal-server-error")
    romeo.clock.advance(10)
    romeo.goes_offline()
    goes_online(romeo)
    host.tells_info(ARCHIVE)
    host.there("r", codes=(110,))
    assert "<after>1</after>" in query_of(host)[1]


def test_an_archive_of_a_room_tells_only_what_was_asked_and_written_there(romeo, messages, host):
    host.wants_in("r", info=ARCHIVE)
    host.there("r", codes=(110,))
    query, _ = query_of(host)
    tells(romeo, query, 1, "from another", sender="evil@rooms.capulet.lit")
    tells(romeo, query, 2, "from an occupant", sender=NURSE)
    tells(romeo, query, 3, "in another room", who="other@rooms.capulet.lit/x")
    tells(romeo, query, 4, "from a contact", who="juliet@capulet.lit/x", kind="chat")
    tells(romeo, query, 5, "chat", kind="chat")
    tells(romeo, "nobody asked", 6, "unasked")
    tells(romeo, query, 7, "true")
    ends(romeo, host, "7")
    assert [each.last.body for each in now(messages.get_conversations())] == ["true"]


def test_looking_further_back(romeo, messages, host):
    host.wants_in("r", info=ARCHIVE)
    host.there("r", codes=(110,))
    query, _ = query_of(host)
    tells(romeo, query, 20, "newer")
    ends(romeo, host, "20", complete="false")
    work = Deferred.fromCoroutine(romeo.plugin(Archive).fetch_older(ROOM))
    query, asked = query_of(host)
    assert "<before>20</before>" in asked
    tells(romeo, query, 10, "older")
    ends(romeo, host, "10")
    assert now(work) == 1
    assert bodies(messages) == ["older", "newer"]


def test_a_room_without_an_archive_cannot_be_looked_back_in(romeo, host):
    enter(host)
    with pytest.raises(FeatureMissing):
        now(romeo.plugin(Archive).fetch_older(ROOM))


def test_what_was_missed_between_two_stays_of_one_connection_stands_in_its_place(romeo, rooms, messages, host):
    host.wants_in("r", info=ARCHIVE)
    host.there("r", codes=(110,))
    query, _ = query_of(host)
    tells(romeo, query, 1, "old")
    ends(romeo, host, "1")
    host.says("<body>heard</body>" + SID.format("2"), "nurse", id="w2")
    host.gone("r", codes=(110, 307))
    romeo.clock.advance(10)
    work = Deferred.fromCoroutine(rooms.join(ROOM, "r"))
    host.tells_info(ARCHIVE)
    host.there("r", codes=(110,))
    now(work)
    host.says("<body>live</body>" + SID.format("4"), "nurse", id="w4")
    query, asked = query_of(host)
    assert "<after>2</after>" in asked
    tells(romeo, query, 3, "missed")
    tells(romeo, query, 4, "live")
    ends(romeo, host, "4")
    assert bodies(messages) == ["old", "heard", "missed", "live"]
