"""Hearing of what is removed from a node that tells us of what comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID

if TYPE_CHECKING:
    from sat.plugins.disco.plugin import Disco
    from sat.plugins.pubsub.plugin import Pubsub


async def hear_of_removals(pubsub: Pubsub, disco: Disco, owner: JID, node: str) -> None:
    """Subscribe where that is needed: of what is removed, ejabberd (23.01 as far as we know) tells only those who have
    subscribed (XEP-0060 §6.1), not those who want to be notified (XEP-0163 §4). Errors: those of a request."""
    info = await disco.get_info(JID(owner.domain))
    if any(each.category == "server" and each.name.lower() == "ejabberd" for each in info.identities):
        await pubsub.subscribe(None if owner == pubsub.session.account.jid.bare else owner, node)
