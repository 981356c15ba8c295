"""Requests to publish-subscribe services, and what they answer and tell (XEP-0060).

Everything that is read is within bounds; what others published is only carried, not believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidAddress
from sat.xmpp import forms, rsm, xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS = "http://jabber.org/protocol/pubsub"
NS_EVENT = f"{NS}#event"
NS_OWNER = f"{NS}#owner"
_FORM_OPTIONS = f"{NS}#publish-options"
_FORM_NODE = f"{NS}#node_config"
MOST = 500  # items of one answer or event
LONGEST = 1023  # characters of the name of a node or an item

Options = Mapping[str, str | Sequence[str]]
"""Settings of a node by their names, such as ``pubsub#access_model``; several values of one in a list."""


PRIVATE: Options = {
    "pubsub#persist_items": "true",
    "pubsub#max_items": "max",
    "pubsub#send_last_published_item": "never",
    "pubsub#access_model": "whitelist",
}
"""A node of ours with many items, for nobody else's eyes (XEP-0223)."""
PUBLISH_OPTIONS = f"{NS}#publish-options"
"""The feature of an account whose server looks at the options of a publication; another would let contacts read it."""


class Item(NamedTuple):
    """Something that was published. Without a payload where the node keeps none, or only its id is told."""

    id: str
    payload: Element | None = None
    publisher: str = ""


class Items(NamedTuple):
    """A page of what a node has; the page says where it stands, as far as the service tells."""

    items: list[Item]
    page: rsm.Page = rsm.Page()


class News(NamedTuple):
    """What changed in a node: items that came, ids of those that are gone; ``gone``: all are, ``deleted``: with the
    node."""

    node: str
    items: list[Item]
    retracted: list[str]
    gone: bool = False
    deleted: bool = False


class Subscribed(NamedTuple):
    """Who is told of what happens in a node, or is not yet (``state``: pending, unconfigured; §4.2). ``id`` is the
    service's name for it, where one can be subscribed more than once."""

    node: str
    jid: JID
    state: str
    id: str = ""


def items(
    service: JID | None,
    node: str,
    most: int,
    after: str | None = None,
    before: str | None = None,
    ids: Sequence[str] = (),
) -> Iq:
    """Ask for the newest items, for a page behind or before one, or for single ones (§6.5). A service that knows no
    pages (XEP-0059) is told how many in the older way; that one has no place, so it is left out of later pages. The
    page before ``""`` is the last one, which has the newest where the oldest are counted first."""
    iq = Iq.get(service)
    asked = iq.add("pubsub", NS)
    wanted = xml.add(asked, "items", NS, node=node)
    for id in ids:
        xml.add(wanted, "item", NS, id=id)
    if not ids:
        if not after and not before:
            wanted.attributes["max_items"] = str(most)
        rsm.add_page(asked, most, after, before)
    return iq


def read_items(answer: Element) -> Items:
    """What a node has, of the answer to ``items``."""
    found = xml.child(answer, "pubsub", NS)
    listed = None if found is None else xml.child(found, "items", NS)
    if found is None or listed is None:
        return Items([])
    return Items(_read_all(listed, NS), rsm.read_page(found))


def publish(
    service: JID | None, node: str, payload: Element | None, id: str = "", options: Options | None = None
) -> Iq:
    """Publish an item (§7.1); without an id the service makes one. The options are what the node has to be like: it is
    made so, or refuses (§7.1.5)."""
    iq = Iq.set(service)
    asked = iq.add("pubsub", NS)
    item = xml.add(xml.add(asked, "publish", NS, node=node), "item", NS, id=id or None)
    if payload is not None:
        item.children.append(payload)
    if options:
        xml.add(asked, "publish-options", NS).children.append(forms.filled(_FORM_OPTIONS, options))
    return iq


def read_published(answer: Element, id: str) -> str:
    """The id of what was published; the one that was wanted where the service names none."""
    found = xml.child(answer, "pubsub", NS)
    published = None if found is None else xml.child(found, "publish", NS)
    item = None if published is None else xml.child(published, "item", NS)
    return id if item is None else _said(item, "id") or id


