from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from sat_frontends.quick_frontend import times

NOON = 1_764_072_000.0  # 2025-11-25 12:00 UTC, a Tuesday
DAY = 86400
SECONDS = st.integers(-62_000_000_000, 253_000_000_000)
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: minutes * 60)


def test_times_for_people():
    assert times.clock(NOON) == "12:00"
    assert times.day(NOON, NOON + 60) == "Today"
    assert times.day(NOON, NOON + 12 * 3600) == "Yesterday"
    assert times.day(NOON, NOON + 3 * DAY) == "Tuesday 25 November"
    assert times.day(NOON, NOON + 200 * DAY) == "Tuesday 25 November 2025"
    assert times.day(NOON + 2 * DAY, NOON) == "Thursday 27 November"
    assert times.moment(NOON, NOON) == "12:00"
    assert times.moment(NOON, NOON + DAY) == "Yesterday 12:00"
    assert times.moment(NOON, NOON + 3 * DAY) == "25 Nov 12:00"
    assert times.moment(NOON, NOON + 200 * DAY) == "25 Nov 2025 12:00"
    assert times.whole(NOON) == "Tuesday 25 November 2025 12:00 (UTC)"


def test_zones():
    assert times.whole(NOON, lambda time: -34_200) == "Tuesday 25 November 2025 02:30 (UTC−09:30)"
    assert times.zone(19_800) == "UTC+05:30"
    assert times.day(NOON, NOON, lambda time: 50_400) == "Today"
    assert times.day(NOON, NOON + 11 * 3600, lambda time: 3600) == "Yesterday"


def test_days_are_local():
    assert times.day_of(DAY - 10) == 0
    assert times.day_of(DAY - 10, lambda time: 3600) == 1
    assert times.day_of(-10) == -1


def test_what_no_calendar_has_is_no_fault():
    for time in (float("inf"), float("-inf"), float("nan"), 1e300):
        assert times.whole(time) == "Thursday 1 January 1970 00:00 (UTC)"


@given(SECONDS, OFFSETS)
def test_it_is_the_calendar_of_the_standard_library(seconds, offset):
    there = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    there = there.astimezone(timezone(timedelta(seconds=offset)))
    number = times.day_of(seconds, lambda time: offset)
    assert times.calendar(number) == (there.year, there.month, there.day)
    assert times.clock(seconds, lambda time: offset) == f"{there:%H:%M}"
    assert times.whole(seconds, lambda time: offset).startswith(f"{there:%A} {there.day} {there:%B} {there.year} ")
