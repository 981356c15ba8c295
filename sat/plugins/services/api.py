"""Being known to a service, such as a gateway (XEP-0077, XEP-0100), and directories of people (XEP-0055)."""

from __future__ import annotations

from sat.api import JID, Api, method
from sat.api.forms import Form


class ServicesApi(Api):
    """Register with services, such as gateways (XEP-0100), and search in directories of people (XEP-0055)."""

    @method
    async def get_registration(self, jid: JID) -> Form:
        """What a service wants to know; filled in as far as it knows that already. Errors: FeatureMissing,
        InvalidArgument for the server of our account, NotConnected, PeerError, RequestTimeout."""

    @method
    async def register(self, jid: JID, fields: dict[str, str]) -> None:
        """Tell a service what it wants to know. Afterwards a gateway asks to see when we are there, as a contact does.
        Errors: FeatureMissing, NotConnected, PeerError, RequestTimeout."""

    @method
    async def unregister(self, jid: JID) -> None:
        """Have a service forget us. Errors: InvalidArgument for the server of our account, NotConnected, PeerError,
        RequestTimeout."""

    @method
    async def get_search(self, jid: JID) -> Form:
        """What can be searched for in a directory. Errors: FeatureMissing, NotConnected, PeerError, RequestTimeout."""

    @method
    async def search(self, jid: JID, fields: dict[str, str]) -> Form:
        """What a directory finds, as rows; one of the columns holds the addresses. Errors: as for ``get_search``."""
