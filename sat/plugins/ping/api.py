"""Is it there, and how far (XEP-0199)?"""

from __future__ import annotations

from sat.api import JID, Api, method


class PingApi(Api):
    """Ask for a sign of life (XEP-0199)."""

    @method
    async def ping(self, jid: JID) -> float:
        """Seconds until the answer came. Errors: NotConnected, PeerError, RequestTimeout."""
