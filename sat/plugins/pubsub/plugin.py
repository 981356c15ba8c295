"""Publish and be told what others publish, for the plugins that keep things there (XEP-0060, XEP-0163)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, PeerError
from sat.core.pipeline import Arrival, Handlers, Stage
from sat.core.plugin import Plugin, needs, on_message
from sat.plugins.roster.plugin import Roster
from sat.xmpp import pubsub
from sat.xmpp.pubsub import Item, Items, News, Options
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

PAGE = 50  # items asked for at once where nobody says how many
PAGES = 20
LACKS = ("service-unavailable", "feature-not-implemented")


class Event(NamedTuple):
    """What the account that owns a node tells of it: we ourselves or a contact, by their bare address."""

    owner: JID
    news: News


class Pubsub(Plugin):
    """Publishing and being told, for other plugins (XEP-0060, XEP-0163)."""

    xeps = ("0060", "0163")
    roster = needs(Roster)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._listeners: dict[str, Handlers[Event]] = {}

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

    @on_message(Stage.CORRECT, pubsub.NS_EVENT)
    def _heard(self, arrival: Arrival) -> None:
        event = arrival.message.child("event", pubsub.NS_EVENT)
        news = None if event is None else pubsub.read_event(event)
        listeners = None if news is None else self._listeners.get(news.node)
        if news is None or listeners is None or arrival.archived or arrival.message.kind == "error":
            return
        owner = arrival.sender
        # An account owns its own nodes and nobody else's (XEP-0163 §1). It speaks for itself, without a resource.
        if owner.resource or (owner != self.session.account.jid.bare and self.roster.find(owner) is None):
            self.log.warning("an event of %s, who has no right to tell us of %s, was ignored", owner, news.node)
            return
        listeners.call(Event(owner, news))

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
        return found._replace(items=found.items[:most])

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

    async def retract(self, service: JID | None, node: str, id: str) -> None:
        """Take an item back."""
        await self._ask(service, pubsub.retract(service, node, id))

    async def subscribe(self, service: JID | None, node: str) -> None:
        """Be told of what happens in a node, by all programs of our account, until somebody ends that."""
        await self._ask(service, pubsub.subscribe(service, node, self.session.account.jid.bare))

    async def create(self, service: JID | None, node: str, options: Options | None = None) -> None:
        """Make a node."""
        await self._ask(service, pubsub.create(service, node, options))

    async def configure(self, service: JID | None, node: str, options: Options) -> None:
        """Change settings of a node."""
        await self._ask(service, pubsub.configure(service, node, options))

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
