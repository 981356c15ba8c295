"""Points in time as XMPP writes them (XEP-0082), and when a stanza was written (XEP-0203)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from sat.xmpp import xml
from sat.xmpp.xml import Element

NS_DELAY = "urn:xmpp:delay"

_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_stamp(text: str) -> float | None:
    """Seconds since 1970 UTC; None where it is no time (XEP-0082 §3.2)."""
    found = _STAMP.fullmatch(text.strip()) if len(text) < 64 else None
    if found is None:
        return None
    *parts, fraction, zone = found.groups()
    if parts[-1] != "60" and len(fraction or "") <= 6:  # nearly all are so, and a catch-up has one for each message
        try:
            return datetime.fromisoformat(found.group()).timestamp()
        except (ValueError, OverflowError):
            return None
    offset = timedelta()
    if zone != "Z":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])) * (-1 if zone[0] == "-" else 1)
    try:
        year, month, day, hour, minute, second = map(int, parts)
        leap = second == 60
        moment = datetime(year, month, day, hour, minute, 59 if leap else second, tzinfo=timezone(offset))
        return (moment - _EPOCH).total_seconds() + leap + float(f"0.{fraction or 0}")
    except (ValueError, OverflowError):
        return None


def format_stamp(seconds: float) -> str:
    """As XEP-0082 has it, in UTC with milliseconds."""
    return (_EPOCH + timedelta(seconds=round(seconds, 3))).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def delay_of(element: Element, now: float, *by: str) -> float | None:
    """When a delayed stanza was written (XEP-0203), as one of ``by`` says where they are named. None where it says
    nothing, no time, or one that cannot be: before 2000 or more than a day ahead of ``now`` (CVE-2013-6477)."""
    for delay in xml.elements(element, "delay", NS_DELAY):
        if not by or delay.attributes.get("from") in by:
            stamp = parse_stamp(str(delay.attributes.get("stamp", "")))
            if stamp is not None and 946_684_800 <= stamp <= now + 86_400:
                return stamp
    return None
