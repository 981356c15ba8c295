"""Pictures of contacts, fetched when they are told of and kept by their hash (XEP-0084, XEP-0153).

A server that converts (XEP-0398) tells of one picture in both ways, by the same hash: it is fetched once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import OrderedDict
from typing import Any, NamedTuple

from sat.api import JID
from sat.api.errors import InvalidArgument, NotFound, SatError
from sat.core.pictures import Size, look
from sat.core.plugin import Plugin, needs, on_presence
from sat.plugins.avatars.api import LARGEST, AvatarsApi, Picture, Shown
from sat.plugins.pubsub.plugin import Event, Pubsub, payload_of
from sat.plugins.roster.plugin import Roster
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq, Presence
from sat.xmpp.xml import Element

NS_METADATA = "urn:xmpp:avatar:metadata"
NS_DATA = "urn:xmpp:avatar:data"
NS_UPDATE = "vcard-temp:x:update"
NS_VCARD = "vcard-temp"
FULL = 32 * 1024 * 1024  # bytes of all pictures of a profile
AT_ONCE = 3  # fetched at the same time
WAITING = 2_000  # contacts whose pictures are still to be fetched
_ID = re.compile("[0-9a-f]{40}")


class Kept(NamedTuple):
    """A picture that is here. ``node``: told by the contact's node, which counts more than the older vCard."""

    id: str
    size: int
    node: bool


class Avatars(Plugin, AvatarsApi):
    """Pictures of contacts, and our own (XEP-0084, XEP-0153, XEP-0398)."""

    xeps = ("0084", "0153", "0398")
    roster = needs(Roster)
    pubsub = needs(Pubsub)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._kept: OrderedDict[JID, Kept] = OrderedDict()  # the one that came last at the end
        self._wanted: OrderedDict[JID, Kept] = OrderedDict()
        self._fetching: set[JID] = set()
        self.undo(self.pubsub.listen(NS_METADATA, self._told, self.name()))
        self.undo(self.roster.removed.connect(self._removed))

    async def load(self) -> None:
        self._kept.update(await self.store.rows("kept", _from_row))

    # -- being told --------------------------------------------------------------------------------------------

    def _told(self, event: Event) -> None:
        if event.news.gone or event.news.retracted:
            self._lose(event.owner)
            return
        metadata = payload_of(event, "metadata", NS_METADATA)
        if metadata is None:
            return
        found = next(filter(None, map(_described, xml.elements(metadata, "info", NS_METADATA)[:20])), None)
        if found is not None:
            self._want(event.owner, found)
        elif not xml.elements(metadata):
            self._lose(event.owner)  # §4.3: they show none

    @on_presence
    def _heard(self, presence: Presence) -> None:
        sender, update = presence.sender, presence.child("x", NS_UPDATE)
        photo = None if update is None else xml.child(update, "photo", NS_UPDATE)
        if sender is None or photo is None or presence.kind or self.roster.find(sender) is None:
            return  # XEP-0153 §3.2: without <photo/> nothing is told
        known = self._kept.get(sender.bare)
        if known is not None and known.node:
            return
        id = xml.text_of(photo).strip().lower()
        if _ID.fullmatch(id):
            self._want(sender.bare, Kept(id, 0, False))
        elif not id:
            self._lose(sender.bare)

    def tell(self, jid: JID, id: str) -> None:
        """Another plugin has learnt which picture somebody who is no contact shows in their vCard, or with an empty
        ``id`` that they show none."""
        if self.roster.find(jid) is None:
            if _ID.fullmatch(id):
                self._want(jid, Kept(id, 0, False))
            else:
                self._lose(jid)

    def _want(self, jid: JID, wanted: Kept) -> None:
        known = self._kept.get(jid)
        if known is not None and known.id == wanted.id:
            self._wanted.pop(jid, None)
            return
        if jid in self._wanted or len(self._wanted) < WAITING:
            self._wanted[jid] = wanted
            self._go_on()

    def _lose(self, jid: JID) -> None:
        self._wanted.pop(jid, None)
        if jid in self._kept:
            self.spawn(self._put(jid, None))

    def _removed(self, jids: list[JID]) -> None:
        for jid in jids:
            self._lose(jid)

    # -- fetching ----------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        while len(self._fetching) < AT_ONCE:
            jid = next((each for each in self._wanted if each not in self._fetching), None)
            if jid is None:
                return
            self._fetching.add(jid)
            self.spawn(self._fetch(jid, self._wanted.pop(jid)))

    async def _fetch(self, jid: JID, wanted: Kept) -> None:
        try:
            data = await self._same(wanted.id)
            if data is None:
                data = await (self._from_node if wanted.node else self._from_vcard)(jid, wanted.id)
            if hashlib.sha1(data, usedforsecurity=False).hexdigest() != wanted.id:
                raise ValueError("It is another one than was told of.")
            look(data)
            if jid not in self._wanted:  # else there is a newer one
                await self._put(jid, wanted._replace(size=len(data)), data)
        except (SatError, ValueError) as error:
            self.log.info("the picture of %s was left out: %s", jid, error)
        finally:
            self._fetching.discard(jid)
            self._go_on()

    async def _same(self, id: str) -> bytes | None:
        """The picture, where somebody else shows it too."""
        return await self._read(id) if any(each.id == id for each in self._kept.values()) else None

    async def _from_node(self, jid: JID, id: str) -> bytes:
        own = jid == self.session.account.jid.bare
        found = await self.pubsub.items(None if own else jid, NS_DATA, ids=[id])
        payloads = (each.payload for each in found.items if each.id == id)
        return _decoded(next((each for each in payloads if each is not None and each.uri == NS_DATA), None))

    async def _from_vcard(self, jid: JID, id: str) -> bytes:
        request = Iq.get(jid)
        request.add("vCard", NS_VCARD)
        vcard = xml.child(await self.ask(request), "vCard", NS_VCARD)
        photo = None if vcard is None else xml.child(vcard, "PHOTO", NS_VCARD)
        return _decoded(None if photo is None else xml.child(photo, "BINVAL", NS_VCARD))

    # -- keeping -----------------------------------------------------------------------------------------------

    async def _put(self, jid: JID, new: Kept | None, data: bytes = b"") -> None:
        before = {each.id for each in self._kept.values()}
        lost = {}
        if self._kept.pop(jid, None) is not None:
            lost[jid] = Shown(jid, "")
        if new is not None:
            self._kept[jid] = new
            lost.pop(jid, None)
        while sum(each.size for each in self._kept.values()) > FULL:
            oldest = self._kept.popitem(last=False)[0]
            lost[oldest] = Shown(oldest, "")
        after = {each.id for each in self._kept.values()}
        values: dict[str, Any] = {"kept": [[each, *kept] for each, kept in self._kept.items()]}
        if new is not None:
            values[_key(new.id)] = base64.b64encode(data).decode()
        await self.store.set_many(values)
        for id in before - after:
            await self.store.delete(_key(id))
        self.changed.emit([*lost.values(), *([Shown(jid, new.id)] if new is not None else [])])

    async def _read(self, id: str) -> bytes | None:
        text = await self.store.get(_key(id))
        return base64.b64decode(text) if isinstance(text, str) else None

    # -- AvatarsApi --------------------------------------------------------------------------------------------

    async def get_shown(self) -> list[Shown]:
        return [Shown(jid, kept.id) for jid, kept in self._kept.items()]

    async def get_picture(self, jid: JID) -> Picture:
        kept = self._kept.get(jid.bare)
        data = await self._read(kept.id) if kept is not None else None
        if kept is None or data is None:
            raise NotFound(what=f"picture of {jid.bare}")
        return Picture(kept.id, look(data).type, data)

    async def set_own(self, data: bytes) -> None:
        own = self.session.account.jid.bare
        metadata = xml.element("metadata", NS_METADATA)
        if not data:
            await self.pubsub.publish(None, NS_METADATA, metadata)
            self._lose(own)
            return
        size = checked(data)
        id = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        encoded = xml.element("data", NS_DATA)
        xml.set_text(encoded, base64.b64encode(data).decode())
        await self.pubsub.publish(None, NS_DATA, encoded, id=id)  # §4.1: before others are told of it
        about = {"bytes": len(data), "id": id, "type": size.type, "width": size.width, "height": size.height}
        xml.add(metadata, "info", NS_METADATA, **about)
        await self.pubsub.publish(None, NS_METADATA, metadata, id=id)
        await self._put(own, Kept(id, len(data), True), data)


