"""When somebody was last there; we tell it only where an option allows it (XEP-0012)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sat.api import JID
from sat.api.errors import NotFound, NotTold, PeerError
from sat.api.settings import Tab
from sat.core.plugin import Plugin, Refusal, configured, needs, on_iq
from sat.core.settings import Help
from sat.plugins.client_state.plugin import ClientState
from sat.plugins.last_activity.api import Activity, LastActivityApi
from sat.plugins.roster.plugin import Roster
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS = "jabber:iq:last"
UNTOLD = (
    *("service-unavailable", "feature-not-implemented", "forbidden"),
    *("not-allowed", "not-authorized", "subscription-required"),
)
"""What is answered where nothing is told: there is nothing, or we are not to know."""
LONGEST = 1_000  # characters of a status


@dataclass
class Options:
    """What contacts may know."""

    tab: ClassVar[Tab] = Tab.MISC
    tell: Annotated[
        bool, "Tell contacts when I last used this", Help("Only those who may see when you are online can ask.")
    ] = False


class LastActivity(Plugin, LastActivityApi):
    """When was somebody last there (XEP-0012)?"""

    xeps = ("0012",)
    features = (NS,)
    roster = needs(Roster)
    client_state = needs(ClientState)
    options = configured(Options)

    @on_iq("get", NS, "query")
    def _asked(self, iq: Iq) -> Element:
        if not self.options.tell or (iq.sender is not None and not self.roster.may_see(iq.sender)):
            raise Refusal("service-unavailable")
        return xml.element("query", NS, seconds=max(0, int(self.session.clock.seconds() - self.client_state.seen)))

    async def get_last(self, jid: JID) -> Activity:
        request = Iq.get(jid)
        request.add("query", NS)
        try:
            query = xml.child(await self.ask(request), "query", NS)
        except PeerError as error:
            if jid.local and error.details.get("condition") in UNTOLD:
                raise NotTold(who=jid) from None
            raise
        told = "" if query is None else str(query.attributes.get("seconds", ""))
        if not (told.isascii() and told.isdigit() and len(told) <= 10):
            raise NotFound(what=f"time when {jid} was there")
        return Activity(int(told), " ".join(xml.text_of(query).split())[:LONGEST])
