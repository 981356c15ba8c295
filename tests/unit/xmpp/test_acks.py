"""Counting stanzas (XEP-0198)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat.xmpp import xml
from sat.xmpp.acks import WRAP, HandledTooHigh, Incoming, Outgoing, read_h


def outgoing(handled: int, tokens: list[object]) -> Outgoing:
    made = Outgoing()
    made.handled = handled
    for token in tokens:
        made.sent("<message/>", token)
    return made


def test_tokens_come_in_order_and_once() -> None:
    made = outgoing(0, ["a", None, "b", "c"])
    assert made.acknowledged(3) == ["a", "b"]
    assert made.acknowledged(3) == []
    assert made.acknowledged(4) == ["c"]


def test_counting_wraps() -> None:
    made = outgoing(WRAP - 2, ["a", "b", "c"])
    assert made.count == 1
    assert made.acknowledged(WRAP - 1) == ["a"]
    assert made.acknowledged(0) == ["b"]
    assert made.acknowledged(1) == ["c"]


@pytest.mark.parametrize("h", [3, 4_000_000_000, WRAP - 1])
def test_more_than_was_sent_is_refused_and_changes_nothing(h: int) -> None:
    made = outgoing(0, ["a", "b"])
    with pytest.raises(HandledTooHigh):
        made.acknowledged(h)
    assert len(made.waiting) == 2


def test_less_than_before_is_refused() -> None:
    made = outgoing(5, ["a"])
    with pytest.raises(HandledTooHigh):
        made.acknowledged(4)


@given(st.lists(st.booleans()), st.randoms(use_true_random=False))
def test_what_counts_is_what_is_done_from_the_beginning(later: list[bool], random: object) -> None:
    incoming = Incoming()
    tickets: dict[int, list[bool]] = {}
    done = []
    for number, wait in enumerate(later):
        if wait:
            tickets[number] = incoming.came()
        else:
            incoming.handled_now()
            done.append(number)
    order = list(tickets)
    random.shuffle(order)
    for number in [None, *order]:
        if number is not None:
            incoming.done(tickets[number])
            done.append(number)
        expected = next((each for each in range(len(later)) if each not in done), len(later))
        assert incoming.handled == expected
    assert not len(incoming)


def test_incoming_wraps_too() -> None:
    incoming = Incoming()
    incoming.handled = WRAP - 1
    incoming.handled_now()
    assert incoming.handled == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("4294967295", 4294967295), ("4294967296", None), ("-1", None), ("", None), ("1e3", None), ("²", None)],
)
def test_reading_h(text: str, value: int | None) -> None:
    assert read_h(xml.element("a", h=text)) == value
