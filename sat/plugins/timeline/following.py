"""What is followed: our own blog, those of contacts, and nodes that were chosen. The latter are kept in a list at our
server (XEP-0330), so that other programs of the account follow the same.

What we have chosen is newer than what the list says until the server has it; then what it tells is newer than ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sat.api import JID
from sat.api.errors import InvalidArgument, PeerError, SatError
from sat.api.posts import MICROBLOG, Place
from sat.plugins.pubsub.removals import hear_of_removals
from sat.plugins.pubsub.sending import Sending
from sat.plugins.timeline import wire
from sat.plugins.timeline.wire import Listed
from sat.xmpp.pubsub import LONGEST, PRIVATE, PUBLISH_OPTIONS, Item, News

if TYPE_CHECKING:
    from sat.plugins.timeline.plugin import Timeline

MOST = 1000  # nodes that can be chosen


class Following(Sending["Timeline", Place]):
    """``began`` and ``ended`` are called with a node that is followed since now, or no longer."""

    stays = "what is followed stays here"

    def __init__(self, plugin: Timeline, began: Callable[[Place], None], ended: Callable[[Place], None]) -> None:
        super().__init__(plugin)  # which opens while the server keeps a list that nobody else reads
        self._began, self._ended = began, ended
        self._own = plugin.session.account.jid.bare
        self._chosen: dict[Place, Listed] = {}
        self._unsent: set[Place] = set()  # chosen, and the server has still to be told
        self._gone: dict[Place, str] = {}  # the ids of items that the server has still to take out
        self._muted: set[JID] = set()  # contacts whose blogs are not wanted
        self._hears = False  # of what others take out of the list, or nothing more can be done for that
        self._refused: set[Place] = set()  # what it does not take in this session

    async def load(self) -> None:
        """Read what is stored."""
        for listed, unsent in await self._plugin.store.rows("chosen", _from_row):
            self._chosen[listed.place] = listed
            if unsent:
                self._unsent.add(listed.place)
        for listed, _ in await self._plugin.store.rows("gone", _from_row):
            self._gone[listed.place] = listed.id
        self._muted.update(await self._plugin.store.rows("muted", JID.parse))

    async def _keep(self) -> None:
        chosen = [[*each.place[:2], each.title, each.id, each.place in self._unsent] for each in self._chosen.values()]
        gone = [[*place[:2], "", id, True] for place, id in self._gone.items()]
        await self._plugin.store.set_many({"chosen": chosen, "gone": gone, "muted": sorted(self._muted)})

    # -- what is followed ----------------------------------------------------------------------------------------

    def follows(self, node: Place) -> bool:
        """Whether what its service tells of a node is wanted."""
        return node in self._chosen or self.is_contacts(node) or node == Place(self._own)

    def is_contacts(self, node: Place) -> bool:
        """Whether it is the blog of a contact, who tells of it by themselves."""
        if node.node != MICROBLOG or node.service in self._muted:
            return False
        contact = self._plugin.roster.contacts.get(node.service)
        return contact is not None and contact.shows_presence

    @property
    def chosen(self) -> list[Place]:
        """The nodes that were chosen."""
        return list(self._chosen)

    @property
    def contacts(self) -> list[Place]:
        """Where contacts have their blogs, if they have some."""
        places = (Place(jid) for jid in self._plugin.roster.contacts if jid != self._own)
        return [each for each in places if self.is_contacts(each) and each not in self._chosen]

    def title(self, node: Place) -> str:
        """What it is called."""
        listed = self._chosen.get(node)
        contact = self._plugin.roster.contacts.get(node.service) if node.node == MICROBLOG else None
        return (listed.title if listed else "") or (contact.label if contact else "")

    async def follow(self, node: Place) -> None:
        """Follow a node: a contact's blog tells by itself, of others we are told when we have subscribed."""
        self._check(node)
        if node.service in self._muted and node.node == MICROBLOG:
            self._muted.discard(node.service)
            await self._keep()
            if self.is_contacts(node):
                self._began(node)
        if self.follows(node):
            return
        if len(self._chosen) >= MOST:
            raise InvalidArgument(reason=f"At most {MOST} blogs and communities can be followed.")
        await self._plugin.pubsub.subscribe(node.service, node.node)
        self._chosen[node] = Listed(node, await self._called(node), wire.id_of(node, self._own))
        self._unsent.add(node)
        self._gone.pop(node, None)
        await self._keep()
        self._began(node)
        self.send()

    async def unfollow(self, node: Place) -> None:
        """Follow it no longer."""
        self._check(node)
        if node == Place(self._own):
            raise InvalidArgument(reason="Your own blog is always in your timeline.")
        if node in self._chosen:
            await self._unsubscribe(node)  # raises where it cannot be asked: then it is still followed
            listed = self._chosen.pop(node)
            self._unsent.discard(node)
            self._gone[node] = listed.id
        if self.is_contacts(node):
            self._muted.add(node.service)
            self._plugin.spawn(self.hear_no_more(node))
        await self._keep()
        self._ended(node)
        self.send()

    def _check(self, node: Place) -> None:
        if not node.service or node.service.resource or not 0 < len(node.node) <= LONGEST:
            raise InvalidArgument(reason="This is no blog and no community.")

    async def _unsubscribe(self, node: Place) -> None:
        try:
            await self._plugin.pubsub.unsubscribe(node.service, node.node)
        except PeerError as error:  # there is nothing to end, or nobody who would tell us
            self._plugin.log.info("the subscription to %s of %s could not be ended: %s", node.node, node.service, error)

    async def hear_no_more(self, node: Place) -> None:
        """End the subscription to a contact's blog, if there is one; what still comes is not heard."""
        try:
            await self._unsubscribe(node)
        except SatError as error:
            self._plugin.log.info("the subscription to the blog of %s could not be ended: %s", node.service, error)

    async def _called(self, node: Place) -> str:
        if node.node == MICROBLOG:
            return ""
        try:
            info = await self._plugin.disco.get_info(node.service, node.node)
        except SatError:
            return ""
        return wire.described(info).title

    # -- the list at our server ----------------------------------------------------------------------------------

    async def begin(self) -> None:
        """In a new session: take over what the server has; then tell it what it has not."""
        try:
            await self._take_all()
            # Without, contacts could read what we follow.
            self._open = PUBLISH_OPTIONS in (await self._plugin.disco.get_info(self._own)).features
        except SatError as error:
            self._plugin.log.info("the list of what is followed could not be fetched: %s", error)
            return
        self.send()

    def end(self) -> None:
        """The session is over."""
        self._open = self._hears = False
        self._refused.clear()

    async def _take_all(self) -> None:
        try:
            items, whole = await self._plugin.pubsub.all_items(None, wire.NODE, MOST)
        except PeerError as error:
            if error.details.get("condition") != "item-not-found":
                raise
            self._unsent.update(self._chosen)  # there is no list yet, or no longer
            return
        if items:
            self._plugin.spawn(self._hear_of_removals())
        found = self._read(items)
        gone = [each for each in self._chosen if each not in found] if whole else []
        await self._take(list(found.values()), gone)
        if whole and (taken := self._gone.keys() - found.keys()):
            for each in taken:
                del self._gone[each]
            await self._keep()

    async def _hear_of_removals(self) -> None:
        """Once there is a list."""
        if self._hears:
            return
        self._hears = True
        try:
            await hear_of_removals(self._plugin.pubsub, self._plugin.disco, self._own, wire.NODE)
        except SatError as error:  # then it is found at the next log-in
            self._plugin.log.info("nothing tells of what is followed no longer: %s", error)

    async def told(self, news: News) -> None:
        """Another program has changed the list; or we have."""
        if news.gone:
            await self.begin()
            return
        ids = set(news.retracted)
        gone = [listed.place for listed in self._chosen.values() if listed.id in ids]
        await self._take(list(self._read(news.items).values()), gone)

    def _read(self, items: list[Item]) -> dict[Place, Listed]:
        return {listed.place: listed for listed in map(wire.read, items) if listed is not None}

    async def _take(self, found: list[Listed], gone: list[Place]) -> None:
        """Follow what others have chosen, and leave what they have; but for what we have changed ourselves."""
        own = Place(self._own)
        new = [each for each in found if each.place not in self._unsent and each.place not in self._gone]
        new = [each for each in new if each != self._chosen.get(each.place) and each.place != own]
        gone = [each for each in gone if each not in self._unsent]
        began = [each.place for each in new if each.place not in self._chosen]
        if len(self._chosen) + len(began) > MOST:
            self._plugin.log.warning("what another program follows is too much: %d nodes were left out", len(began))
            new, began = [each for each in new if each.place in self._chosen], []
        self._chosen.update({each.place: each for each in new})
        for each in gone:
            del self._chosen[each]
        if new or gone:
            await self._keep()
        for each in began:
            self._began(each)
        for each in gone:
            if not self.follows(each):
                self._ended(each)

    def _next(self) -> Place | None:
        return next((each for each in (*self._gone, *self._unsent) if each not in self._refused), None)

    async def _send(self, node: Place) -> None:
        listed = self._chosen.get(node)
        try:
            if listed is None:
                await self._retract(self._gone[node])
                self._gone.pop(node, None)
            else:
                made = wire.write(listed)
                await self._plugin.pubsub.publish(None, wire.NODE, made, id=listed.id, options=PRIVATE)
                self._unsent.discard(node)
                self._plugin.spawn(self._hear_of_removals())
        except PeerError as error:
            self._refused.add(node)
            self._plugin.log.warning("the list of what is followed could not be changed at the server: %s", error)
        await self._keep()

    async def _retract(self, id: str) -> None:
        try:
            await self._plugin.pubsub.retract(None, wire.NODE, id)
        except PeerError as error:
            if error.details.get("condition") != "item-not-found":
                raise


def _from_row(row: Any) -> tuple[Listed, bool]:
    service, node, title, id, unsent = row
    return Listed(Place(JID.parse(service), str(node)), str(title), str(id)), bool(unsent)
