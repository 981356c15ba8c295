"""Finding rooms by words: at a service that knows those of many servers (XEP-0433), or in the list of our own server.
What is answered is bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import AskedTooOften, InvalidArgument, NotFound, PeerError
from sat.plugins.rooms import muc
from sat.plugins.rooms.admin import has_rooms
from sat.plugins.rooms.api import FoundRooms, PublicRoom
from sat.xmpp import forms, rsm, xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.rooms.plugin import Rooms

NS = "urn:xmpp:channel-search:0:search"
NS_PARAMS = "urn:xmpp:channel-search:0:search-params"
BY_USERS = "{urn:xmpp:channel-search:0:order}nusers"
KIND = "xep-0045"  # of the rooms that we can enter
PAGE = 50  # rooms in one answer
WORDS = 500  # characters
PATIENCE, PATIENCE_AT_MOST = 30.0, 3600.0  # seconds without a question, to a service that had too many of them


class Searching:
    """Asks services, as often as they like it."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._silent: dict[JID, tuple[float, float]] = {}  # until when, by the clock; how long that is, in seconds

    async def find(self, words: str, service: JID, after: str) -> FoundRooms:
        """One page of what a service finds."""
        words = " ".join(words.split())[:WORDS]
        if not words:
            raise InvalidArgument(reason="Say what to search for.")
        if not service:
            service, lists = await self._usual()
            if lists:
                return await self._listed(words, service)
        clock = self._rooms.session.clock
        until, pause = self._silent.get(service, (0.0, 0.0))
        if clock.seconds() < until:
            raise AskedTooOften(who=service, seconds=f"{until - clock.seconds():.0f}")
        try:
            answer = await self._rooms.ask(_question(words, service, after))
        except PeerError as error:
            if error.details.get("specific") == "rate-limit":  # §3.2: then it must be left in peace
                told = error.details.get("rate-limit.retry-after", "")  # seconds
                pause = float(told) if told.isascii() and told.isdecimal() else 2 * pause or PATIENCE
                pause = min(pause, PATIENCE_AT_MOST)
                self._silent[service] = clock.seconds() + pause, pause
            raise
        self._silent.pop(service, None)
        return _found(answer, service, after)

    async def _usual(self) -> tuple[JID, bool]:
        """The service of the settings, else that of our own server: nobody else hears what is searched for. Where there
        is none, that of our server which has rooms, and that it only lists them."""
        chosen = self._rooms.options.search_service.strip()
        if chosen:
            return JID.parse(chosen), False
        parts = await self._rooms.admin.parts()
        for fits in (lambda info: NS in info.features, has_rooms):
            found = next((jid for jid, info in parts if fits(info)), None)
            if found is not None:
                return found, fits is has_rooms
        raise NotFound(what="search for rooms at your server; the setting rooms.search_service can name another one")

    async def _listed(self, words: str, service: JID) -> FoundRooms:
        """What our own server lists, with all of these words in its name or before the @."""
        wanted = words.casefold().split()
        rooms = await self._rooms.admin.public_rooms(service)
        found = [each for each in rooms if _says(f"{each.name} {each.jid.local}".casefold(), wanted)]
        return FoundRooms(service, found, listed=True)


def _says(text: str, words: list[str]) -> bool:
    return all(each in text for each in words)


def _question(words: str, service: JID, after: str) -> Iq:
    request = Iq.get(service)
    search = request.add("search", NS)
    rsm.add_page(search, PAGE, after or None)
    form = xml.add(search, "x", forms.NS, type="submit")
    for name, value in (("FORM_TYPE", NS_PARAMS), ("q", words), ("types", KIND), ("key", BY_USERS)):
        xml.add(xml.add(form, "field", forms.NS, var=name), "value", forms.NS, value)
    return request


def _found(answer: Element, service: JID, after: str) -> FoundRooms:
    result = xml.child(answer, "result", NS)
    items = [] if result is None else xml.elements(result, "item", NS)[:PAGE]
    rooms: dict[JID, PublicRoom] = {}
    for item in items:
        jid = muc.address(item.attributes.get("address"))
        if jid.local and not jid.resource and _said(item, "service-type") in ("", KIND):
            rooms.setdefault(jid, _room(jid, item))
    last = rsm.read_page(result).last if result is not None and items else ""
    return FoundRooms(service, list(rooms.values()), "" if last == after else last)


def _room(jid: JID, item: Element) -> PublicRoom:
    users = _said(item, "nusers")
    count = int(users) if users.isascii() and users.isdecimal() and len(users) < 10 else -1
    return PublicRoom(jid, _said(item, "name")[: muc.NAME], count, _said(item, "description")[: muc.LONGEST])


def _said(item: Element, name: str) -> str:
    return " ".join(xml.text_of(xml.child(item, name, NS))[: 2 * muc.LONGEST].split())