def retract(service: JID | None, node: str, id: str, notify: bool = True) -> Iq:
    """Take an item back, and have everybody told, or not (§7.2). One at a time: services refuse several."""
    iq = Iq.set(service)
    told = "true" if notify else "false"
    xml.add(xml.add(iq.add("pubsub", NS), "retract", NS, node=node, notify=told), "item", NS, id=id)
    return iq


def subscribe(service: JID | None, node: str, own: JID) -> Iq:
    """Be told of what happens in a node, at this address of ours (§6.1)."""
    iq = Iq.set(service)
    xml.add(iq.add("pubsub", NS), "subscribe", NS, node=node, jid=own)
    return iq


def unsubscribe(service: JID | None, node: str, own: JID, id: str = "") -> Iq:
    """Be told no longer (§6.2); the id is that of the subscription, where the service asks for one."""
    iq = Iq.set(service)
    xml.add(iq.add("pubsub", NS), "unsubscribe", NS, node=node, jid=own, subid=id or None)
    return iq


def own_subscriptions(service: JID | None) -> Iq:
    """Ask what we are subscribed to (§5.6)."""
    iq = Iq.get(service)
    xml.add(iq.add("pubsub", NS), "subscriptions", NS)
    return iq


def own_affiliations(service: JID | None) -> Iq:
    """Ask what we are at the nodes of a service (§5.7)."""
    iq = Iq.get(service)
    xml.add(iq.add("pubsub", NS), "affiliations", NS)
    return iq


def read_own_affiliations(answer: Element) -> dict[str, str]:
    """What we are at nodes, by their names."""
    told = {_said(each, "node"): _said(each, "affiliation") for each in _listed(answer, "affiliation", NS)}
    told.pop("", None)
    return told


def read_subscriptions(answer: Element, ns: str = NS) -> list[Subscribed]:
    """Subscriptions: ours to nodes, what came of ``subscribe``, or in NS_OWNER those of all to a node of ours."""
    found = xml.child(answer, "pubsub", ns)
    single = None if found is None else xml.child(found, "subscription", ns)
    around = None if found is None else xml.child(found, "subscriptions", ns)
    of_all = "" if around is None else _said(around, "node")
    told = []
    for each in [single] if single is not None else _listed(answer, "subscription", ns):
        try:
            jid = JID.parse(_said(each, "jid"))
        except InvalidAddress:
            continue
        told.append(Subscribed(_said(each, "node") or of_all, jid, _said(each, "subscription"), _said(each, "subid")))
    return told


def create(service: JID | None, node: str, options: Options | None = None) -> Iq:
    """Make a node (§8.1); without a name the service gives it one (§8.1.2)."""
    iq = Iq.set(service)
    asked = iq.add("pubsub", NS)
    xml.add(asked, "create", NS, node=node or None)
    if options:
        xml.add(asked, "configure", NS).children.append(forms.filled(_FORM_NODE, options))
    return iq


def read_created(answer: Element, node: str) -> str:
    """The name of the node that was made; the one that was wanted where the service tells none."""
    found = xml.child(answer, "pubsub", NS)
    made = None if found is None else xml.child(found, "create", NS)
    return node if made is None else _said(made, "node") or node


def configure(service: JID | None, node: str, options: Options) -> Iq:
    """Change settings of a node; the others stay (§8.2)."""
    iq = Iq.set(service)
    asked = xml.add(iq.add("pubsub", NS_OWNER), "configure", NS_OWNER, node=node)
    asked.children.append(forms.filled(_FORM_NODE, options))
    return iq


def configuration(service: JID | None, node: str) -> Iq:
    """Ask for the settings of a node of ours (§8.2); without a name for those that new ones get (§8.3)."""
    iq = Iq.get(service)
    asked = iq.add("pubsub", NS_OWNER)
    if node:
        xml.add(asked, "configure", NS_OWNER, node=node)
    else:
        xml.add(asked, "default", NS_OWNER)
    return iq


