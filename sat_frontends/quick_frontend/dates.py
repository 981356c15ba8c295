"""Moments as files, feeds and people write them. ``jp`` imports it, so it stays light."""

from __future__ import annotations

import re

from sat.api.errors import InvalidArgument
from sat_frontends.quick_frontend.times import calendar, day_of, possible

_ZONE = re.compile(r"\s+(?=[+-]\d\d:?\d\d$)|\s+(?=Z$)")
_LATER = re.compile(r"\+\s*([1-9]\d{0,4})\s*([mhdw])")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def stamp(time: float) -> str:
    """A moment in UTC, to the second (RFC 3339)."""
    time = possible(time)
    year, month, date = calendar(day_of(time))
    seconds = int(time // 1) % 86_400
    return f"{year:04}-{month:02}-{date:02}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"


def read(text: str) -> float:
    """A moment of ISO 8601, also with spaces in it as other programs write them; local time where no zone is named.
    Errors: ValueError."""
    from datetime import datetime  # 2 ms

    try:
        return datetime.fromisoformat(_ZONE.sub("", text.strip().replace(" UTC", "Z"))).timestamp()
    except (OverflowError, OSError):
        raise ValueError(f"{text} is in no year that can be computed") from None


def coming(text: str, now: float) -> float:
    """A moment that is still to come: the same, so much later than now, ``+2h``, or as ``moments`` reads it. Errors:
    InvalidArgument."""
    from sat_frontends.quick_frontend.moments import read_moment
    from sat_frontends.quick_frontend.text import utc_offset

    if found := _LATER.fullmatch(text.strip()):
        return now + int(found[1]) * _SECONDS[found[2]]
    try:
        time = read(text) if len(text.strip()) > len("2026-05-01") else 0.0  # a day alone has its morning
    except ValueError:
        time = 0.0
    if not time:
        return read_moment(text, now, utc_offset)
    if time <= now:
        raise InvalidArgument(reason=f"“{text.strip()}” is over.")
    return time
