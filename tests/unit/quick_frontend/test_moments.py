"""Times to come as people write them."""

import pytest

from sat.api.errors import InvalidArgument
from sat_frontends.quick_frontend.moments import read_moment, written

NOW = 1_750_000_000.0  # Sunday 2025-06-15 15:06:40 UTC
MIDNIGHT = 1_749_945_600.0
HOUR, DAY = 3600, 86_400


def read(text, offset=0):
    return (read_moment(text, NOW, lambda time: offset) - MIDNIGHT) / HOUR


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("18:30", 18.5),
        ("at 18:30", 18.5),
        ("9:00", 33),
        ("today 16:00", 16),
        ("Tomorrow at 8:15", 32.25),
        ("tomorrow", 33),
        ("monday 7:00", 31),
        ("sun 9:00", 7 * 24 + 9),
        ("sunday, 23:59", 7 * 24 + 23 + 59 / 60),
        ("2025-06-17 10:00", 58),
        ("2025-06-17", 57),
    ],
)
def test_times_of_days(text, hours):
    assert read(text) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("text", "seconds"), [("in 2 hours", 2 * HOUR), ("in an hour", HOUR), ("in 1 minute", 60), ("in 3 weeks", 21 * DAY)]
)
def test_spans(text, seconds):
    assert read_moment(text, NOW, lambda time: 0) == NOW + seconds


def test_it_is_the_local_time():
    assert read("18:30", 2 * HOUR) == 16.5
    assert read("tomorrow 1:00", 2 * HOUR) == 23


def test_clocks_that_are_changed_meanwhile():
    change = NOW + 5 * HOUR
    assert read_moment("23:00", NOW, lambda time: HOUR if time < change else 0) == MIDNIGHT + 23 * HOUR


@pytest.mark.parametrize(
    "text",
    ["", "  ", "soon", "25:00", "12:60", "yesterday 9:00", "2025-02-30 9:00", "mo 9:00", "in many hours", "9", "at 9"],
)
def test_what_is_no_time(text):
    with pytest.raises(InvalidArgument, match="is no time; write 18:30, tomorrow 9:00"):
        read(text)


@pytest.mark.parametrize("text", ["today 15:00", "2025-06-14 9:00", "2001-01-01"])
def test_what_is_over(text):
    with pytest.raises(InvalidArgument, match="is over"):
        read(text)


@pytest.mark.parametrize("offset", [0, 2 * HOUR, -5 * HOUR - 1800])
def test_what_is_written_is_read_again(offset):
    time = MIDNIGHT + 5 * DAY + 9 * HOUR + 5 * 60
    assert read_moment(written(time, lambda time: offset), NOW, lambda time: offset) == time
