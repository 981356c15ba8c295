"""Publish-subscribe for people and scripts: the nodes of services, and what is in them, as XML."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import JID, Api, method, signal
from sat.api.disco import Item as Node
from sat.api.forms import Form
from sat.api.posts import Place

__all__ = ["Entry", "EventKind", "Hit", "Node", "Page", "Place", "PubsubApi", "PubsubEvent", "Stored", "Subscription"]


class Entry(NamedTuple):
    """An item: its ``id``, its payload as ``xml`` (empty where the node keeps none, or it is too large to be kept
    here), and its ``publisher``, as far as the service tells. ``updated`` is when it was stored here, in seconds since
    1970; 0 where the service was asked."""

    id: str
    xml: str = ""
    publisher: str = ""
    updated: float = 0.0


class Page(NamedTuple):
    """Items, in the order of the service: nearly all have the oldest first. ``first`` leads to what stands before
    them, ``last`` to what stands behind, each empty where there is nothing. ``total`` is how many the node has, where
    the service tells it, else -1."""

    items: list[Entry]
    first: str = ""
    last: str = ""
    total: int = -1


class Subscription(NamedTuple):
    """That somebody is told of what happens in a node (XEP-0060 §4.2): ``state`` is subscribed, pending, unconfigured
    or none. ``id`` is the service's name for it, where one can be subscribed more than once."""

    node: str
    jid: JID
    state: str
    id: str = ""


class EventKind(StrEnum):
    """What happened: items were PUBLISHED or RETRACTED, all are gone (PURGED), or the node is (DELETED)."""

    PUBLISHED = "published"
    RETRACTED = "retracted"
    PURGED = "purged"
    DELETED = "deleted"


class PubsubEvent(NamedTuple):
    """What a service has told of a ``node``; ``items`` that were retracted have no XML, others none where the service
    tells only that they are there."""

    node: Place
    kind: EventKind
    items: list[Entry] = []  # noqa: RUF012 - a named tuple's default, never changed


class Stored(NamedTuple):
    """A node of which ``items`` are stored here: how many."""

    node: Place
    items: int


class Hit(NamedTuple):
    """A stored item that was found, and its ``place``."""

    place: Place
    item: Entry


class PubsubApi(Api):
    """Nodes and items of services and accounts (XEP-0060). Errors of all that ask a service: NotConnected,
    RequestTimeout, PeerError; FeatureMissing where our own server lets nobody publish; NotFound where there is no such
    node or item."""

    happened = signal(PubsubEvent, "A node that we have subscribed to, or our own account's, has changed.")

    # -- items -----------------------------------------------------------------------------------------------------

    @method
    async def get_items(
        self, node: Place, ids: list[str], after: str = "", before: str = "", count: int = 50, oldest: bool = False
    ) -> Page:
        """A page of the newest items, of the oldest, or of what stands behind or before another page; or single items,
        by the id of the place or by others. Errors: InvalidArgument."""

    @method
    async def publish(self, node: Place, xml: str, options: dict[str, list[str]]) -> Place:
        """Publish an item, under the id of the place where it has one; where it is. Options are what the node has to be
        like (XEP-0060 §7.1.5), by their names; where it is not, nothing is published. Errors: InvalidArgument where the
        XML is none."""

    @method
    async def retract(self, places: list[Place], notify: bool = True) -> None:
        """Take items back, one after the other; with notify those who are subscribed are told."""

    @method
    async def rename(self, place: Place, id: str) -> Place:
        """Give an item another id: it is published again. Errors: InvalidArgument, Conflict."""

    # -- nodes -----------------------------------------------------------------------------------------------------

    @method
    async def get_nodes(self, service: JID) -> list[Node]:
        """The nodes that a service or an account tells of, at most 1000."""

    @method
    async def create_node(self, node: Place, options: dict[str, list[str]]) -> Place:
        """Make a node; without a name the service gives it one. Errors: Conflict."""

    @method
    async def get_configuration(self, node: Place) -> Form:
        """The settings of a node of ours, as the service has them; without the name of a node, those of new ones."""

    @method
    async def set_configuration(self, node: Place, options: dict[str, list[str]]) -> None:
        """Change settings of a node of ours; others stay. Errors: InvalidArgument where it has no such setting."""

    @method
    async def purge_node(self, node: Place) -> None:
        """Delete all items of a node of ours."""

    @method
    async def delete_node(self, node: Place) -> None:
        """Delete a node of ours."""

    @method
    async def get_affiliations(self, node: Place) -> dict[JID, str]:
        """What everybody is at a node of ours: owner, publisher, publish-only, member or outcast."""

    @method
    async def set_affiliations(self, node: Place, changes: dict[JID, str]) -> None:
        """Change what somebody is at a node of ours; none takes it away. Errors: InvalidArgument."""

    @method
    async def get_own_affiliations(self, service: JID) -> dict[str, str]:
        """What we are at the nodes of a service."""

    # -- subscriptions ---------------------------------------------------------------------------------------------

    @method
    async def subscribe(self, node: Place) -> Subscription:
        """Be told of what happens in a node, in all our programs, until somebody ends that."""

    @method
    async def unsubscribe(self, node: Place) -> None:
        """Be told no longer."""

    @method
    async def get_own_subscriptions(self, service: JID) -> list[Subscription]:
        """What we are subscribed to at a service."""

    @method
    async def get_public_subscriptions(self, jid: JID) -> list[Place]:
        """What somebody tells that they are subscribed to (XEP-0465, XEP-0330)."""

    @method
    async def get_subscriptions(self, node: Place) -> list[Subscription]:
        """Who is subscribed to a node of ours."""

    @method
    async def set_subscriptions(self, node: Place, changes: dict[JID, str]) -> None:
        """Change that: subscribed or none. Errors: InvalidArgument."""

    # -- what is stored here ---------------------------------------------------------------------------------------

    @method
    async def sync(self, node: Place) -> int:
        """Store the items of a node here, the newest thousand, and keep them fresh by what the service tells; how many
        are stored. Errors: InvalidArgument where too many nodes are."""

    @method
    async def get_stored(self, node: Place, count: int = 50, before: str = "") -> Page:
        """Items of a node as they are stored here, the newest first, or the one with the id of the place. The last of
        a page is what the next one is before. Errors: NotFound where it is not stored."""

    @method
    async def get_stored_nodes(self) -> list[Stored]:
        """What is stored here."""

    @method
    async def search(self, text: str, nodes: list[Place], count: int = 50) -> list[Hit]:
        """Stored items that hold all these words, the newest first; of these nodes, or of all where none is named. The
        last word may be a beginning."""

    @method
    async def forget(self, nodes: list[Place], before: float = 0.0) -> int:
        """Forget what is stored of these nodes, or of all where none is named, as far as it was stored before a time
        (seconds since 1970; 0: all); how many items. A node of which all is forgotten is no longer kept fresh."""
