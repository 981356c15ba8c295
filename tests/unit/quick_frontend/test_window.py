from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import message

from sat.api.messages import MessageChange, MessageState
from sat_frontends.quick_frontend.window import Mark, Window


def window(*orders, page=3):
    made = Window(page)
    made.prepend([message(order) for order in orders])
    return made


def orders(window):
    return [each.order for each in window]


def test_positions_stay_when_older_messages_come():
    seen = window(5, 6, 7)
    position = seen.find("m6")
    assert seen.prepend([message(3), message(4)]) == (seen.first, seen.first + 2)
    assert seen.find("m6") == position
    assert seen[seen.first].order == 3


def test_outside_there_is_nothing():
    seen = window(1, 2)
    for position in (seen.first - 1, seen.end):
        with pytest.raises(IndexError):
            seen[position]


def test_messages_are_there_once():
    seen = window(1, 2)
    assert seen.insert(message(2)) is None
    seen.prepend([message(0), message(1)])
    assert orders(seen) == [0, 1, 2]


def test_a_late_message_comes_where_it_belongs():
    seen = window(1, 3)
    assert seen.insert(message(2)) == seen.first + 1
    assert orders(seen) == [1, 2, 3]


def test_a_change_is_told_once():
    seen = window(1)
    change = MessageChange("m1", message(1).peer, MessageState.UNREAD)
    assert seen.apply(change) == seen.first
    assert seen.apply(change) is None
    assert seen.apply(change._replace(id="unknown")) is None


def test_dropped_pages_leave_marks():
    seen = window(*range(1, 9))
    assert seen.drop_newest(1) == 7
    assert seen.newer == [Mark(8, 3), Mark(5, 3), Mark(2, 1)]
    assert orders(seen) == [1]


def test_what_comes_while_the_newest_are_dropped_is_noted():
    seen = window(*range(1, 8))
    seen.drop_newest(4)
    assert seen.newer == [Mark(7, 3)]
    seen.insert(message(8))
    seen.insert(message(6)._replace(id="late"))
    assert seen.newer == [Mark(8, 1), Mark(7, 4)]
    seen.insert(message(9))
    assert seen.newer == [Mark(9, 2), Mark(7, 4)]
    assert orders(seen) == [1, 2, 3, 4]


def test_the_oldest_can_be_dropped():
    seen = window(1, 2, 3)
    position = seen.find("m3")
    assert seen.drop_oldest(1) == 2
    assert (seen.find("m3"), seen.find("m1"), len(seen)) == (position, None, 1)


@given(st.lists(st.tuples(st.sampled_from(["insert", "oldest", "newest", "prepend"]), st.integers(1, 60)), max_size=40))
def test_it_is_sorted_and_found_whatever_happens(steps):
    seen = Window(5)
    for step, number in steps:
        if step == "insert":
            seen.insert(message(number))
        elif step == "prepend":
            seen.prepend([message(order) for order in range(number, number + 4)])
        elif step == "oldest":
            seen.drop_oldest(1 + number % 9)
        else:
            seen.drop_newest(1 + number % 9)
        assert orders(seen) == sorted(set(orders(seen)))
        assert [seen.find(each.id) for each in seen] == list(range(seen.first, seen.end))
        assert [mark.last for mark in seen.newer] == sorted({mark.last for mark in seen.newer}, reverse=True)
        assert not seen.newer or not len(seen) or seen.newest.order < seen.newer[-1].last
