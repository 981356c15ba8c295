"""Items as frontends see them, page by page, as services of different minds have them (XEP-0059, XEP-0060 §6.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sat.api.errors import InvalidArgument, NotFound
from sat.api.posts import Place
from sat.plugins.pubsub.api import Entry, Page
from sat.plugins.pubsub_nodes.errors import named
from sat.xmpp import shown, xml
from sat.xmpp.pubsub import LONGEST, MOST, Item, Items
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.pubsub_nodes.plugin import PubsubNodes

LARGEST = 512 * 1024
"""Bytes of an item that is published: servers take no more in a stanza."""
WRITTEN = 1024 * 1024  # characters of an item that is shown
IN_ALL = 8 * 1024 * 1024  # and of those of one answer


def entries(items: list[Item]) -> list[Entry]:
    """Items as values, within bounds: what is beyond them has no XML."""
    found, left = [], IN_ALL
    for each in items:
        text = "" if each.payload is None else shown.bounded_text(each.payload, min(WRITTEN, left))
        left -= len(text)
        found.append(Entry(each.id, text, each.publisher))
    return found


def payload(text: str) -> Element | None:
    """What somebody wants to publish; None where that is nothing. Errors: InvalidArgument."""
    if not text.strip():
        return None
    data = text.encode("utf-8", "replace")
    if len(data) > LARGEST:
        raise InvalidArgument(reason=f"The item is too long: it has more than {LARGEST} bytes.")
    try:
        read = xml.parse(data)
    except ValueError as error:
        raise InvalidArgument(reason=f"This cannot be published: {error}.") from None
    if not read.uri:
        raise InvalidArgument(reason=f'<{read.name}> is in no namespace: <{read.name} xmlns="…"> names one.')
    return read


class Pages:
    """Reads items."""

    def __init__(self, plugin: PubsubNodes) -> None:
        self._plugin = plugin

    async def single(self, node: Place, ids: list[str]) -> Page:
        """Single items, those of them that are there. Errors: NotFound where none is, InvalidArgument."""
        wanted = list(dict.fromkeys(ids))
        if len(wanted) > MOST or not all(0 < len(each) <= LONGEST for each in wanted):
            raise InvalidArgument(reason=f"At most {MOST} items can be asked for by their ids at once.")
        what = f"item {wanted[0]}" if len(wanted) == 1 else "item of these"
        with named(what):
            found = await self._ask(node, MOST, ids=wanted)
        items = [each for each in found.items if each.id in wanted]
        if not items:
            raise NotFound(what=what)
        return Page(entries(items), total=-1)

    async def page(self, node: Place, after: str, before: str, count: int, oldest: bool) -> Page:
        """A page. Errors: NotFound, InvalidArgument."""
        if not 0 < count <= MOST:
            raise InvalidArgument(reason=f"A page has between 1 and {MOST} items.")
        if bool(after) + bool(before) + oldest > 1 or max(len(after), len(before)) > LONGEST:
            raise InvalidArgument(reason="A page stands behind an item or before one, or it has the oldest.")
        with named(f"node {node.node} of {node.service}"):
            if after:
                found = await self._ask(node, count, after=after)
            elif oldest:
                found = await self._ask(node, count)
            else:
                found = await self._ask(node, count, before=before)
            place = found.page
            if place.last or not found.items:
                more = len(found.items) >= count and not 0 <= place.count <= count
                back = place.first if after or (more and not oldest) else ""
                on = place.last if before or (more and (oldest or bool(after))) else ""
                return Page(entries(found.items), back, on, place.count)
            if not after and not before and not oldest:  # it knows no pages, but which are the newest
                more = len(found.items) >= count
                return Page(entries(found.items), found.items[0].id if more else "")
            return self._part((await self._ask(node, MOST, before="")).items, after, before, count)

    def _part(self, items: list[Item], after: str, before: str, count: int) -> Page:
        """The page, of all that a node has."""
        ids = [each.id for each in items]
        for id in filter(None, (after, before)):
            if id not in ids:
                raise InvalidArgument(reason=f"There is no item {id} any more to go on from.")
        start = ids.index(after) + 1 if after else 0
        end = ids.index(before) if before else min(start + count, len(items))
        start = max(0, end - count) if before else start
        found = items[start:end]
        first = found[0].id if found and start > 0 else ""
        last = found[-1].id if found and end < len(items) else ""
        return Page(entries(found), first, last, len(items) if len(items) < MOST else -1)

    async def newest(self, node: Place, most: int) -> Items:
        """The newest items, as the service has them. Errors: NotFound."""
        with named(f"node {node.node} of {node.service}"):
            return await self._ask(node, most, before="")

    async def all(self, node: Place, most: int) -> list[Item]:
        """The newest items of a node, the oldest of them first; at most so many. Errors: NotFound."""
        found: list[Item] = []
        before = ""
        with named(f"node {node.node} of {node.service}"):
            while len(found) < most:
                page = await self._ask(node, min(MOST, most), before=before)
                found[:0] = page.items
                if not page.page.first or page.page.first == before or len(found) >= page.page.count >= 0:
                    break
                before = page.page.first
        return found[-most:]

    async def _ask(self, node: Place, count: int, **where: Any) -> Items:
        plugin = self._plugin
        return await plugin.pubsub.items(plugin.at(node.service), node.node, most=count, **where)
