"""Stamps (XEP-0082) and delays (XEP-0203)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat.xmpp import xml
from sat.xmpp.times import NS_DELAY, delay_of, format_stamp, parse_stamp


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1969-07-21T02:56:15Z", -14159025.0),
        ("1969-07-20T21:56:15-05:00", -14159025.0),
        ("2026-11-23T04:00:00.250Z", 1795406400.25),
        ("2016-12-31T23:59:60Z", 1483228800.0),
        ("2026-13-01T00:00:00Z", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-01-01T00:00:00", None),
        ("20260101T00:00:00", None),
        ("2026-01-01T00:00:00+99:00", None),
        ("٢٠٢٦-01-01T00:00:00Z", None),
        ("", None),
        ("9" * 1000, None),
    ],
)
def test_parse(text: str, seconds: float | None) -> None:
    assert parse_stamp(text) == seconds


@given(st.floats(0, 4_000_000_000))
def test_round_trip(seconds: float) -> None:
    found = parse_stamp(format_stamp(seconds))
    assert found is not None
    assert abs(found - seconds) < 0.001


NOW = 1_795_406_400.0


@pytest.mark.parametrize(
    ("stamp", "found"),
    [
        (format_stamp(NOW - 60), NOW - 60),
        (format_stamp(NOW + 3600), NOW + 3600),
        ("2099-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("garbage", None),
    ],
)
def test_only_a_time_that_can_be_is_believed(stamp: str, found: float | None) -> None:
    message = xml.element("message", "jabber:client")
    xml.add(message, "delay", NS_DELAY, stamp=stamp)
    assert delay_of(message, NOW) == found


def test_a_delay_of_somebody_else_is_not_meant() -> None:
    message = xml.element("message", "jabber:client")
    xml.add(message, "delay", NS_DELAY, stamp=format_stamp(NOW), from_="evil.test")
    assert delay_of(message, NOW, "example.org") is None
