"""Keeping our bookmarks and those at the server the same.

What we have changed is newer than what the server has, until it knows that; then what it tells is newer than ours."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import FeatureMissing, NotConnected, PeerError, RequestTimeout, SatError
from sat.plugins.bookmarks import wire
from sat.plugins.pubsub.plugin import LACKS
from sat.plugins.pubsub.removals import hear_of_removals
from sat.plugins.pubsub.sending import Sending
from sat.plugins.rooms.bookmarks import MOST, Bookmark
from sat.xmpp import xml
from sat.xmpp.pubsub import PRIVATE, PUBLISH_OPTIONS, Item, News
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.bookmarks.plugin import Bookmarks

ECHO = 10.0  # seconds in which the server may still tell of what we have published ourselves


class Server(Sending["Bookmarks", JID]):
    """What the server has, and has still to be told."""

    stays = "bookmarks stay here"

    def __init__(self, plugin: Bookmarks) -> None:
        super().__init__(plugin)
        self._kept = plugin.kept
        self._checked = False  # whether nobody else can read the list
        self._subscribed = False  # or nothing to subscribe to is left
        self._refused: set[JID] = set()  # what it does not take in this session
        self._written: dict[JID, float] = {}  # when we last wrote an item
        self._ids: dict[JID, str] = {}  # of items that are called otherwise than we would

    # -- in a new session ----------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Take over what the server has; then tell it what it has not."""
        log = self._plugin.log
        try:
            await self._take_all()
            self._open = True
        except FeatureMissing as error:
            log.info("%s; the bookmarks of this daemon are used", error)
        except SatError as error:
            log.warning("the bookmarks could not be fetched: %s", error)
            return
        self._plugin.spawn(self._finish())

    def end(self) -> None:
        """The session is over."""
        self._open = self._checked = self._subscribed = False
        self._refused.clear()
        self._written.clear()

    async def _finish(self) -> None:
        await self._migrate()
        self.send()

    async def _take_all(self) -> None:
        try:
            items, whole = await self._plugin.pubsub.all_items(None, wire.NS, MOST)
        except PeerError as error:
            if error.details.get("condition") != "item-not-found":
                raise
            await self._kept.doubt()  # there is no list yet, or no longer
            return
        if items:
            self._plugin.spawn(self._hear_of_removals())
        found = {each.room: each for each in self._read(items)}
        await self._take([each for each in found.values() if self._is_news(each.room)])
        if whole:
            missing = [each.room for each in self._kept.all() if each.room not in found]
            await self._lose([each for each in missing if self._is_news(each)])
            await self._kept.lose(*(each for each in set(self._kept.gone) if each not in found))

    def _read(self, items: list[Item]) -> list[Bookmark]:
        found = []
        for item in items:
            room = self._room(item.id)
            bookmark = None if room is None else wire.read(room, item.payload)
            if bookmark is not None:
                found.append(bookmark)
        return found

    def _room(self, id: str) -> JID | None:
        room = wire.room_of(id)
        if room is not None and room != id and len(self._ids) < MOST:
            self._ids[room] = id
        return room

    # -- from other programs -------------------------------------------------------------------------------------

    async def told(self, news: News) -> None:
        """Another program has changed something; or we have."""
        if news.items:
            self._plugin.spawn(self._hear_of_removals())
        found = self._read(news.items)
        gone = [room for room in map(self._room, news.retracted) if room is not None]
        if news.gone:
            gone = [each.room for each in self._kept.all()]
        changes: dict[JID, Bookmark | None] = {each.room: each for each in found} | dict.fromkeys(gone)
        for room, bookmark in list(changes.items()):
            if bookmark == self._kept.find(room) or not self._is_news(room):
                del changes[room]
            elif self._plugin.session.clock.seconds() < self._written.get(room, -ECHO) + ECHO:
                # Perhaps it is what we wrote before what we wrote last: the item itself will tell.
                self._plugin.after(ECHO, partial(self._look_soon, room), key=room)
                del changes[room]
        await self._take([each for each in changes.values() if each is not None])
        await self._lose([room for room, bookmark in changes.items() if bookmark is None])

    async def _hear_of_removals(self) -> None:
        """Once there is a list."""
        if self._subscribed:
            return
        self._subscribed = True
        plugin = self._plugin
        try:
            await hear_of_removals(plugin.pubsub, plugin.disco, plugin.session.account.jid.bare, wire.NS)
        except SatError as error:  # then it is found at the next log-in
            plugin.log.info("nothing tells of removed bookmarks: %s", error)

    def _is_news(self, room: JID) -> bool:
        """Whether the server knows all that we know of a bookmark: then what it tells is newer."""
        return not self._kept.unsent(room) and room not in self._kept.gone

    def _look_soon(self, room: JID) -> None:
        self._plugin.spawn(self._look(room))

    async def _look(self, room: JID) -> None:
        try:
            bookmark = wire.read(room, await self._item(room))
        except SatError as error:  # the next session tells
            self._plugin.log.info("the bookmark of %s could not be fetched: %s", room, error)
            return
        if self._is_news(room):
            await (self._lose([room]) if bookmark is None else self._take([bookmark]))

    async def _take(self, bookmarks: list[Bookmark]) -> None:
        known = self._kept.find
        changed = [each for each in bookmarks if known(each.room) != each]
        new = [each for each in changed if known(each.room) is None]
        room_for = max(0, MOST - len(self._kept.all()))
        if len(new) > room_for:
            self._plugin.log.warning("%d bookmarks are too many and were left out", len(new) - room_for)
            changed = [each for each in changed if each not in new[room_for:]]
        await self._kept.learn(*changed)
        for each in changed:
            await self._plugin.rooms.entering.follow(each.room)

    async def _lose(self, rooms: list[JID]) -> None:
        await self._kept.lose(*rooms)
        for each in rooms:
            await self._plugin.rooms.entering.follow(each)

    # -- to the server -------------------------------------------------------------------------------------------

    def _next(self) -> JID | None:
        waiting = (*self._kept.gone, *self._kept.all_unsent())
        return next((each for each in waiting if each not in self._refused), None)

    async def _send(self, room: JID) -> None:
        try:
            await (self._retract(room) if room in self._kept.gone else self._publish(room))
        except (NotConnected, RequestTimeout, FeatureMissing):  # it is the same for all
            raise
        except SatError as error:
            self._refused.add(room)
            self._plugin.log.warning("the bookmark of %s could not be changed at the server: %s", room, error)

    async def _retract(self, room: JID) -> None:
        try:
            await self._plugin.pubsub.retract(None, wire.NS, self._id(room))
        except PeerError as error:
            if error.details.get("condition") != "item-not-found":
                raise
        self._written[room] = self._plugin.session.clock.seconds()
        if room in self._kept.gone:  # else it is back since then
            await self._kept.lose(room)

    async def _publish(self, room: JID) -> None:
        item = await self._item(room)  # others may have written into it what we do not know
        known, wanted, unsent = wire.read(room, item), self._kept.find(room), self._kept.unsent(room)
        if wanted is None:
            return
        if known is not None:
            wanted = known._replace(**{name: getattr(wanted, name) for name in unsent})
        await self._close_to_others()
        made = wire.write(wanted, None if known is None else item)
        await self._plugin.pubsub.publish(None, wire.NS, made, id=self._id(room), options=PRIVATE)
        self._written[room] = self._plugin.session.clock.seconds()
        await self._kept.sent(wanted)

    async def _close_to_others(self) -> None:
        """A server that does not know what a publication wants of its node would let contacts read it (§7)."""
        if self._checked:
            return
        if PUBLISH_OPTIONS not in await self._features():
            try:
                await self._plugin.pubsub.create(None, wire.NS, PRIVATE)
            except PeerError as error:
                if error.details.get("condition") != "conflict":
                    raise
            await self._plugin.pubsub.configure(None, wire.NS, PRIVATE)
        self._checked = True

    async def _features(self) -> list[str]:
        return (await self._plugin.disco.get_info(self._plugin.session.account.jid.bare)).features

    async def _item(self, room: JID) -> Element | None:
        id = self._id(room)
        try:
            found = await self._plugin.pubsub.items(None, wire.NS, ids=[id])
        except PeerError as error:
            if error.details.get("condition") == "item-not-found":
                return None
            raise
        return next((each.payload for each in found.items if each.id == id), None)

    def _id(self, room: JID) -> str:
        return self._ids.get(room, room)

    # -- from before ---------------------------------------------------------------------------------------------

    async def _migrate(self) -> None:
        """Take over, once, what older programs have kept and the server does not show us as XEP-0402 has it (§5.2)."""
        plugin = self._plugin
        if await plugin.store.get("migrated"):
            return
        try:
            told = await self._features()
            old = [] if wire.COMPAT in told else await self._from_private()
            old += [] if wire.COMPAT_PEP in told else await self._from_node()
        except SatError as error:  # in the next session
            plugin.log.info("bookmarks of older programs could not be fetched: %s", error)
            return
        for each in old:
            if self._kept.find(each.room) is None and each.room not in self._kept.gone:
                await self._kept.keep(each)
                await plugin.rooms.entering.follow(each.room)
        await plugin.store.set("migrated", True)

    async def _from_private(self) -> list[Bookmark]:
        """XEP-0048 in private XML (XEP-0049)."""
        request = Iq.get()
        xml.add(request.add("query", wire.NS_PRIVATE), "storage", wire.NS_OLD)
        try:
            query = xml.child(await self._plugin.ask(request), "query", wire.NS_PRIVATE)
        except PeerError as error:
            if error.details.get("condition") in (*LACKS, "item-not-found"):
                return []
            raise
        return wire.read_old(None if query is None else xml.child(query, "storage", wire.NS_OLD))

    async def _from_node(self) -> list[Bookmark]:
        """XEP-0048 in the account's node (XEP-0223)."""
        try:
            return wire.read_old(await self._plugin.pubsub.newest(None, wire.NS_OLD))
        except FeatureMissing:
            return []
