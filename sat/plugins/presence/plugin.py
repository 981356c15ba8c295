"""Presence, ours and others', and who may see it (RFC 6121 §3 and §4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from sat.api import JID
from sat.api.errors import FeatureMissing, NotConnected, SatError
from sat.api.settings import Tab
from sat.core.plugin import Ended, FeaturesChanged, Online, Plugin, configured, needs, on_event, on_presence
from sat.core.settings import Range
from sat.plugins.presence.api import Presence, PresenceApi, Request, Show
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.xmpp import stanzas, xml
from sat.xmpp.times import parse_stamp
from sat.xmpp.xml import NS_CLIENT, Element

NS_PRE_APPROVAL = "urn:xmpp:features:pre-approval"
NS_IDLE = "urn:xmpp:idle:1"
TOGETHER = 0.05  # seconds in which changes are told as one
RESOURCES = 50  # kept of one contact
REQUESTS = 1000  # kept of strangers
KEEP_AFTER = 1.0  # seconds until it is stored that there are others
TOLD_AGAIN = 30.0  # seconds for the server to tell in a new session who still asks
LONGEST = 1000  # characters of a status


@dataclass
class Options:
    """How we appear."""

    tab: ClassVar[Tab] = Tab.GENERAL
    priority: Annotated[int, "Priority of this program among your others", Range(-128, 127)] = 10
    approve_asked: Annotated[bool, "Let contacts see you whom you asked to see"] = True


class PresencePlugin(Plugin, PresenceApi):
    """Who is there, and who may see that we are (RFC 6121 §3, §4)."""

    xeps = ("0319",)
    roster = needs(Roster)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._wanted = Presence(session.account.jid, Show.ONLINE)
        self._there: dict[JID, dict[JID, Presence]] = {}
        self._changed: dict[JID, Presence] = {}
        self._requests: dict[JID, Request] = {}
        self._untold: set[JID] = set()  # who asked before this session, and not again yet
        self._approves_before = False  # whether the server lets us approve who has not asked yet (RFC 6121 §3.4)
        self._first = False  # whether this session's first presence is still to be sent
        self._decorators: list[Callable[[Element], None]] = []
        self._elsewhere: list[Callable[[JID], bool]] = []
        self._vouchers: list[Callable[[stanzas.Presence], bool]] = []
        self.undo(session.settings.watch(self.name(), self._announce))
        self.undo(self.roster.changed.connect(self._contacts_changed))

    async def load(self) -> None:
        wanted = await self.store.get("wanted")
        with suppress(ValueError, TypeError):  # there is none, or it is damaged: then we are simply there
            show, status = wanted
            self._wanted = self._wanted._replace(show=Show(show), status=str(status))
        for request in await self.store.rows("requests", _request):
            self._requests[request.jid] = request

    def decorate(self, decorator: Callable[[Element], None]) -> Callable[[], None]:
        """Let another plugin add something to our presence (XEP-0115); returns the undo."""
        self._decorators.append(decorator)
        return lambda: self._decorators.remove(decorator)

    def leave_out(self, whose: Callable[[JID], bool]) -> Callable[[], None]:
        """Let another plugin have the presences of those for whom this is true, as it is of who is in a room; returns
        the undo."""
        self._elsewhere.append(whose)
        return lambda: self._elsewhere.remove(whose)

    def complete(self, stanza: Element) -> None:
        """Put what we are like now into a presence for one in particular."""
        wanted = self._wanted
        if wanted.show not in (Show.OFFLINE, Show.ONLINE):
            xml.add(stanza, "show", NS_CLIENT, wanted.show.value)
        if wanted.status:
            xml.add(stanza, "status", NS_CLIENT, wanted.status)
        for decorator in self._decorators:
            decorator(stanza)

    # -- ours --------------------------------------------------------------------------------------------------

    @on_event(Online)
    def _connected(self, event: Online) -> None:
        self._approves_before = NS_PRE_APPROVAL in event.told.offers
        if not event.resumed:
            self._first = True
            self._announce()

    @on_event(FeaturesChanged)
    def _can_something_else(self, event: FeaturesChanged) -> None:
        self._announce()

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        self.own.set(Presence(self.session.account.jid, Show.OFFLINE))
        for resources in self._there.values():
            for jid in resources:
                self._changed[jid] = Presence(jid, Show.OFFLINE)
        self._there.clear()
        self._soon()
        self.tasks.cancel("untold")

    def _announce(self) -> None:
        if not self.session.online:
            return
        wanted = self._wanted
        if wanted.show is self.own.value.show is Show.OFFLINE:
            return  # never told: nothing to take back
        stanza = stanzas.Presence.to(None, "unavailable" if wanted.show is Show.OFFLINE else "").element
        if wanted.show is Show.OFFLINE:
            if wanted.status:
                xml.add(stanza, "status", NS_CLIENT, wanted.status)
        else:
            xml.add(stanza, "priority", NS_CLIENT, str(self.options.priority))
            self.complete(stanza)
        self.session.send(stanza)
        self.own.set(wanted._replace(jid=self.session.jid, priority=self.options.priority))
        if self._first and wanted.show is not Show.OFFLINE:  # RFC 6121 §3.1.3: now the server tells who still asks
            self._first = False
            self._untold = set(self._requests)
            self.after(TOLD_AGAIN, lambda: self._settle(tuple(self._untold)), key="untold")

    async def set_presence(self, show: Show, status: str = "") -> None:
        self._wanted = self._wanted._replace(show=show, status=status.strip()[:LONGEST])
        await self.store.set("wanted", [show.value, self._wanted.status])
        self._announce()

    # -- theirs ------------------------------------------------------------------------------------------------

    @on_presence
    def _heard(self, presence: stanzas.Presence) -> None:
        sender = presence.sender
        if sender is None or any(whose(sender) for whose in self._elsewhere):
            return
        kind = presence.kind
        if kind == "subscribe" and any(vouches(presence) for vouches in self._vouchers):
            self._reply(sender, "subscribed")
        elif kind == "subscribe":
            self._asked(sender.bare, presence.status)
        elif kind == "unsubscribe":
            self._settle([sender.bare])
        elif kind in ("", "unavailable") and self._known(sender):
            self._seen(sender, kind, presence)

    def vouch(self, vouches: Callable[[stanzas.Presence], bool]) -> Callable[[], None]:
        """Have somebody looked at who asks to see us: they may, where that is True. What ends that is returned."""
        self._vouchers.append(vouches)
        return lambda: self._vouchers.remove(vouches)

    def _known(self, sender: JID) -> bool:
        """Only contacts and our own other programs are shown; rooms have their own plugin."""
        return sender.bare == self.session.account.jid.bare or self.roster.find(sender) is not None

    def _seen(self, sender: JID, kind: str, presence: stanzas.Presence) -> None:
        if sender == self.session.jid:
            return
        resources = self._there.setdefault(sender.bare, {})
        if kind == "unavailable":
            if resources.pop(sender, None) is None:
                return
            found = Presence(sender, Show.OFFLINE, presence.status[:LONGEST])
        else:
            if sender not in resources and len(resources) >= RESOURCES:
                return
            show = Show(presence.show) if presence.show else Show.ONLINE
            found = Presence(sender, show, presence.status[:LONGEST], presence.priority, self._idle_since(presence))
            resources[sender] = found
        self._changed[sender] = found
        self._soon()

    def _idle_since(self, presence: stanzas.Presence) -> float:
        idle = presence.child("idle", NS_IDLE)
        since = None if idle is None else parse_stamp(str(idle.attributes.get("since", "")))
        return since if since is not None and 0 < since <= self.session.now() else 0

    def _soon(self) -> None:
        if self._changed and not self.tasks.waits("tell"):
            self.after(TOGETHER, self._flush, key="tell")

    def _flush(self) -> None:
        changed, self._changed = self._changed, {}
        self.changed.emit(list(changed.values()))

    def lose(self, jid: JID) -> None:
        """Nothing more will be told of somebody, or of all of a server: as far as we know they are not there."""
        for bare in [each for each in self._there if jid in (each, each.domain)]:
            for resource in self._there.pop(bare):
                self._changed[resource] = Presence(resource, Show.OFFLINE)
        self._soon()
        self._settle([each for each in self._requests if jid in (each, each.domain)])

    def seek(self, jid: JID) -> None:
        """Something is told again of somebody, or of all of a server. Their server does not say by itself whether they
        are there, so it is asked: else we would not know until they come or go (RFC 6121 §4.3)."""
        for contact in self.roster.contacts.values():
            if jid in (contact.jid, contact.jid.domain) and contact.shows_presence:
                self.session.send(stanzas.Presence.to(contact.jid, "probe").element)

    def is_there(self, jid: JID) -> bool:
        """Whether this resource is there, of a contact or of ours."""
        return jid in self._there.get(jid.bare, ())

    async def get_presences(self) -> list[Presence]:
        return [presence for resources in self._there.values() for presence in resources.values()]

    # -- who may see us ----------------------------------------------------------------------------------------

    def _asked(self, jid: JID, status: str) -> None:
        contact = self.roster.find(jid)
        if contact is not None:
            if contact.sees_presence:
                self._subscription(jid, "subscribed")  # they may already: they have only forgotten
                return
            if self.options.approve_asked and (contact.asked or contact.subscription is Subscription.TO):
                self._subscription(jid, "subscribed")
                return
        self._untold.discard(jid)
        if jid in self._requests or len(self._requests) >= REQUESTS:
            return
        request = self._requests[jid] = Request(jid, status[:LONGEST])
        self._keep_soon()
        self.requested.emit(request)

    def _contacts_changed(self, contacts: list[Contact]) -> None:
        """They see us: another program of ours has said so."""
        self._settle([each.jid for each in contacts if each.sees_presence])

    def _settle(self, jids: Sequence[JID]) -> None:
        """These have an answer, or want none any more."""
        settled = [jid for jid in jids if self._requests.pop(jid, None) is not None]
        if settled:
            self._keep_soon()
            self.settled.emit(settled)

    def _keep_soon(self) -> None:
        if not self.tasks.waits("keep"):  # once for a flood: the server tells them again at each log-in anyway
            self.after(KEEP_AFTER, lambda: self.spawn(self._keep_requests()), key="keep")

    async def _keep_requests(self) -> None:
        try:
            await self.store.set("requests", [[request.jid, request.status] for request in self._requests.values()])
        except SatError as error:
            self.log.error("the requests could not be stored: %s", error)

    def _subscription(self, jid: JID, kind: str) -> None:
        if not self.session.send(stanzas.Presence.to(jid.bare, kind).element):
            raise NotConnected(profile=self.session.name)

    async def get_requests(self) -> list[Request]:
        return list(self._requests.values())

    async def subscribe(self, jid: JID) -> None:
        self._subscription(jid, "subscribe")

    async def unsubscribe(self, jid: JID) -> None:
        self._subscription(jid, "unsubscribe")

    async def approve(self, jid: JID) -> None:
        contact = self.roster.find(jid)
        sees = contact is not None and contact.sees_presence
        if self.session.online and not (sees or jid.bare in self._requests or self._approves_before):
            raise FeatureMissing(who=self.session.account.jid.domain, feature="approval before somebody asks")
        self._reply(jid, "subscribed")

    async def refuse(self, jid: JID) -> None:
        self._reply(jid, "unsubscribed")

    def _reply(self, jid: JID, kind: str) -> None:
        self._subscription(jid, kind)
        self._settle([jid.bare])


def _request(row: Any) -> Request:
    jid, text = row
    return Request(JID.parse(jid), str(text))
