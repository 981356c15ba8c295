"""Items of nodes, as they are read from a service and shown: for people by what they hold, for scripts as XML."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sat.api.errors import InvalidArgument
from sat_frontends.jp.failure import usage
from sat_frontends.jp.output import DIM, tidy
from sat_frontends.jp.places import typed
from sat_frontends.quick_frontend.encoded import encoded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sat.plugins.pubsub.api import Entry, Place, PubsubApi
    from sat_frontends.jp.context import Jp

LIMIT = 1 << 20  # bytes of an item; the daemon and servers take less
PAGE = 100  # items asked for at once
MOST = 500  # the most that can be
CELLS = """Columns in a pipe: address, publisher, XML."""
_JOINERS = "\u200c\u200d"  # may stand in names of XML, and do nothing on a terminal


async def every(api: PubsubApi, node: Place) -> AsyncIterator[Entry]:
    """All items of a node, page by page, the oldest first. What comes meanwhile may be among them."""
    after = ""
    while True:
        page = await api.get_items(node, [], after, "", PAGE, not after)
        for each in page.items:
            yield each
        if page.last in ("", after):
            return
        after = page.last


def harmless(xml: str) -> str:
    """XML that says the same, and does nothing on a terminal at the end of any pipe: what is not printable is written
    as a reference."""
    if xml.isprintable():
        return xml
    return "".join(each if each.isprintable() or each in f"\n\t{_JOINERS}" else f"&#x{ord(each):x};" for each in xml)


def show(jp: Jp, node: Place, entries: Sequence[Entry], *, xml: bool) -> None:
    """Items as they are to be read; in JSON they are shown by who calls."""
    for number, entry in enumerate(entries):
        place = node._replace(id=entry.id)
        if xml:
            jp.out.line(harmless(entry.xml))
        elif jp.out.terminal:
            from sat_frontends.jp.item_views import lines_of

            if number:
                jp.out.line("")
            said = " · ".join(filter(None, (typed(place), entry.publisher)))
            jp.out.line(jp.out.paint(tidy(said), DIM))
            for line in lines_of(jp, entry.xml):
                jp.out.line(line)
        else:
            jp.out.event(entry, "", (typed(place), entry.publisher, entry.xml))


def show_event(jp: Jp, kind: str, place: Place, entry: Entry) -> None:
    """Something that happened, on a line."""
    if jp.out.json:
        jp.out.line(encoded({"kind": kind, "place": place, "item": entry}, False))
        sys.stdout.flush()
        return
    from sat_frontends.jp.item_views import summary

    text = " ".join(filter(None, (kind, typed(place), summary(entry.xml))))
    jp.out.event(entry, tidy(text), (kind, typed(place), entry.publisher, entry.xml))


def options_of(given: Sequence[str]) -> dict[str, list[str]]:
    """What ``-f NAME=VALUE`` says; a name may be given several times. One without a namespace is of pubsub."""
    found: dict[str, list[str]] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise usage(f"A setting is NAME=VALUE, not “{each}”.")
        found.setdefault(name if "#" in name else f"pubsub#{name}", []).append(value)
    return found


def xml_of(path: str) -> str:
    """The XML in a file; on stdin for ``-`` or nothing. A declaration before it is left out."""
    if path and path != "-":
        from sat_frontends.jp.files import read

        try:
            text = read(path, LIMIT).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidArgument(reason=f"{path} is no text (UTF-8).") from None
    else:
        from sat_frontends.jp.stdin import read_text

        text = read_text("Write the XML of the item, end with Ctrl-D.")
    return without_declaration(text)


def without_declaration(text: str) -> str:
    """XML without ``<?xml …?>``: a stream has its own."""
    text = text.lstrip()
    if text.startswith(("<?xml ", "<?xml\t", "<?xml\n")):
        text = text.partition("?>")[2].lstrip()
    return text
