"""Times to come as people write them: ``18:30``, ``tomorrow 9:00``, ``monday 9:00``, ``2026-11-28 9:00``, ``in 2
hours``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from sat.api.errors import InvalidArgument
from sat_frontends.quick_frontend.times import WEEKDAYS, day_of

HOW = "18:30, tomorrow 9:00, monday 9:00, 2026-11-28 9:00 or in 2 hours"
MORNING = "9:00"  # where only a day is written
DAY = 86_400
_UNITS = {"minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}
_SPAN = re.compile(r"in (\d{1,4}|an?|one) (minute|hour|day|week)s?")
_CLOCK = re.compile(r"(?:(?!at )(.*?) )?(?:at )?(\d{1,2}):(\d{2})")
_EPOCH = date(1970, 1, 1).toordinal()


def read_moment(text: str, now: float, offset: Callable[[float], int]) -> float:
    """A time to come, in seconds since 1970 UTC; ``offset`` is that of the local time, in seconds. A clock alone is the
    next time that it shows that. Errors: InvalidArgument where it is none, or over."""
    words = " ".join(text.lower().replace(",", " ").split())
    if span := _SPAN.fullmatch(words):
        count = int(span[1]) if span[1].isdigit() else 1
        return now + count * _UNITS[span[2]]
    clock = _CLOCK.fullmatch(words) or _CLOCK.fullmatch(f"{words} {MORNING}")
    today = day_of(now, offset)
    day = _day(clock[1], today) if clock is not None else None
    if not words or clock is None or day is None or int(clock[2]) > 23 or int(clock[3]) > 59:
        raise InvalidArgument(reason=f"“{text.strip()}” is no time; write {HOW}.")
    local = float(day * DAY + int(clock[2]) * 3600 + int(clock[3]) * 60)
    found = _utc(local, offset)
    if found <= now and not clock[1]:
        found = _utc(local + DAY, offset)
    if found <= now:
        raise InvalidArgument(reason=f"“{text.strip()}” is over.")
    return found


def written(time: float, offset: Callable[[float], int]) -> str:
    """A time as ``read_moment`` understands it."""
    day, seconds = divmod(int(time + offset(time)), DAY)
    return f"{date.fromordinal(day + _EPOCH).isoformat()} {seconds // 3600}:{seconds // 60 % 60:02}"


def _utc(local: float, offset: Callable[[float], int]) -> float:
    """Twice, as the clocks may have been changed in between."""
    return local - offset(local - offset(local))


def _day(word: str | None, today: int) -> int | None:
    """A day, counted from 1970-01-01; None where it is none."""
    if not word or word == "today":
        return today
    if word == "tomorrow":
        return today + 1
    named = [n for n, name in enumerate(WEEKDAYS) if len(word) >= 3 and name.lower().startswith(word)]
    if named:
        return today + ((named[0] - (today + 3)) % 7 or 7)  # 1970-01-01 was a Thursday
    try:
        return date.fromisoformat(word).toordinal() - _EPOCH
    except ValueError:
        return None
