"""Blogs and communities that could be followed: those of an account, of a service, of our contacts.

Few are asked at once, and nobody waits for long: what is not told by then is left out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from twisted.internet.defer import Deferred, DeferredList, TimeoutError

from sat.api import JID
from sat.api.disco import Info, Item
from sat.api.errors import NotFound, PeerError, SatError
from sat.api.posts import MICROBLOG, Place
from sat.core.tasks import in_time
from sat.plugins.blog.nodes import COMMENTS, FEED
from sat.plugins.blog.reacting import NS as ATTACHED
from sat.plugins.pubsub.public import public_subscriptions
from sat.plugins.timeline import wire
from sat.plugins.timeline.api import Found

if TYPE_CHECKING:
    from sat.plugins.timeline.plugin import Timeline

T = TypeVar("T")
MOST = 500  # nodes of one answer
CONTACTS = 200  # contacts that are asked what they follow
SERVICES = 20  # of a server, that are asked what they are
NAMED = 50  # nodes whose services are asked what they are called
AT_ONCE = 5
PATIENCE = 10.0  # seconds
_OTHERS = (COMMENTS, ATTACHED)  # nodes that begin so belong to posts


class Discovering:
    """Asks who has something to follow."""

    def __init__(self, plugin: Timeline) -> None:
        self._plugin = plugin

    # -- whom ----------------------------------------------------------------------------------------------------

    async def account(self, jid: JID) -> list[Found]:
        """The blog of an account, and what it tells that it follows."""
        plugin, blog = self._plugin, Place(jid)
        try:
            there = bool((await plugin.pubsub.items(plugin.blog.at(jid), MICROBLOG, most=1)).items)
        except PeerError as error:
            plugin.log.debug("%s shows us no blog: %s", jid, error)
            there = False
        followed = await public_subscriptions(plugin.pubsub, jid)
        via = [jid] if plugin.roster.find(jid) is not None else []
        found = [*([blog] if there else []), *(each for each in followed if each != blog)][:MOST]
        return await self._named([self._found(each, via=via if each in followed else []) for each in found])

    async def service(self, jid: JID) -> list[Found]:
        """The nodes of a service, or of those that a server names: communities first, then what does not say what it
        is. Errors: NotFound."""
        disco = self._plugin.disco
        try:
            items = await disco.get_items(jid)
        except PeerError as error:
            if error.details.get("condition") == "item-not-found":
                raise NotFound(what=f"service {jid}") from error
            raise
        names: dict[Place, str] = {}

        def take(items: list[Item], service: JID) -> None:
            own = [each for each in items if each.jid.bare == service and each.node]
            names.update((Place(service, each.node), each.name) for each in own if not each.node.startswith(_OTHERS))

        async def ask(service: JID) -> None:
            identities = (await disco.get_info(service)).identities
            if any((each.category, each.kind) == ("pubsub", "service") for each in identities):
                take(await disco.get_items(service), service)

        take(items, jid)
        if not names:
            others = dict.fromkeys(each.jid for each in items if not each.node and not each.jid.local)
            await self.each([each for each in others if each != jid][:SERVICES], ask)
        infos: dict[Place, Info] = {}

        async def learn(node: Place) -> None:
            infos[node] = await disco.get_info(node.service, node.node)

        nodes = list(names)[:MOST]
        await self.each(nodes, learn)
        told = {node: wire.described(infos.get(node), names[node]) for node in nodes}
        kept = [node for node in nodes if not told[node].kind.startswith(_OTHERS)]
        kept.sort(key=lambda node: told[node].kind not in (FEED, MICROBLOG))
        return [self._found(node, told[node].title, told[node].description) for node in kept]

    async def contacts(self) -> list[Found]:
        """What our contacts publish and tell that they follow; what most of them follow before the rest."""
        plugin = self._plugin
        own = Place(plugin.session.account.jid.bare)
        blogs = [each for each in plugin.following.contacts if plugin.looking.has(each)]
        via: dict[Place, list[JID]] = {each: [] for each in blogs}
        contacts = [jid for jid, each in plugin.roster.contacts.items() if each.shows_presence and jid != own.service]
        blocked = set(await plugin.blocked())

        async def ask(jid: JID) -> None:
            for place in await public_subscriptions(plugin.pubsub, jid):
                if place != own and place.service not in blocked:
                    via.setdefault(place, []).append(jid)

        if plugin.session.online:
            await self.each([each for each in contacts if each not in blocked][:CONTACTS], ask)
        known, rest = [each for each in via if each in blogs], [each for each in via if each not in blogs]
        rest.sort(key=lambda each: -len(via[each]))
        return await self._named([self._found(each, via=via[each]) for each in [*known, *rest][:MOST]])

    # -- how -----------------------------------------------------------------------------------------------------

    async def each(self, things: Iterable[T], ask: Callable[[T], Awaitable[None]]) -> None:
        """Ask for each of these, in this order, as long as nobody minds."""
        plugin, waiting = self._plugin, iter(things)

        async def work() -> None:
            for each in waiting:
                try:
                    await ask(each)
                except SatError as error:
                    plugin.log.debug("%s tells nothing to follow: %s", each, error)

        working = DeferredList([Deferred.fromCoroutine(work()) for _ in range(AT_ONCE)], consumeErrors=True)
        try:
            await in_time(working, PATIENCE, plugin.session.clock)
        except TimeoutError:
            plugin.log.info("not all could be asked what there is to follow")

    async def _named(self, found: list[Found]) -> list[Found]:
        """Ask what they are called, where nobody has said so."""
        places = [each.place for each in found if not each.title and each.place.node != MICROBLOG]
        told: dict[Place, wire.Described] = {}

        async def ask(place: Place) -> None:
            told[place] = wire.described(await self._plugin.disco.get_info(place.service, place.node))

        await self.each(places[:NAMED], ask)
        return [
            each._replace(title=told[each.place].title, description=told[each.place].description)
            if each.place in told
            else each
            for each in found
        ]

    def _found(self, place: Place, title: str = "", description: str = "", via: Iterable[JID] = ()) -> Found:
        following = self._plugin.following
        return Found(place, following.title(place) or title, description, following.follows(place), list(via))
