"""The contact list, kept as the server last told it (RFC 6121 §2)."""

from __future__ import annotations

from typing import Any

from sat.api import JID
from sat.api.errors import InvalidAddress, InvalidArgument, NotConnected, NotFound, SatError
from sat.core.plugin import DomainsWanted, Online, Plugin, Refusal, on_event, on_iq
from sat.plugins.roster.api import Contact, RosterApi, Subscription
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq, Presence
from sat.xmpp.xml import Element

NS = "jabber:iq:roster"
LONGEST = 1023  # characters of a name or a group
GROUPS = 50  # of one contact


class RosterLoaded:
    """An event: the whole list has come from the server."""


class Roster(Plugin, RosterApi):
    """The contact list (RFC 6121 §2)."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.contacts: dict[JID, Contact] = {}
        self._asked: set[JID] = set()
        """Whom we have asked to show us their presence, as long as the server has not confirmed it."""

    async def load(self) -> None:
        for contact in await self.store.rows("contacts", _from_row):
            self.contacts[contact.jid] = contact

    def find(self, jid: JID) -> Contact | None:
        """The contact of that address, whatever the resource."""
        return self.contacts.get(jid.bare)

    def may_see(self, jid: JID) -> bool:
        """Whether somebody may know that we are there: a contact whom we let see it, and our other programs."""
        contact = self.find(jid)
        return (contact is not None and contact.sees_presence) or jid.bare == self.session.account.jid.bare

    @on_event(DomainsWanted)
    def _tell_domains(self, event: DomainsWanted) -> None:
        event.found.update(jid.domain for jid in self.contacts)

    def introduce(self, jid: JID, nickname: str) -> None:
        """A contact calls themselves so (XEP-0172). Not what another contact is called, and no address: it would be
        shown where a person reads who somebody is."""
        known = self.contacts.get(jid)
        if known is None:
            return
        folded = nickname.casefold()
        others = (each for each in self.contacts.values() if each.jid != jid)
        if "@" in nickname or any(folded in (each.label.casefold(), each.jid.local.casefold()) for each in others):
            nickname = ""
        if nickname != known.nickname:
            contact = self.contacts[jid] = known._replace(nickname=nickname)
            self._tell([contact], [])

    # -- from the server ---------------------------------------------------------------------------------------

    @on_event(Online)
    def _connected(self, event: Online) -> None:
        if not event.resumed:
            self.spawn(self._fetch())

    async def _fetch(self) -> None:
        try:
            request = Iq.get()
            request.add("query", NS)
            result = await self.ask(request, timeout=60)
        except SatError as error:
            self.log.warning("the contact list could not be fetched: %s", error)
            return
        self._asked.clear()
        query = xml.child(result, "query", NS)
        found = [] if query is None else [each for each in map(self._read, xml.elements(query)) if each]
        fresh = {contact.jid: contact for contact, removed in found if not removed}
        gone = [jid for jid in self.contacts if jid not in fresh]
        changed = [contact for jid, contact in fresh.items() if self.contacts.get(jid) != contact]
        self.contacts = fresh
        self._tell(changed, gone)
        self.session.emit(RosterLoaded())

    @on_iq("set", NS, "query")
    def _pushed(self, iq: Iq) -> None:
        if iq.sender is not None and iq.sender != self.session.account.jid.bare:
            self.log.warning("a contact list from a stranger (%s) was ignored", iq.sender)
            raise Refusal("service-unavailable")  # RFC 6121 §2.1.6: only from our own account
        items = xml.elements(iq.payload) if iq.payload is not None else []
        read = self._read(items[0]) if len(items) == 1 else None
        if read is None:
            raise Refusal("bad-request")
        contact, removed = read
        if removed:
            if self.contacts.pop(contact.jid, None) is not None:
                self._tell([], [contact.jid])
        elif self.contacts.get(contact.jid) != contact:
            self.contacts[contact.jid] = contact
            self._tell([contact], [])

    def _read(self, item: Element) -> tuple[Contact, bool] | None:
        if item.name != "item" or item.uri != NS:
            return None
        try:
            jid = JID.parse(str(item.attributes.get("jid", ""))).bare
        except InvalidAddress as error:
            self.log.warning("a contact was left out: %s", error)
            return None
        told = item.attributes.get("subscription", "none")
        known = self.contacts.get(jid)
        asked = item.attributes.get("ask") == "subscribe"
        if asked or told not in ("none", "from"):
            self._asked.discard(jid)
        groups = {xml.text_of(child).strip()[:LONGEST] for child in xml.elements(item, "group", NS)}
        contact = Contact(
            jid,
            str(item.attributes.get("name", ""))[:LONGEST],
            Subscription(told) if told in Subscription.__members__.values() else Subscription.NONE,
            sorted(groups - {""})[:GROUPS],
            asked=asked or jid in self._asked,
            nickname=known.nickname if known is not None else "",
            approved=item.attributes.get("approved") in ("true", "1"),
        )
        return contact, told == "remove"

    def _tell(self, changed: list[Contact], gone: list[JID]) -> None:
        if changed:
            self.changed.emit(changed)
        if gone:
            self.removed.emit(gone)
        if changed or gone:
            self.after(1.0, lambda: self.spawn(self._keep()), key="keep")

    async def _keep(self) -> None:
        try:
            await self.store.set("contacts", [_to_row(contact) for contact in self.contacts.values()])
        except SatError as error:
            self.log.error("the contact list could not be stored: %s", error)

    # -- RosterApi ---------------------------------------------------------------------------------------------

    async def get_contacts(self) -> list[Contact]:
        return list(self.contacts.values())

    async def add_contact(self, jid: JID, name: str = "", groups: list[str] = []) -> None:  # noqa: B006 - as the bus knows it, never changed
        if jid.bare == self.session.account.jid.bare:
            raise InvalidArgument(reason="This is your own address.")
        known = self.find(jid)
        if known is None:
            await self._set(jid.bare, name, groups)
        elif name or groups:
            await self._set(jid.bare, name or known.name, groups or known.groups)
        if known is not None and known.shows_presence:
            return
        if not self.session.send(Presence.to(jid.bare, "subscribe").element):
            raise NotConnected(profile=self.session.name)
        contact = self.find(jid) or Contact(jid.bare, name.strip(), Subscription.NONE, sorted(groups))
        if not contact.asked:
            self._asked.add(contact.jid)
            self.contacts[contact.jid] = contact._replace(asked=True)
            self._tell([self.contacts[contact.jid]], [])

    async def set_contact(self, jid: JID, name: str, groups: list[str]) -> None:
        if jid.bare not in self.contacts:
            raise NotFound(what=f"contact {jid.bare}")
        await self._set(jid.bare, name, groups)

    async def remove_contact(self, jid: JID) -> None:
        if jid.bare not in self.contacts:
            raise NotFound(what=f"contact {jid.bare}")
        request = Iq.set()
        xml.add(request.add("query", NS), "item", NS, jid=jid.bare, subscription="remove")
        await self.ask(request)

    async def _set(self, jid: JID, name: str, groups: list[str]) -> None:
        names = sorted({group.strip() for group in groups} - {""})
        if len(name) > LONGEST or len(names) > GROUPS or any(len(group) > LONGEST for group in names):
            raise InvalidArgument(reason=f"A name has at most {LONGEST} characters, a contact at most {GROUPS} groups.")
        request = Iq.set()
        item = xml.add(request.add("query", NS), "item", NS, jid=jid, name=name.strip() or None)
        for group in names:
            xml.add(item, "group", NS, group)
        await self.ask(request)


def _to_row(contact: Contact) -> list[Any]:
    return [*contact[:2], contact.subscription.value, *contact[3:]]


def _from_row(row: Any) -> Contact:
    jid, name, subscription, groups, asked, *rest = row  # older rows have no nickname, nor what comes behind it
    if not isinstance(jid, str):
        raise TypeError("an address is no text")
    texts = [str(each) for each in groups]
    nickname = "".join(map(str, rest[:1]))
    return Contact(JID(jid), str(name), Subscription(subscription), texts, bool(asked), nickname, any(rest[1:2]))
