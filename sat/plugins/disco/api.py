"""What a server or another program can do (XEP-0030)."""

from __future__ import annotations

from sat.api import JID, Api, method
from sat.api.disco import Identity, Info, Item

__all__ = ["DiscoApi", "Identity", "Info", "Item"]


class DiscoApi(Api):
    """Ask what others can do (XEP-0030); answers about programs are kept by their checked hash (XEP-0115)."""

    @method
    async def get_info(self, jid: JID, node: str = "") -> Info:
        """Identities and features. Errors: NotConnected, PeerError, RequestTimeout."""

    @method
    async def get_items(self, jid: JID, node: str = "") -> list[Item]:
        """What it has, at most 1000. Errors: NotConnected, PeerError, RequestTimeout."""
