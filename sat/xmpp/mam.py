"""Questions to a message archive, and where its answers stand (XEP-0313)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID
from sat.xmpp import forms, rsm, xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.times import format_stamp
from sat.xmpp.xml import Element

NS = "urn:xmpp:mam:2"


class End(NamedTuple):
    """How a page ended: ids of its first and last message; ``complete`` when there is no further page in that
    direction. ``count`` is how many the server says match, -1 unknown."""

    complete: bool
    first: str = ""
    last: str = ""
    count: int = -1  # type: ignore[assignment] # nobody counts values in this tuple


def query(
    query_id: str,
    most: int,
    *,
    after: str | None = None,
    before: str | None = None,
    peer: JID | None = None,
    start: float | None = None,
    archive: JID | None = None,
) -> Iq:
    """Ask an archive, ours unless one is named, for a page of messages: all, or those with ``peer``, or since ``start``
    (seconds since 1970). Its messages come with ``query_id`` before the answer does."""
    iq = Iq.set(archive)
    asked = iq.add("query", NS, queryid=query_id)
    wanted = {}
    if peer is not None:
        wanted["with"] = str(peer)
    if start is not None:
        wanted["start"] = format_stamp(start)
    if wanted:
        asked.children.append(forms.filled(NS, wanted))
    rsm.add_page(asked, most, after, before)
    return iq


def read_end(answer: Element) -> End:
    """What ``<fin/>`` says. Without one the archive has nothing more for us."""
    fin = xml.child(answer, "fin", NS)
    if fin is None:
        return End(True)
    page = rsm.read_page(fin)
    return End(fin.attributes.get("complete") in ("true", "1"), page.first, page.last, page.count)
