"""Signs of life (XEP-0199)."""

from __future__ import annotations

from sat.api import JID
from sat.core.plugin import Plugin, on_iq
from sat.plugins.ping.api import PingApi
from sat.xmpp.stanzas import Iq

NS = "urn:xmpp:ping"


class Ping(Plugin, PingApi):
    """Is it there, and how far (XEP-0199)?"""

    xeps = ("0199",)
    features = (NS,)

    @on_iq("get", NS, "ping")
    def _pinged(self, iq: Iq) -> None:
        """An empty result is the answer."""

    async def ping(self, jid: JID) -> float:
        clock = self.session.clock
        started = clock.seconds()
        request = Iq.get(jid)
        request.add("ping", NS)
        await self.ask(request)
        return clock.seconds() - started
