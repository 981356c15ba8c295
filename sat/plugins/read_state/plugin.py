"""What is read on one device is read on the others (XEP-0490).

The account's node has an item for each conversation: the message up to which it was shown, as the archive calls it that
keeps the conversation: our server's, or the room's. The place only moves forward."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sat.api import JID
from sat.api.errors import (
    FeatureMissing,
    InvalidAddress,
    InvalidArgument,
    NotConnected,
    PeerError,
    RequestTimeout,
    SatError,
)
from sat.core.plugin import Ended, Online, Plugin, needs, on_event
from sat.plugins.disco.plugin import Disco
from sat.plugins.messages.api import Message
from sat.plugins.messages.edits import NS_SID
from sat.plugins.messages.events import ReadTo
from sat.plugins.messages.plugin import Messages
from sat.plugins.pubsub.plugin import Event, Pubsub
from sat.xmpp import xml
from sat.xmpp.pubsub import PRIVATE, PUBLISH_OPTIONS, Item
from sat.xmpp.xml import Element

NS = "urn:xmpp:mds:displayed:0"
MOST = 2000  # conversations whose places are remembered
LONGEST = 200  # characters of an id
SOON = 2.0  # seconds in which what is read is told as one


class Place(NamedTuple):
    """A message, as an archive calls it."""

    archive: JID
    id: str


class ReadState(Plugin):
    """What is read on one device is read on the others (XEP-0490)."""

    xeps = ("0490",)
    messages = needs(Messages)
    pubsub = needs(Pubsub)
    disco = needs(Disco)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._own = session.account.jid.bare
        self._told: dict[JID, Place] = {}  # what the server has
        self._waiting: set[JID] = set()  # those whose places we have not found yet
        self._owed: dict[JID, ReadTo] = {}  # what the server has still to be told
        self._open = False
        self._sending = False
        self.undo(self.pubsub.listen(NS, self._heard, self.name()))
        self.undo(self.messages.added.connect(self._added))

    async def load(self) -> None:
        # What was marked as unread since then stays so: only what is new at the server is followed.
        for peer, place, waits in await self.store.rows("told", _from_row):
            self._told[peer] = place
            if waits:
                self._waiting.add(peer)

    async def _keep(self) -> None:
        rows = [[peer, *place, peer in self._waiting] for peer, place in self._told.items()]
        await self.store.set("told", rows)

    def _keep_soon(self) -> None:
        if not self.tasks.waits("keep"):
            self.after(SOON, lambda: self.spawn(self._keep()), key="keep")

    # -- read elsewhere ------------------------------------------------------------------------------------------

    @on_event(Online)
    def _online(self, event: Online) -> None:
        if event.resumed:
            self._soon()
        else:
            self.spawn(self._begin())

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        self._open = False

    async def _begin(self) -> None:
        try:
            self._learn((await self.pubsub.all_items(None, NS, MOST))[0])
        except FeatureMissing as error:
            self.log.info("%s; what is read here is not known elsewhere", error)
            return
        except SatError as error:
            if not isinstance(error, PeerError) or error.details.get("condition") != "item-not-found":
                self.log.warning("what was read elsewhere could not be fetched: %s", error)
                return
        try:
            # Without, contacts could read when we read what (§7).
            self._open = PUBLISH_OPTIONS in (await self.disco.get_info(self._own)).features
        except SatError as error:
            self.log.info("what is read here is not told: %s", error)
        self._soon()

    def _heard(self, event: Event) -> None:
        if event.owner == self._own:  # what others have read is not our business
            self._learn(event.news.items)

    def _learn(self, items: Iterable[Item]) -> None:
        for item in items:
            found = _read(item)
            if found is None or self._told.get(found[0]) == found[1]:
                continue
            peer, place = found
            if peer not in self._told and len(self._told) >= MOST:
                forgotten = next(iter(self._told))
                del self._told[forgotten]
                self._waiting.discard(forgotten)
            self._told[peer] = place
            self._waiting.add(peer)
            self._keep_soon()
            self._try(peer)

    def _added(self, messages: list[Message]) -> None:
        """Perhaps the archive has told it only now."""
        for peer in {each.peer for each in messages} & self._waiting:
            self._try(peer)

    def _try(self, peer: JID) -> None:
        if self.messages.unread_of(peer):
            self.spawn(self._mark(peer, self._told[peer]))

    async def _mark(self, peer: JID, place: Place) -> None:
        # An id that this archive has not given to a message of this conversation marks nothing (§6.1).
        if await self.messages.read_up_to(peer, *place) and self._told.get(peer) == place:
            self._waiting.discard(peer)
            self._keep_soon()

    # -- read here -----------------------------------------------------------------------------------------------

    @on_event(ReadTo)
    def _read_here(self, event: ReadTo) -> None:
        if event.peer.resource or (event.peer not in self._owed and len(self._owed) >= MOST):
            return  # what is private in a room has no item of its own
        self._owed[event.peer] = event
        self._soon()

    def _soon(self) -> None:
        if self._open and self._owed and not self._sending and not self.tasks.waits("tell"):
            self.after(SOON, lambda: self.spawn(self._tell()), key="tell")

    async def _tell(self) -> None:
        self._sending = True
        try:
            while self._open and self._owed:
                peer, read = next(iter(self._owed.items()))
                await self._publish(read)
                if self._owed.get(peer) is read:
                    del self._owed[peer]
        except (NotConnected, RequestTimeout):  # in the next session, or when something else is read
            pass
        except FeatureMissing as error:
            self._open = False
            self.log.info("%s; what is read here is not known elsewhere", error)
        finally:
            self._sending = False

    async def _publish(self, read: ReadTo) -> None:
        peer = read.peer
        archive = peer if self.messages.rooms.knows(peer) else self._own
        known = self._told.get(peer)
        if known and await self.session.messages.place_in_archive(peer, *known) >= read.order:
            return  # it was read further elsewhere
        self._told[peer] = place = Place(archive, read.archive_id)  # that the server tells it, too, is nothing new
        try:
            await self.pubsub.publish(None, NS, _written(*place), id=peer, options=PRIVATE)
        except SatError as error:
            if self._told.get(peer) == place:
                self._forget(peer, known)
            if not isinstance(error, (PeerError, InvalidArgument)):
                raise
            self.log.warning("that %s was read could not be told to our other devices: %s", peer, error)
            return
        self._waiting.discard(peer)
        self._keep_soon()

    def _forget(self, peer: JID, before: Place | None) -> None:
        """The server has not taken what it was told."""
        if before is None:
            del self._told[peer]
        else:
            self._told[peer] = before


def _read(item: Item) -> tuple[JID, Place] | None:
    """The conversation of an item and the place there; None where it holds none."""
    displayed = item.payload
    if displayed is None or (displayed.name, displayed.uri) != ("displayed", NS):
        return None
    stanza = xml.child(displayed, "stanza-id", NS_SID)
    id = "" if stanza is None else str(stanza.attributes.get("id", ""))
    if stanza is None or not 0 < len(id) <= LONGEST:
        return None
    try:
        peer, archive = JID.parse(item.id), JID.parse(str(stanza.attributes.get("by", "")))
    except InvalidAddress:
        return None
    return None if peer.resource else (peer, Place(archive, id))


def _from_row(row: Any) -> tuple[JID, Place, bool]:
    peer, archive, id, waits = row
    return JID.parse(peer), Place(JID.parse(archive), str(id)), bool(waits)


def _written(archive: JID, id: str) -> Element:
    displayed = xml.element("displayed", NS)
    xml.add(displayed, "stanza-id", NS_SID, by=archive, id=id)
    return displayed