def checked(data: bytes) -> Size:
    """What sort of picture it is that we want to show. InvalidArgument where it is none, or too large."""
    if len(data) > LARGEST:
        raise InvalidArgument(reason=f"The picture has {len(data)} bytes; {LARGEST} are possible.")
    try:
        return look(data)
    except ValueError as error:
        raise InvalidArgument(reason=str(error)) from None


def _described(info: Element) -> Kept | None:
    """A picture that can be fetched from the node. One at a URL is not: who says where could have us connect anywhere,
    and learn where we are."""
    attributes = info.attributes
    id, told = str(attributes.get("id", "")).lower(), str(attributes.get("bytes", "")).strip()
    fits = told.isascii() and told.isdigit() and len(told) < 10 and 0 < int(told) <= LARGEST
    return Kept(id, int(told), True) if fits and "url" not in attributes and _ID.fullmatch(id) else None


def _decoded(element: Element | None) -> bytes:
    text = "".join(xml.text_of(element).split())
    if len(text) > LARGEST * 4 // 3 + 4:
        raise ValueError("It is too large.")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("It is damaged.") from None


def _key(id: str) -> str:
    return f"picture {id}"


def _from_row(row: Any) -> tuple[JID, Kept]:
    jid, id, size, node = row
    if not _ID.fullmatch(id):
        raise ValueError("a hash is none")
    return JID.parse(jid), Kept(id, int(size), bool(node))