def configuration_form(answer: Element) -> Element | None:
    """The form with the settings of a node, of the answer to ``configuration``."""
    found = xml.child(answer, "pubsub", NS_OWNER)
    around = [] if found is None else [xml.child(found, name, NS_OWNER) for name in ("configure", "default")]
    return next((form for each in around if each is not None and (form := forms.find(each)) is not None), None)


def read_configuration(answer: Element) -> dict[str, list[str]]:
    """The settings of a node, by their names."""
    form = configuration_form(answer)
    return {} if form is None else forms.answers(form)


def affiliations(service: JID | None, node: str, changes: Mapping[JID, str] | None = None) -> Iq:
    """Ask what everybody is at a node of ours, or change it: ``owner``, ``member``, ``none``, … (§8.9)."""
    return _owned(service, node, "affiliation", changes)


def read_affiliations(answer: Element) -> dict[JID, str]:
    """What everybody is at a node."""
    return _read_owned(answer, "affiliation")


def subscribers(service: JID | None, node: str, changes: Mapping[JID, str] | None = None) -> Iq:
    """Ask who is told of what happens in a node of ours, or change it: ``subscribed``, ``none``, … (§8.8)."""
    return _owned(service, node, "subscription", changes)


def read_subscribers(answer: Element) -> dict[JID, str]:
    """How everybody is subscribed to a node."""
    return _read_owned(answer, "subscription")


def _owned(service: JID | None, node: str, what: str, changes: Mapping[JID, str] | None) -> Iq:
    iq = Iq.get(service) if changes is None else Iq.set(service)
    asked = xml.add(iq.add("pubsub", NS_OWNER), f"{what}s", NS_OWNER, node=node)
    for jid, value in (changes or {}).items():
        xml.add(asked, what, NS_OWNER, jid=jid, **{what: value})
    return iq


def _read_owned(answer: Element, what: str) -> dict[JID, str]:
    told: dict[JID, str] = {}
    for each in _listed(answer, what, NS_OWNER):
        try:
            told[JID.parse(_said(each, "jid"))] = _said(each, what)
        except InvalidAddress:
            continue
    return told


def _listed(answer: Element, what: str, ns: str) -> list[Element]:
    found = xml.child(answer, "pubsub", ns)
    around = None if found is None else xml.child(found, f"{what}s", ns)
    return [] if around is None else xml.elements(around, what, ns)[:MOST]


def delete(service: JID | None, node: str) -> Iq:
    """Delete a node with all its items (§8.4)."""
    iq = Iq.set(service)
    xml.add(iq.add("pubsub", NS_OWNER), "delete", NS_OWNER, node=node)
    return iq


def purge(service: JID | None, node: str) -> Iq:
    """Delete all items of a node (§8.5)."""
    iq = Iq.set(service)
    xml.add(iq.add("pubsub", NS_OWNER), "purge", NS_OWNER, node=node)
    return iq


def read_event(event: Element) -> News | None:
    """What an ``<event/>`` tells of items (§7.1.2.1, §7.2.2.1, §8.4.2, §8.5.2); None where it tells nothing of them."""
    for each in xml.elements(event, ns=NS_EVENT):
        node = _said(each, "node")
        if not node:
            continue
        if each.name == "items":
            retracted = [_said(gone, "id") for gone in xml.elements(each, "retract", NS_EVENT)[:MOST]]
            return News(node, _read_all(each, NS_EVENT), retracted)
        if each.name in ("delete", "purge"):
            return News(node, [], [], gone=True, deleted=each.name == "delete")
    return None


def _read_all(parent: Element, ns: str) -> list[Item]:
    found = []
    for each in xml.elements(parent, "item", ns)[:MOST]:
        payload = next(iter(xml.elements(each)), None)
        found.append(Item(_said(each, "id"), payload, _said(each, "publisher")))
    return found


def _said(element: Element, attribute: str) -> str:
    return str(element.attributes.get(attribute, ""))[:LONGEST]
