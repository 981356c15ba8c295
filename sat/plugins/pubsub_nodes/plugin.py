"""Nodes and items of services, for people and scripts: the public side of ``sat.plugins.pubsub``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sat.api import JID
from sat.api.errors import Conflict, InvalidArgument, NotFound, PeerError
from sat.api.forms import Form
from sat.api.posts import Place
from sat.core.plugin import Ended, Online, Plugin, needs, on_event
from sat.plugins.disco.plugin import Disco
from sat.plugins.pubsub.api import Entry, EventKind, Hit, Node, Page, PubsubApi, PubsubEvent, Stored, Subscription
from sat.plugins.pubsub.plugin import Event, Pubsub
from sat.plugins.pubsub.public import public_subscriptions
from sat.plugins.pubsub_nodes import pages
from sat.plugins.pubsub_nodes.errors import named
from sat.plugins.pubsub_nodes.keeping import Keeping
from sat.storage.items import StoredItem
from sat.xmpp import pubsub
from sat.xmpp.pubsub import LONGEST

AFFILIATIONS = ("owner", "publisher", "publish-only", "member", "none", "outcast")
STATES = ("subscribed", "none")
REMEMBERED = 1000  # subscriptions of ours
OPTIONS = 200  # settings, and values of one


class PubsubNodes(Plugin, PubsubApi):
    """Nodes of services, for people and scripts (XEP-0060, XEP-0465)."""

    xeps = ("0060", "0465")
    pubsub = needs(Pubsub)
    disco = needs(Disco)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._own = session.account.jid.bare
        self._subscribed: dict[Place, None] = {}  # nodes that a person wants to be told of
        self.pages = pages.Pages(self)
        self.keeping = Keeping(self)
        self.undo(self.pubsub.watch(self._is_ours))
        self.undo(self.pubsub.overhear(self._heard))

    async def load(self) -> None:
        rows = await self.store.rows("subscribed", lambda row: Place(JID.parse(row[0]), str(row[1])))
        self._subscribed = dict.fromkeys(rows)
        await self.keeping.load()

    # -- the session ---------------------------------------------------------------------------------------------

    @on_event(Online)
    def _online(self, event: Online) -> None:
        if event.resumed:
            self.keeping.go_on()
        else:
            self.keeping.begin()

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        self.keeping.end()

    def at(self, service: JID) -> JID | None:
        """A service as ``Pubsub`` wants it: None is our account."""
        return None if service == self._own else service

    # -- what is told --------------------------------------------------------------------------------------------

    def _is_ours(self, event: Event) -> bool:
        """Whether a person has subscribed to that, or it is their own."""
        node = Place(event.owner, event.news.node)
        return node.service == self._own or node in self._subscribed or node in self.keeping.nodes

    def _heard(self, event: Event, subscribed: bool) -> None:
        """Of what only the programs of contacts tell each other, nobody here has asked to be told."""
        self.keeping.heard(event)
        if not subscribed and not self._is_ours(event):
            return
        node, news = Place(event.owner, event.news.node), event.news
        if news.gone:
            self.happened.emit(PubsubEvent(node, EventKind.DELETED if news.deleted else EventKind.PURGED))
        if news.items:
            self.happened.emit(PubsubEvent(node, EventKind.PUBLISHED, pages.entries(news.items)))
        if gone := [Entry(each) for each in news.retracted if each]:
            self.happened.emit(PubsubEvent(node, EventKind.RETRACTED, gone))

    async def hear(self, node: Place) -> Subscription:
        """Have the service tell us of a node. Errors: those of a request, NotFound."""
        with named(_node(node)):
            told = await self.pubsub.subscribe(self.at(node.service), node.node)
        return Subscription(*told) if told is not None else Subscription(node.node, self._own, "subscribed")

    async def hear_no_more(self, node: Place) -> None:
        """Have it tell us no longer, unless somebody here wants that for something else."""
        if node not in self._subscribed and not self.pubsub.is_wanted(node.service, node.node, self._is_ours):
            await self._unsubscribe(node)

    # -- items ---------------------------------------------------------------------------------------------------

    async def get_items(
        self, node: Place, ids: list[str], after: str = "", before: str = "", count: int = 50, oldest: bool = False
    ) -> Page:
        if node.id or ids:
            return await self.pages.single(_checked(node), [node.id, *ids] if node.id else ids)
        return await self.pages.page(_checked(node), after, before, count, oldest)

    async def publish(self, node: Place, xml: str, options: dict[str, list[str]]) -> Place:
        payload = pages.payload(xml)
        # Not as our account's: then a node that is not as the options want would be made so.
        with named(_node(node)):
            id = await self.pubsub.publish(
                _checked(node).service, node.node, payload, id=node.id, options=_options(options)
            )
        return node._replace(id=id)

    async def retract(self, places: list[Place], notify: bool = True) -> None:
        for place in places:
            if not _checked(place).id:
                raise InvalidArgument(reason="A place without the id of an item is a whole node.")
        for place in places:
            with named(f"item {place.id}"):
                await self.pubsub.retract(self.at(place.service), place.node, place.id, notify)

    async def rename(self, place: Place, id: str) -> Place:
        if not place.id or not id or id == place.id:
            raise InvalidArgument(reason="An item is renamed from one id to another.")
        new = _checked(place._replace(id=id))
        (item,) = (await self.pages.single(place, [place.id])).items
        if await self._is_there(new):
            raise Conflict(what=f"The item {id}")
        await self.publish(new, item.xml, {})
        await self.retract([place])
        return new

    async def _is_there(self, place: Place) -> bool:
        try:
            await self.pages.single(place, [place.id])
        except NotFound:
            return False
        return True

    # -- nodes ---------------------------------------------------------------------------------------------------

    async def get_nodes(self, service: JID) -> list[Node]:
        with named(f"service {service}"):
            return [each for each in await self.disco.get_items(service) if each.node]

    async def create_node(self, node: Place, options: dict[str, list[str]]) -> Place:
        with named(_node(node)):
            name = await self.pubsub.create(self.at(node.service), _checked(node, "").node, _options(options))
        return Place(node.service, name)

    async def get_configuration(self, node: Place) -> Form:
        with named(_node(node)):
            return await self.pubsub.configuration_form(self.at(node.service), _checked(node, "").node)

    async def set_configuration(self, node: Place, options: dict[str, list[str]]) -> None:
        checked = _options(options)
        known = {each.name for each in (await self.get_configuration(_checked(node))).fields}
        if unknown := sorted(checked.keys() - known):
            raise InvalidArgument(reason=f"The node has no setting “{unknown[0][:100]}”.")
        await self.pubsub.configure(self.at(node.service), node.node, checked)

    async def purge_node(self, node: Place) -> None:
        with named(_node(node)):
            await self.pubsub.purge(self.at(node.service), _checked(node).node)

    async def delete_node(self, node: Place) -> None:
        with named(_node(node)):
            await self.pubsub.delete(self.at(node.service), _checked(node).node)

    async def get_affiliations(self, node: Place) -> dict[JID, str]:
        with named(_node(node)):
            return await self.pubsub.affiliations(self.at(node.service), _checked(node).node)

    async def set_affiliations(self, node: Place, changes: dict[JID, str]) -> None:
        _check(changes.values(), AFFILIATIONS)
        with named(_node(node)):
            await self.pubsub.set_affiliations(self.at(node.service), _checked(node).node, changes)

    async def get_own_affiliations(self, service: JID) -> dict[str, str]:
        return await self.pubsub.own_affiliations(self.at(service))

    # -- subscriptions -------------------------------------------------------------------------------------------

    async def subscribe(self, node: Place) -> Subscription:
        node = Place(*_checked(node)[:2])
        told = await self.hear(node)
        await self._remember([node])
        return told

    async def unsubscribe(self, node: Place) -> None:
        node = Place(*_checked(node)[:2])
        await self._unsubscribe(node)
        if node in self._subscribed:
            del self._subscribed[node]
            await self._save()

    async def _unsubscribe(self, node: Place) -> None:
        with named(_node(node)):
            try:
                await self.pubsub.unsubscribe(self.at(node.service), node.node)
            except PeerError as error:
                if error.details.get("specific") != "subid-required":
                    raise
                for each in await self.pubsub.own_subscriptions(self.at(node.service)):
                    if each.node == node.node:
                        await self.pubsub.unsubscribe(self.at(node.service), node.node, each.id)

    async def get_own_subscriptions(self, service: JID) -> list[Subscription]:
        told = [Subscription(*each) for each in await self.pubsub.own_subscriptions(self.at(service))]
        nodes = [Place(service, each.node) for each in told if each.node and each.state == "subscribed"]
        await self._remember([each for each in nodes if each not in self.keeping.nodes])
        return told

    async def _remember(self, nodes: list[Place]) -> None:
        """That the service has the right to tell us of them."""
        if not nodes or all(each in self._subscribed for each in nodes):
            return
        self._subscribed |= dict.fromkeys(nodes)
        for node in list(self._subscribed)[:-REMEMBERED]:
            del self._subscribed[node]
        await self._save()

    async def _save(self) -> None:
        await self.store.set("subscribed", [[each.service, each.node] for each in self._subscribed])

    async def get_public_subscriptions(self, jid: JID) -> list[Place]:
        return await public_subscriptions(self.pubsub, jid)

    async def get_subscriptions(self, node: Place) -> list[Subscription]:
        with named(_node(node)):
            told = await self.pubsub.subscribers(self.at(node.service), _checked(node).node)
        return [Subscription(*each) for each in told]

    async def set_subscriptions(self, node: Place, changes: dict[JID, str]) -> None:
        _check(changes.values(), STATES)
        with named(_node(node)):
            await self.pubsub.set_subscribers(self.at(node.service), _checked(node).node, changes)

    # -- what is stored here -------------------------------------------------------------------------------------

    async def sync(self, node: Place) -> int:
        return await self.keeping.sync(Place(*_checked(node)[:2]))

    async def get_stored(self, node: Place, count: int = 50, before: str = "") -> Page:
        if not (before.isdecimal() and len(before) < 20) and before:
            raise InvalidArgument(reason="This is not where a page ends.")
        items = self.session.items
        total = (await items.nodes()).get(Place(*node[:2]))
        if total is None:
            raise NotFound(what=f"stored {_node(node)}")
        if node.id:
            if not (found := await items.get([node])):
                raise NotFound(what=f"stored item {node.id}")
            return Page([_entry(each) for each in found], total=total)
        found = await items.page(node, int(before or 0), count)
        last = str(found[-1].order) if found and len(found) >= count else ""
        return Page([_entry(each) for each in found], "", last, total)

    async def get_stored_nodes(self) -> list[Stored]:
        return [Stored(node, count) for node, count in (await self.session.items.nodes()).items()]

    async def search(self, text: str, nodes: list[Place], count: int = 50) -> list[Hit]:
        return [Hit(each.place, _entry(each)) for each in await self.session.items.search(text, nodes, count)]

    async def forget(self, nodes: list[Place], before: float = 0.0) -> int:
        nodes = nodes or sorted(await self.session.items.nodes())
        return sum([await self.keeping.forget(Place(*each[:2]), before) for each in nodes])


def _entry(item: StoredItem) -> Entry:
    return Entry(item.place.id, item.xml, item.publisher, item.updated)


def _node(node: Place) -> str:
    return f"node {node.node} of {node.service}" if node.node else f"service {node.service}"


def _checked(node: Place, least: str = "the name of a node") -> Place:
    """A place as one can be asked for. Errors: InvalidArgument."""
    if not node.service or (least and not node.node):
        raise InvalidArgument(reason=f"Say {least or 'the address of a service'}.")
    if max(len(node.node), len(node.id)) > LONGEST:
        raise InvalidArgument(reason=f"The name of a node or an item has at most {LONGEST} characters.")
    return node


def _options(options: dict[str, list[str]]) -> pubsub.Options:
    """Settings as they are sent. Errors: InvalidArgument."""
    for name, values in options.items():
        if not name or name == "FORM_TYPE" or len(name) > LONGEST or len(values) > OPTIONS or len(options) > OPTIONS:
            raise InvalidArgument(reason=f"“{name[:100]}” is no setting of a node.")
    return dict(options)


def _check(values: Iterable[str], possible: tuple[str, ...]) -> None:
    for each in values:
        if each not in possible:
            raise InvalidArgument(reason=f"“{each[:100]}” is none of {', '.join(possible)}.")
