"""Nodes whose items are kept here: fetched once, then fresh by what their services tell, and looked at again in each
new session, for what was told while we were away."""

from __future__ import annotations

from random import uniform
from typing import TYPE_CHECKING

from sat.api.errors import InvalidArgument, NotConnected, NotFound, SatError
from sat.api.posts import Place
from sat.plugins.pubsub.plugin import Event
from sat.storage.items import PER_NODE, NewItem
from sat.xmpp import shown
from sat.xmpp.pubsub import Item

if TYPE_CHECKING:
    from sat.plugins.pubsub_nodes.plugin import PubsubNodes

NODES = 100  # nodes that are kept
FIRST = (8.0, 15.0)  # seconds after a log-in: other things are more urgent then, and all devices log in at once
PAUSE = (0.3, 1.0)  # seconds until the next node
PAGE = 100  # items that are looked at to know whether anything else is missing
STORING = 200  # stanzas whose items wait to be stored; of what comes on top the service is asked later
WRITTEN = 64 * 1024  # characters of an item as XML
WORDS = 20_000  # and of what can be found in it


def stored(items: list[Item]) -> list[NewItem]:
    """Items as they are kept."""
    found = []
    for each in items:
        text = "" if each.payload is None else shown.bounded_text(each.payload, WRITTEN)
        words = "" if each.payload is None else shown.words(each.payload, WORDS)
        found.append(NewItem(each.id, text, each.publisher, words))
    return found


class Keeping:
    """What is kept, and what is to be asked again."""

    def __init__(self, plugin: PubsubNodes) -> None:
        self._plugin = plugin
        self.nodes: set[Place] = set()
        self._wanted: dict[Place, None] = {}
        self._asking = False
        self._storing = 0

    async def load(self) -> None:
        """Read what is stored."""
        self.nodes = set(await self._plugin.session.items.nodes())

    # -- the session ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """In a new session: ask for what is new in all of them, soon."""
        if self.nodes:
            self._plugin.after(uniform(*FIRST), lambda: self._want(*sorted(self.nodes)), key="look")  # noqa: S311 - nobody gains by guessing it

    def go_on(self) -> None:
        """The session was resumed."""
        self._want()

    def end(self) -> None:
        """The session is over: all is asked again in the next one."""
        self._wanted.clear()

    # -- what a person wants -------------------------------------------------------------------------------------

    async def sync(self, node: Place) -> int:
        """Keep a node, and fetch what is in it now; how many items. Errors: InvalidArgument; those of a request."""
        if node not in self.nodes and len(self.nodes) >= NODES:
            raise InvalidArgument(reason=f"At most {NODES} nodes can be stored here.")
        if node not in self.nodes:
            await self._plugin.hear(node)
        self.nodes.add(node)
        try:
            await self._fetch(node)
        except SatError:
            if node not in await self._plugin.session.items.nodes():
                self.nodes.discard(node)
                await self._hear_no_more(node)
            raise
        return (await self._plugin.session.items.nodes()).get(node, 0)

    async def forget(self, node: Place, before: float) -> int:
        """Keep it no longer, or only what came since a time; how many items were forgotten."""
        if not before:
            self.nodes.discard(node)
            self._wanted.pop(node, None)
        count = await self._plugin.session.items.forget(node, before)
        if not before:
            await self._hear_no_more(node)
        return count

    async def _hear_no_more(self, node: Place) -> None:
        try:
            await self._plugin.hear_no_more(node)
        except SatError as error:  # what it still tells is not heard
            self._plugin.log.info("%s goes on telling of %s: %s", node.service, node.node, error)

    # -- what is told --------------------------------------------------------------------------------------------

    def heard(self, event: Event) -> None:
        """A service has told something that it has the right to."""
        node, news = Place(event.owner, event.news.node), event.news
        if node not in self.nodes:
            return
        if self._storing >= STORING or any(each.payload is None for each in news.items):
            self._want(node)  # too much, or it only hints at what it has
            return
        self._storing += 1
        self._plugin.spawn(self._store(node, event))

    async def _store(self, node: Place, event: Event) -> None:
        items, news = self._plugin.session.items, event.news
        try:
            if news.gone:
                await items.remove([node])
            if news.retracted:
                await items.remove([node._replace(id=each) for each in news.retracted if each])
            if news.items and node in self.nodes:
                await items.add(node, stored(news.items))
        except SatError as error:
            self._plugin.log.error("items of %s could not be stored: %s", node.service, error)
        finally:
            self._storing -= 1

    # -- what is asked -------------------------------------------------------------------------------------------

    def _want(self, *nodes: Place) -> None:
        self._wanted.update(dict.fromkeys(nodes))
        if self._wanted and not self._asking and self._plugin.session.online:
            self._asking = True
            self._plugin.spawn(self._ask_next())

    async def _ask_next(self) -> None:
        """Look at the node that waits longest; the next one a little later."""
        node = next(iter(self._wanted))
        del self._wanted[node]
        try:
            await self._look(node)
        except NotFound:
            await self._plugin.session.items.remove([node])
        except NotConnected:  # in this session, if it is resumed
            self._wanted[node] = None
        except SatError as error:  # in the next one
            self._plugin.log.info("%s of %s could not be fetched: %s", node.node, node.service, error)
        finally:
            self._asking = False
        self._plugin.after(uniform(*PAUSE), self._want, key="next")  # noqa: S311

    async def _look(self, node: Place) -> None:
        """Fetch the newest items, and all where these do not make up for what is missing."""
        items = self._plugin.session.items
        newest = await self._plugin.pages.newest(node, PAGE)
        if newest.page.last and newest.page.count > len(newest.items) and node in self.nodes:
            await items.add(node, stored(newest.items))
            if (await items.nodes()).get(node, 0) == min(newest.page.count, PER_NODE):
                return
        await self._fetch(node)

    async def _fetch(self, node: Place) -> None:
        found = await self._plugin.pages.all(node, PER_NODE)
        if node in self.nodes:
            await self._plugin.session.items.replace(node, stored(found))
