"""Small data that programs fetch from each other by its hash (XEP-0231). What comes along with forms is read
in sat/xmpp/forms.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sat.api import JID
from sat.core.plugin import Plugin, Refusal, needs, on_iq
from sat.plugins.roster.plugin import Roster
from sat.xmpp import bob, xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element


class Served:
    """Some data that one program may have, as often as it is shown to it now."""

    def __init__(self, data: bytes, kind: str) -> None:
        self.data, self.kind, self.times = data, kind, 0


class BitsOfBinary(Plugin):
    """Small data, fetched by its hash (XEP-0231)."""

    xeps = ("0231",)
    features = (bob.NS,)
    roster = needs(Roster)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._served: dict[tuple[JID, str], Served] = {}

    @contextmanager
    def shown(self, peer: JID, data: bytes, kind: str) -> Iterator[str]:
        """Let one program fetch this data, of that media type, as long as this goes on; its address."""
        name = bob.cid(data)
        served = self._served.setdefault((peer, name), Served(data, kind))
        served.times += 1
        try:
            yield bob.URI + name
        finally:
            served.times -= 1
            if not served.times:
                del self._served[peer, name]

    @on_iq("get", bob.NS, "data")
    def _asked(self, iq: Iq) -> Element:
        peer, name = iq.sender, "" if iq.payload is None else str(iq.payload.attributes.get("cid", ""))
        if peer is None or (served := self._served.get((peer, name))) is None:
            known = peer is not None and self.roster.may_see(peer)
            raise Refusal("item-not-found" if known else "service-unavailable")  # as if nobody were there
        return bob.write(name, served.data, served.kind)

    async def fetch(self, peer: JID, address: str, most: int) -> bytes:
        """The data of that address, of one program. Errors: ValueError, where it is not what it is called, damaged, or
        more than so many bytes; NotConnected, PeerError, RequestTimeout."""
        name = address.removeprefix(bob.URI)
        if name == address or not bob.is_hash(name):
            raise ValueError("It is not named by its hash.")
        request = Iq.get(peer)
        request.add("data", bob.NS).attributes["cid"] = name
        found = xml.child(await self.ask(request), "data", bob.NS)
        if found is None:
            raise ValueError("It is not there.")
        data = bob.read(found, most)
        if not bob.fits(name, data):
            raise ValueError("It is another one than was told of.")
        return data
