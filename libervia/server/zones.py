"""Whose local time a page shows: that of the browser, as far as it has told its zone, else that of this machine.

The zone comes with each request, in a cookie that the chat page's script sets; it holds for what is drawn for that
request. What is drawn for all pages at once is put right by each of them (``libervia/browser/page.py``).
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from datetime import datetime
from zoneinfo import ZoneInfo

from sat_frontends.quick_frontend.text import utc_offset
from sat_frontends.quick_frontend.times import possible

COOKIE = "sat-zone"
_NAME = re.compile(r"(?!.*//)[A-Za-z][A-Za-z0-9_+/-]{0,63}")
_zone: ContextVar[ZoneInfo | None] = ContextVar("zone", default=None)


def use(name: str) -> None:
    """Draw what this request asks for in a zone such as ``Europe/Paris``; in ours if there is none of that name."""
    zone = None
    if _NAME.fullmatch(name):
        try:
            zone = ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # it is unknown, or a folder of zones
            zone = None
    _zone.set(zone)


def known() -> bool:
    """Whether the browser has told its zone."""
    return _zone.get() is not None


def offset(time: float) -> int:
    """Seconds that the local time shown is ahead of UTC at that time."""
    zone = _zone.get()
    if zone is None:
        return utc_offset(time)
    there = datetime.fromtimestamp(possible(time), zone).utcoffset()
    return int(there.total_seconds()) if there is not None else 0


def moment(text: str) -> float:
    """Seconds since 1970 of a local time as a form gives it, ``2026-11-26T18:30``. Errors: ValueError."""
    local = datetime.fromisoformat(text)
    return possible((local if local.tzinfo else local.replace(tzinfo=_zone.get())).timestamp())


def local(seconds: float) -> str:
    """A moment as such a form holds it; nothing for 0."""
    if not seconds:
        return ""
    return datetime.fromtimestamp(possible(seconds), _zone.get()).strftime("%Y-%m-%dT%H:%M")
