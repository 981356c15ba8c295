from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from support.fakes import JULIET, message

from sat.api import JID
from sat.api.messages import MessageKind
from sat_frontends.quick_frontend.rows import GROUP_GAP, starts_day, starts_group

DAY = 86400.0


def test_the_first_message_starts_everything():
    assert starts_day(None, message(1))
    assert starts_group(None, message(1))


def test_who_goes_on_within_five_minutes_gets_no_new_heading():
    first = message(1, time=1000.0)
    assert not starts_group(first, message(2, time=1000.0 + GROUP_GAP))
    assert starts_group(first, message(2, time=1001.0 + GROUP_GAP))


def test_another_sender_or_direction_starts_a_group():
    first = message(1, time=1000.0)
    assert starts_group(first, message(2, time=1001.0, outgoing=True))
    assert starts_group(first, message(2, time=1001.0)._replace(sender=JULIET + "x"))
    assert not starts_group(first, message(2, time=1001.0)._replace(sender=JULIET.with_resource("balcony")))


def test_a_new_day_starts_a_group():
    before, after = message(1, time=DAY - 10), message(2, time=DAY + 10)
    assert starts_day(before, after)
    assert starts_group(before, after)


def test_days_are_local():
    before, after = message(1, time=DAY - 10), message(2, time=DAY + 10)
    assert not starts_day(before, after, lambda time: 3600)


@given(st.lists(st.tuples(st.floats(0, 1e10), st.booleans())), st.integers(-12, 14))
def test_a_group_has_one_sender_and_one_day(written, hours):
    def offset(time):
        return hours * 3600

    messages = [message(order, time=time, outgoing=own) for order, (time, own) in enumerate(written)]
    for previous, current in pairwise(messages):
        if not starts_group(previous, current, offset):
            assert previous.outgoing == current.outgoing
            assert not starts_day(previous, current, offset)
            assert abs(current.time - previous.time) <= GROUP_GAP


def test_in_a_room_each_occupant_has_a_heading():
    room = JID("room@rooms.example.org")
    first = message(1, time=1000.0, kind=MessageKind.GROUPCHAT)._replace(sender=room.with_resource("nurse"))
    second = message(2, time=1001.0, kind=MessageKind.GROUPCHAT)._replace(sender=room.with_resource("romeo"))
    assert starts_group(first, second)
    assert not starts_group(first, second._replace(sender=first.sender))
