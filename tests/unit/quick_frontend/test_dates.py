"""Moments as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat.api.errors import InvalidArgument
from sat_frontends.quick_frontend import dates

NOW = 1_750_000_000.0


@given(st.integers(-2_000_000_000, 4_000_000_000))
def test_a_stamp_is_read_again(time):
    assert dates.read(dates.stamp(time)) == time


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2025-06-15T15:06:40Z", NOW),
        ("2025-06-15 17:06:40 +0200", NOW),
        ("2025-06-15 15:06:40 UTC", NOW),
        ("2025-06-15 15:06:40 Z", NOW),
    ],
)
def test_other_programs_write_it_so(text, time):
    assert dates.read(text) == time


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01"])
def test_what_is_no_moment(text):
    with pytest.raises(ValueError):
        dates.read(text)


def test_what_is_to_come():
    assert dates.coming("+2h", NOW) == NOW + 7200
    assert dates.coming("+ 3 d", NOW) == NOW + 3 * 86_400
    assert dates.coming("2025-06-15T15:06:41Z", NOW) == NOW + 1
    assert dates.coming("in 2 hours", NOW) == NOW + 7200
    for text in ("2025-06-15T15:06:40Z", "-2h", "+2y", "+0m", "", "soon"):
        with pytest.raises(InvalidArgument):
            dates.coming(text, NOW)


def test_impossible_times_are_moments_too():
    assert dates.stamp(1e300) == "1970-01-01T00:00:00Z"
    assert dates.stamp(-86_400.0 * 365 * 1000).startswith("0970-")
