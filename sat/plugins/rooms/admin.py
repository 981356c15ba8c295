"""What moderators and owners do (XEP-0045 §8–§10, XEP-0425), and finding rooms (§6)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.disco import Info
from sat.api.errors import FeatureMissing, InvalidArgument, NotFound, PeerError, SatError
from sat.api.forms import Form
from sat.plugins.rooms import muc
from sat.plugins.rooms.api import Affiliated, Affiliation, PublicRoom, Room
from sat.xmpp import forms, xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.rooms.plugin import Rooms
    from sat.plugins.rooms.stay import Stay

SERVICES = 20  # of a server that are asked what they are
MEMBERS_FOR = 60.0  # seconds that a list of members is good for
MEMBERS_ONLY = "muc#roomconfig_membersonly"
PRIVATE = {
    MEMBERS_ONLY: "1",
    "muc#roomconfig_publicroom": "0",
    "muc#roomconfig_persistentroom": "1",
    "muc#roomconfig_whois": "anyone",
}
"""What makes a room private (XEP-0045 §16.5.3)."""
KINDS = (Affiliation.OWNER, Affiliation.ADMIN, Affiliation.MEMBER, Affiliation.OUTCAST)


class Admin:
    """Requests to rooms and their services."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def change(self, room: JID, reason: str, **item: object) -> None:
        """Change a role or an affiliation."""
        await self._rooms.ask(muc.admin(room, reason, **item))

    async def affiliations(self, room: JID) -> list[Affiliated]:
        """Who is what to the room; who may not see a list gets the others."""
        found: list[Affiliated] = []
        refused: PeerError | None = None
        answered = False
        for kind in KINDS:
            request = Iq.get(room)
            xml.add(request.add("query", muc.NS_ADMIN), "item", affiliation=kind.value)
            try:
                found += muc.affiliated(await self._rooms.ask(request), kind)
                answered = True
            except PeerError as error:
                refused = error
        if refused is not None and not answered:
            raise refused
        return found

    async def members(self, stay: Stay) -> set[JID]:
        """Who can enter, as the room said it less than a minute ago; nobody where it does not tell us."""
        asked, members = stay.members
        now = self._rooms.session.clock.seconds()
        if not asked or now > asked + MEMBERS_FOR:
            try:
                found = await self.affiliations(stay.jid)
            except PeerError:
                found = []
            members = {each.jid.bare for each in found if each.affiliation is not Affiliation.OUTCAST}
            stay.members = now, members
        return members

    async def moderate(self, id: str, reason: str) -> None:
        """Take back the message of another."""
        room, room_id = await self._rooms.session.messages.room_id(id)
        stay = self._rooms.inside(room)
        if not stay.value.takes_back:
            raise FeatureMissing(who=room, feature="taking back the messages of others")
        request = Iq.set(room)
        moderate = request.add("moderate", muc.NS_MODERATE, id=room_id)
        xml.add(moderate, "retract", muc.NS_RETRACT)
        if reason:
            xml.add(moderate, "reason", muc.NS_MODERATE, reason)
        await self._rooms.ask(request)

    # -- the room's settings -------------------------------------------------------------------------------------

    async def configuration(self, room: JID) -> Form:
        """The form with the room's settings."""
        return forms.read(await self._form(room))

    async def _form(self, room: JID) -> Element:
        request = Iq.get(room)
        request.add("query", muc.NS_OWNER)
        query = xml.child(await self._rooms.ask(request), "query", muc.NS_OWNER)
        form = None if query is None else forms.find(query)
        if form is None:
            raise FeatureMissing(who=room, feature="settings of rooms")
        return form

    async def configure(self, room: JID, fields: dict[str, str], private: bool = False) -> None:
        """Change settings; with ``private``, also those that make a room so, as far as the room has them."""
        form = forms.read(await self._form(room))
        names = {each.name for each in form.fields}
        if private:
            if MEMBERS_ONLY not in names:
                raise FeatureMissing(who=room.domain, feature="private rooms")
            fields = {name: value for name, value in PRIVATE.items() if name in names} | fields
        for name in fields:
            if name not in names:
                raise InvalidArgument(reason=f"The room has no setting “{name[:100]}”.")
        await self._submit(room, forms.submit(form, fields))

    async def make(self, stay: Stay, fields: dict[str, str], private: bool) -> Room:
        """Let others into the new room that we are in: with these settings, or as the service makes rooms. If that
        cannot be, we leave it, and it is no more: nobody else has been there."""
        try:
            if fields or private:
                await self.configure(stay.jid, fields, private)
            else:
                await self.accept_defaults(stay.jid)
        except SatError:
            await self._rooms.entering.leave(stay, "")
            raise
        await self._rooms.entering.describe(stay)
        return stay.value

    async def accept_defaults(self, room: JID) -> None:
        """Let a new room be as the service makes them (§10.1.2)."""
        await self._submit(room, xml.element("x", forms.NS, type="submit"))

    async def _submit(self, room: JID, form: Element) -> None:
        request = Iq.set(room)
        request.add("query", muc.NS_OWNER).addChild(form)
        await self._rooms.ask(request)

    async def destroy(self, room: JID, reason: str, other: JID) -> None:
        """End a room."""
        request = Iq.set(room)
        destroy = xml.add(request.add("query", muc.NS_OWNER), "destroy", jid=other or None)
        if reason:
            xml.add(destroy, "reason", muc.NS_OWNER, reason)
        await self._rooms.ask(request)

    # -- finding -------------------------------------------------------------------------------------------------

    async def parts(self) -> list[tuple[JID, Info]]:
        """What our server consists of, as far as that tells what it is."""
        disco = self._rooms.disco
        found = []
        for item in (await disco.get_items(JID(self._rooms.session.account.jid.domain)))[:SERVICES]:
            if not item.jid.local:
                with suppress(SatError):
                    found.append((item.jid, await disco.get_info(item.jid)))
        return found

    async def services(self) -> list[JID]:
        """Where our server has rooms."""
        return [jid for jid, info in await self.parts() if has_rooms(info)]

    async def public_rooms(self, service: JID) -> list[PublicRoom]:
        """The rooms that a service lists."""
        if not service:
            services = await self.services()
            if not services:
                raise NotFound(what=f"service for rooms at {self._rooms.session.account.jid.domain}")
            service = services[0]
        items = await self._rooms.disco.get_items(service)
        return [PublicRoom(each.jid.bare, each.name[: muc.NAME]) for each in items if each.jid.local]


def has_rooms(info: Info) -> bool:
    """Whether what says this of itself is a service for rooms (§6.1)."""
    text = any(each.category == "conference" and each.kind == "text" for each in info.identities)
    return text and muc.NS in info.features
