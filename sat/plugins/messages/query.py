"""What a person types to search: words, and filters among them (``from:bob in:carol after:2026-01 has:link``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.storage.search import Narrow

ME = "me"
HAS = ("link", "file", "picture", "reaction", "reply", "correction")
FILTERS = ("from", "in", "after", "before", "has")

_FILTER = re.compile(rf'(?<!\S)({"|".join(FILTERS)}):(?:"([^"]*)"|(\S+))', re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AGO = re.compile(r"(\d{1,4})d")


class Query(NamedTuple):
    """What is looked for. ``senders`` and ``places`` are as they were typed; ``since`` and ``until`` are seconds since
    1970, 0 for any time; ``has`` names what a message must have."""

    words: str
    senders: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    since: float = 0.0
    until: float = 0.0
    has: frozenset[str] = frozenset()


def read_query(text: str, now: float) -> Query:
    """Read what was typed; days are those of this machine's zone. Errors: InvalidArgument."""
    found: dict[str, list[str]] = {name: [] for name in FILTERS}
    for name, quoted, plain in _FILTER.findall(text):
        found[name.lower()].append(quoted or plain)
    has = frozenset(each.lower() for each in found["has"])
    for each in sorted(has - set(HAS)):
        raise InvalidArgument(reason=f"Nothing is known of has:{each[:40]}; it can be has:{', has:'.join(HAS)}.")
    return Query(
        words=_FILTER.sub("", text),
        senders=tuple(found["from"]),
        places=tuple(found["in"]),
        since=max((_day(each, now) for each in found["after"]), default=0.0),
        until=min((_day(each, now) for each in found["before"]), default=0.0),
        has=has,
    )


def _day(text: str, now: float) -> float:
    """When a day, a month or a year begins."""
    today = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    ago = _AGO.fullmatch({"today": "0d", "yesterday": "1d"}.get(text.lower(), text.lower()))
    if ago is not None:
        return (today - timedelta(days=int(ago[1]))).timestamp()
    written = _DATE.fullmatch(text)
    if written is None:
        raise InvalidArgument(reason=f"“{text[:40]}” is no day; write 2026, 2026-01, 2026-01-31, yesterday or 7d.")
    year, month, day = (int(part) if part else 1 for part in written.groups())
    try:
        return datetime(year, month, day).timestamp()
    except (ValueError, OverflowError):
        raise InvalidArgument(reason=f"There is no day {text}.") from None


class Named(NamedTuple):
    """A contact, a room or another conversation, with what it is called."""

    jid: JID
    name: str = ""
    room: bool = False


def meant(query: Query, known: Iterable[Named]) -> tuple[list[JID], Narrow]:
    """The conversations that are meant, none for all, and what a message must be. Errors: InvalidArgument."""
    known = list(known)
    people = [each for each in known if not each.room]
    in_rooms = len(people) < len(known)
    senders, nicks = set(), set()
    for name in query.senders:
        if name.casefold() == ME:
            senders.add("")
            continue
        try:
            senders |= {str(each) for each in addresses(name, people)}
        except InvalidArgument:
            if not in_rooms:
                raise
        if "@" not in name:
            nicks.add(name)
    places = [each for name in query.places for each in addresses(name, known)]
    return places, Narrow(frozenset(senders), query.since, query.until, query.has, frozenset(nicks))


def addresses(name: str, known: Iterable[Named]) -> list[JID]:
    """What is meant by a name, or a part of it, or an address. Errors: InvalidArgument where that is nothing."""
    if "@" in name:
        return [JID.parse(name).bare]
    wanted = name.casefold()
    known = list(known)
    for matches in (
        lambda each: wanted in (each.name.casefold(), each.jid.local),
        lambda each: wanted in each.name.casefold() or each.jid.startswith(wanted),
    ):
        if found := [each.jid for each in known if matches(each)]:
            return found
    raise InvalidArgument(reason=f"No contact and no room of yours is called {name[:60]}; an address is found, too.")
