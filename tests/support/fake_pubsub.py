"""Nodes and items in memory, as a service would have them; a test puts items there, and everything else follows."""

from __future__ import annotations

from typing import Any

from sat.api import JID
from sat.api.errors import Conflict, InvalidArgument, NotFound, PeerError
from sat.api.forms import Field, FieldKind, Form
from sat.api.posts import Place
from sat.plugins.pubsub.api import Entry, EventKind, Hit, Node, Page, PubsubApi, PubsubEvent, Stored, Subscription
from support.fakes import Failing

TITLE = "pubsub#title"


class FakePubsub(Failing, PubsubApi):
    """``nodes`` are those of all services, the oldest item of each first; those in ``closed`` are somebody else's."""

    def __init__(self, own: JID) -> None:
        super().__init__()
        self.own = own.bare
        self.nodes: dict[Place, dict[str, Entry]] = {}
        self.titles: dict[Place, str] = {}
        self.closed: set[Place] = set()
        self.affiliated: dict[Place, dict[JID, str]] = {}
        self.subscribed: dict[Place, dict[JID, str]] = {}
        self.public: dict[JID, list[Place]] = {}
        self.kept: dict[Place, dict[str, Entry]] = {}
        self.number = 0

    def put(self, node: Place, id: str, xml: str, publisher: str = "") -> None:
        """Somebody publishes something."""
        items = self.nodes.setdefault(node, {})
        items.pop(id, None)
        items[id] = Entry(id, xml, publisher)
        if node in self.kept:
            self.kept[node][id] = items[id]._replace(updated=1_750_000_000.0)
        self.happened.emit(PubsubEvent(node, EventKind.PUBLISHED, [items[id]]))

    def _node(self, place: Place, *, ours: bool = False) -> dict[str, Entry]:
        node = place._replace(id="")
        if node not in self.nodes:
            raise NotFound(what=f"node {place.node} of {place.service}")
        if ours and node in self.closed:
            raise PeerError(peer=place.service, condition="forbidden", reason="this is not allowed")
        return self.nodes[node]

    # -- items ---------------------------------------------------------------------------------------------------

    async def get_items(
        self, node: Place, ids: list[str], after: str = "", before: str = "", count: int = 50, oldest: bool = False
    ) -> Page:
        await self.called("get_items", node, ids, after, before, count, oldest)
        items = self._node(node)
        wanted = [*([node.id] if node.id else []), *ids]
        if wanted:
            if not (found := [items[each] for each in wanted if each in items]):
                raise NotFound(what=f"item {wanted[0]}")
            return Page(found)
        entries, known = list(items.values()), list(items)
        start = known.index(after) + 1 if after else 0
        end = known.index(before) if before else len(known) if not (after or oldest) else start + count
        start = start if after or oldest else max(0, end - count)
        page = entries[start:end]
        more = end < len(known)
        return Page(page, page[0].id if page and start else "", page[-1].id if page and more else "", len(known))

    async def publish(self, node: Place, xml: str, options: dict[str, list[str]]) -> Place:
        await self.called("publish", node, xml, options)
        if not xml.startswith("<"):
            raise InvalidArgument(reason="This cannot be published: it is not one element.")
        self.number += 1
        place = node if node.id else node._replace(id=f"made-{self.number}")
        self.put(node._replace(id=""), place.id, xml, str(self.own))
        return place

    async def retract(self, places: list[Place], notify: bool = True) -> None:
        await self.called("retract", places, notify)
        for place in places:
            if self._node(place).pop(place.id, None) is None:
                raise NotFound(what=f"item {place.id}")
            self.happened.emit(PubsubEvent(place._replace(id=""), EventKind.RETRACTED, [Entry(place.id)]))

    async def rename(self, place: Place, id: str) -> Place:
        await self.called("rename", place, id)
        items = self._node(place)
        if id in items:
            raise Conflict(what=f"The item {id}")
        self.put(place._replace(id=""), id, items.pop(place.id).xml)
        return place._replace(id=id)

    # -- nodes ---------------------------------------------------------------------------------------------------

    async def get_nodes(self, service: JID) -> list[Node]:
        await self.called("get_nodes", service)
        return [Node(service, node.node, self.titles.get(node, "")) for node in self.nodes if node.service == service]

    async def create_node(self, node: Place, options: dict[str, list[str]]) -> Place:
        await self.called("create_node", node, options)
        node = node if node.node else node._replace(node="instant")
        if node in self.nodes:
            raise Conflict(what=f"The node {node.node}")
        self.nodes[node] = {}
        self.titles[node] = options.get(TITLE, [""])[0]
        return node

    async def get_configuration(self, node: Place) -> Form:
        await self.called("get_configuration", node)
        if node.node:
            self._node(node, ours=True)
        return Form("", "", [Field(TITLE, FieldKind.TEXT, "A short name", [self.titles.get(node, "")])])

    async def set_configuration(self, node: Place, options: dict[str, list[str]]) -> None:
        await self.called("set_configuration", node, options)
        for name in options.keys() - {TITLE}:
            raise InvalidArgument(reason=f"The node has no setting “{name}”.")
        self.titles[node] = options[TITLE][0]

    async def purge_node(self, node: Place) -> None:
        await self.called("purge_node", node)
        self._node(node, ours=True).clear()
        self.happened.emit(PubsubEvent(node, EventKind.PURGED))

    async def delete_node(self, node: Place) -> None:
        await self.called("delete_node", node)
        self._node(node, ours=True)
        del self.nodes[node]
        self.happened.emit(PubsubEvent(node, EventKind.DELETED))

    async def get_affiliations(self, node: Place) -> dict[JID, str]:
        await self.called("get_affiliations", node)
        self._node(node, ours=True)
        return {self.own: "owner", **self.affiliated.get(node, {})}

    async def set_affiliations(self, node: Place, changes: dict[JID, str]) -> None:
        await self.called("set_affiliations", node, changes)
        _change(self.affiliated.setdefault(node, {}), changes)

    async def get_own_affiliations(self, service: JID) -> dict[str, str]:
        await self.called("get_own_affiliations", service)
        mine = [each for each in self.nodes if each.service == service and each not in self.closed]
        return {each.node: "owner" for each in mine}

    # -- subscriptions -------------------------------------------------------------------------------------------

    async def subscribe(self, node: Place) -> Subscription:
        await self.called("subscribe", node)
        self._node(node)
        self.subscribed.setdefault(node, {})[self.own] = "subscribed"
        return Subscription(node.node, self.own, "subscribed")

    async def unsubscribe(self, node: Place) -> None:
        await self.called("unsubscribe", node)
        self.subscribed.get(node, {}).pop(self.own, None)

    async def get_own_subscriptions(self, service: JID) -> list[Subscription]:
        await self.called("get_own_subscriptions", service)
        return [
            Subscription(node.node, self.own, told[self.own])
            for node, told in self.subscribed.items()
            if node.service == service and self.own in told
        ]

    async def get_public_subscriptions(self, jid: JID) -> list[Place]:
        await self.called("get_public_subscriptions", jid)
        return self.public.get(jid, [])

    async def get_subscriptions(self, node: Place) -> list[Subscription]:
        await self.called("get_subscriptions", node)
        return [Subscription(node.node, jid, state) for jid, state in self.subscribed.get(node, {}).items()]

    async def set_subscriptions(self, node: Place, changes: dict[JID, str]) -> None:
        await self.called("set_subscriptions", node, changes)
        _change(self.subscribed.setdefault(node, {}), changes)

    # -- what is stored here -------------------------------------------------------------------------------------

    async def sync(self, node: Place) -> int:
        await self.called("sync", node)
        self.kept[node] = {id: each._replace(updated=1_750_000_000.0) for id, each in self._node(node).items()}
        return len(self.kept[node])

    async def get_stored(self, node: Place, count: int = 50, before: str = "") -> Page:
        await self.called("get_stored", node, count, before)
        kept = self.kept.get(node._replace(id=""))
        if kept is None:
            raise NotFound(what=f"stored node {node.node}")
        newest = list(kept.values())[::-1]
        start = next((number + 1 for number, each in enumerate(newest) if each.id == before), 0)
        found = newest[start : start + count]
        return Page(found, "", found[-1].id if start + count < len(newest) else "", len(kept))

    async def get_stored_nodes(self) -> list[Stored]:
        await self.called("get_stored_nodes")
        return [Stored(node, len(items)) for node, items in self.kept.items()]

    async def search(self, text: str, nodes: list[Place], count: int = 50) -> list[Hit]:
        await self.called("search", text, nodes, count)
        words = text.lower().split()
        return [
            Hit(place._replace(id=each.id), each)
            for place, items in self.kept.items()
            for each in items.values()
            if (not nodes or place in nodes) and all(word in each.xml.lower() for word in words)
        ][:count]

    async def forget(self, nodes: list[Place], before: float = 0.0) -> int:
        await self.called("forget", nodes, before)
        gone = [place for place in self.kept if not nodes or place in nodes]
        return sum(len(self.kept.pop(place)) for place in gone) if not before else 0


def _change(known: dict[Any, str], changes: dict[JID, str]) -> None:
    known.update(changes)
    for jid in [each for each, what in known.items() if what == "none"]:
        del known[jid]
