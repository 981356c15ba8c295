"""What somebody tells that they are subscribed to: a list that their server makes (XEP-0465), or one that their
program publishes (XEP-0330)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import InvalidAddress, PeerError
from sat.api.posts import Place
from sat.xmpp.pubsub import LONGEST, Item

if TYPE_CHECKING:
    from sat.plugins.pubsub.plugin import Pubsub

MOST = 500  # nodes that are taken
LISTS = {
    "urn:xmpp:pps:subscriptions:0": ("urn:xmpp:pps:0", "jid"),
    "urn:xmpp:pubsub:subscription": ("urn:xmpp:pubsub:subscription:0", "server"),
}
"""The nodes with such lists, the namespace of what is in them, and the attribute that names the service."""


async def public_subscriptions(pubsub: Pubsub, jid: JID) -> list[Place]:
    """The nodes, each once. Where there is no such list, or it is not for us, none. Errors: those of a request."""
    found: dict[Place, None] = {}
    for node, (ns, attribute) in LISTS.items():
        try:
            items = (await pubsub.items(jid, node, most=MOST)).items
        except PeerError as error:
            pubsub.log.debug("%s does not tell what they are subscribed to: %s", jid, error)
            continue
        found |= dict.fromkeys(place for each in items if (place := _read(each, ns, attribute)) is not None)
    return list(found)[:MOST]


def _read(item: Item, ns: str, attribute: str) -> Place | None:
    said = item.payload
    if said is None or (said.name, said.uri) != ("subscription", ns):
        return None
    node = str(said.attributes.get("node", ""))
    try:
        service = JID.parse(str(said.attributes.get(attribute, ""))).bare
    except InvalidAddress:
        return None
    return Place(service, node) if 0 < len(node) <= LONGEST else None
