"""Publish and be told what others publish, for the plugins that keep things there (XEP-0060, XEP-0163)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, PeerError
from sat.api.forms import Form
from sat.core.pipeline import Arrival, Handlers, Stage
from sat.core.plugin import Plugin, needs, on_message
from sat.plugins.roster.plugin import Roster
from sat.xmpp import forms, pubsub
from sat.xmpp.pubsub import Item, Items, News, Options, Subscribed
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

PAGE = 50  # items asked for at once where nobody says how many
PAGES = 20
LACKS = ("service-unavailable", "feature-not-implemented")


class Event(NamedTuple):
    """What the account or the service that owns a node tells of it, by its bare address."""

    owner: JID
    news: News


class Pubsub(Plugin):
    """Publishing and being told, for other plugins (XEP-0060, XEP-0163)."""

    xeps = ("0060", "0163")
    roster = needs(Roster)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._listeners: dict[str, Handlers[Event]] = {}
        self._subscribers: list[Callable[[Event], bool]] = []
        self._overhearing: list[Callable[[Event, bool], object]] = []

    # -- being told --------------------------------------------------------------------------------------------

    def listen(self, node: str, function: Callable[[Event], object], owner: str) -> Callable[[], None]:
        """Call the function with what contacts and our own account tell of their node of that name, and have it told
        to us (XEP-0163 §4.3.2). ``owner`` is the plugin's name; returns the undo."""
        remove = self._listeners.setdefault(node, Handlers(self.log)).add(function, owner)
        withdraw = self.session.add_feature(f"{node}+notify")

        def undo() -> None:
            remove()
            withdraw()

        return undo

    def watch(self, function: Callable[[Event], bool]) -> Callable[[], None]:
        """Call the function with what is told of nodes that nobody listens to by their names, or by whom is neither a
        contact nor our own account. Anybody can send such a thing: it says whether it has subscribed to that node of
        that service. Returns the undo."""
        self._subscribers.append(function)
        return lambda: self._subscribers.remove(function)

    def overhear(self, function: Callable[[Event, bool], object]) -> Callable[[], None]:
        """Call the function with all that is told by those who have the right to, after those whom it is for; and
        whether somebody here has subscribed to the node, or it is only told because a contact or our own account
        has it. Returns the undo."""
        self._overhearing.append(function)
        return lambda: self._overhearing.remove(function)

    def is_wanted(self, owner: JID, node: str, but: Callable[[Event], bool]) -> bool:
        """Whether one of those who ``watch`` has subscribed to a node, ``but`` this one."""
        return any(each(Event(owner, News(node, [], []))) for each in self._subscribers if each != but)

    @on_message(Stage.CORRECT, pubsub.NS_EVENT)
    def _heard(self, arrival: Arrival) -> None:
        event = arrival.message.child("event", pubsub.NS_EVENT)
        news = None if event is None else pubsub.read_event(event)
        if news is None or arrival.archived or arrival.message.kind == "error":
            return
        owner, listeners = arrival.sender, self._listeners.get(news.node)
        # An account owns its own nodes and nobody else's (XEP-0163 §1). It speaks for itself, without a resource.
        known = owner == self.session.account.jid.bare or self.roster.find(owner) is not None
        told, subscribed = Event(owner, news), False
        if listeners is not None and known and not owner.resource:
            listeners.call(told)
        else:
            subscribed = not owner.resource and self._is_subscribed(told)
            if not subscribed:
                self.log.warning("an event of %s, who has no right to tell us of %s, was ignored", owner, news.node)
                return
        for each in tuple(self._overhearing):
            each(told, subscribed)

    def _is_subscribed(self, event: Event) -> bool:
        wanted = [each(event) for each in self._subscribers]  # each of them is to hear it
        return any(wanted)

    # -- asking and telling ------------------------------------------------------------------------------------
    # Without a service it is our own account. Errors of all: NotConnected, RequestTimeout, PeerError; of our own
    # account also FeatureMissing, where the server lets nobody publish.

    async def items(
        self,
        service: JID | None,
        node: str,
        *,
        most: int = PAGE,
        after: str | None = None,
        before: str | None = None,
        ids: Sequence[str] = (),
    ) -> Items:
        """The newest items of a node, a page behind or before one, or single ones; at most ``most``."""
        found = pubsub.read_items(await self._ask(service, pubsub.items(service, node, most, after, before, ids)))
        return found._replace(items=found.items[-most:] if before == "" else found.items[:most])

    async def all_items(self, service: JID | None, node: str, most: int) -> tuple[list[Item], bool]:
        """The items of a node, in as many pages as it takes; whether these are all. About ``most`` of them, if there
        are more."""
        found: list[Item] = []
        after: str | None = None
        page = min(most, pubsub.MOST)
        for _ in range(PAGES):
            items, place = await self.items(service, node, most=page, after=after)
            found += items
            if not place.last:
                return found, len(items) < page
            if not items or len(found) >= place.count >= 0:
                return found, True
            if len(found) >= most:
                break
            after = place.last
        return found, False

    async def newest(self, service: JID | None, node: str) -> Element | None:
        """The payload of the newest item; None where there is none or no such node."""
        try:
            found = await self.items(service, node, most=1)
        except PeerError as error:
            if error.details.get("condition") == "item-not-found":
                return None
            raise
        return found.items[0].payload if found.items else None

    async def publish(
        self, service: JID | None, node: str, payload: Element | None, *, id: str = "", options: Options | None = None
    ) -> str:
        """Publish an item; its id. A node of ours that is not as the options want is made so first."""
        if len(node) > pubsub.LONGEST or len(id) > pubsub.LONGEST:
            raise InvalidArgument(reason=f"The name of a node or an item has at most {pubsub.LONGEST} characters.")
        try:
            answer = await self._ask(service, pubsub.publish(service, node, payload, id, options))
        except PeerError as error:
            if service is not None or not options:
                raise
            if error.details.get("specific") == "precondition-not-met":
                await self.configure(service, node, options)
                answer = await self._ask(service, pubsub.publish(service, node, payload, id, options))
            elif error.details.get("condition") == "resource-constraint" and "pubsub#max_items" in options:
                # ejabberd before 23.04 does not know max_items there; as a setting of the node it does.
                await self._make(node, options)
                answer = await self._ask(service, pubsub.publish(service, node, payload, id))
            else:
                raise
        return pubsub.read_published(answer, id)

    async def retract(self, service: JID | None, node: str, id: str, notify: bool = True) -> None:
        """Take an item back; ``notify``: have those who are subscribed told."""
        await self._ask(service, pubsub.retract(service, node, id, notify))

    async def subscribe(self, service: JID | None, node: str) -> Subscribed | None:
        """Be told of what happens in a node, by all programs of our account, until somebody ends that; what the
        service says of it."""
        own = self.session.account.jid.bare
        answer = await self._ask(service, pubsub.subscribe(service, node, own))
        return next(iter(pubsub.read_subscriptions(answer)), None)

    async def unsubscribe(self, service: JID | None, node: str, id: str = "") -> None:
        """Be told no longer."""
        await self._ask(service, pubsub.unsubscribe(service, node, self.session.account.jid.bare, id))

    async def own_subscriptions(self, service: JID | None) -> list[Subscribed]:
        """What our account is subscribed to at a service."""
        own = self.session.account.jid.bare
        told = pubsub.read_subscriptions(await self._ask(service, pubsub.own_subscriptions(service)))
        return [each for each in told if each.jid.bare == own]

    async def own_affiliations(self, service: JID | None) -> dict[str, str]:
        """What we are at the nodes of a service."""
        return pubsub.read_own_affiliations(await self._ask(service, pubsub.own_affiliations(service)))

    async def create(self, service: JID | None, node: str, options: Options | None = None) -> str:
        """Make a node; its name, which the service chooses where there is none."""
        return pubsub.read_created(await self._ask(service, pubsub.create(service, node, options)), node)

    async def configure(self, service: JID | None, node: str, options: Options) -> None:
        """Change settings of a node."""
        await self._ask(service, pubsub.configure(service, node, options))

    async def configuration(self, service: JID | None, node: str) -> dict[str, list[str]]:
        """The settings of a node of ours, by their names."""
        return pubsub.read_configuration(await self._ask(service, pubsub.configuration(service, node)))

    async def configuration_form(self, service: JID | None, node: str) -> Form:
        """The settings of a node of ours as a form; without a name those of new nodes."""
        form = pubsub.configuration_form(await self._ask(service, pubsub.configuration(service, node)))
        return Form("", "", []) if form is None else forms.read(form)

    async def affiliations(self, service: JID | None, node: str) -> dict[JID, str]:
        """What everybody is at a node of ours."""
        return pubsub.read_affiliations(await self._ask(service, pubsub.affiliations(service, node)))

    async def set_affiliations(self, service: JID | None, node: str, changes: Mapping[JID, str]) -> None:
        """Change what somebody is there."""
        await self._ask(service, pubsub.affiliations(service, node, changes))

    async def subscribers(self, service: JID | None, node: str) -> list[Subscribed]:
        """Who is told of what happens in a node of ours."""
        answer = await self._ask(service, pubsub.subscribers(service, node))
        return pubsub.read_subscriptions(answer, pubsub.NS_OWNER)

    async def set_subscribers(self, service: JID | None, node: str, changes: Mapping[JID, str]) -> None:
        """Change that."""
        await self._ask(service, pubsub.subscribers(service, node, changes))

    async def unsubscribe_others(self, service: JID | None, node: str, kept: Callable[[JID], bool]) -> None:
        """Have nobody told of a node of ours any more but who is ``kept``, by their bare address."""
        told = pubsub.read_subscribers(await self._ask(service, pubsub.subscribers(service, node)))
        if gone := {jid: "none" for jid in told if not kept(jid.bare)}:
            await self._ask(service, pubsub.subscribers(service, node, gone))

    async def _make(self, node: str, options: Options) -> None:
        """Have a node of ours with these settings, a new one if there is none."""
        try:
            await self.create(None, node, options)
        except PeerError as error:
            if error.details.get("condition") != "conflict":
                raise
            await self.configure(None, node, options)

    async def delete(self, service: JID | None, node: str) -> None:
        """Delete a node with all its items."""
        await self._ask(service, pubsub.delete(service, node))

    async def purge(self, service: JID | None, node: str) -> None:
        """Delete all items of a node."""
        await self._ask(service, pubsub.purge(service, node))

    async def _ask(self, service: JID | None, iq: Iq) -> Element:
        try:
            return await self.ask(iq)
        except PeerError as error:
            if service is None and error.details.get("condition") in LACKS:
                raise FeatureMissing(who=self.session.account.jid.domain, feature="personal nodes (PEP)") from error
            raise


def payload_of(event: Event, name: str, ns: str) -> Element | None:
    """What the newest item of an event holds, where it is an element of that name."""
    payload = event.news.items[-1].payload if event.news.items else None
    return payload if payload is not None and (payload.name, payload.uri) == (name, ns) else None
