"""What people call themselves (XEP-0172)."""

from __future__ import annotations

from sat.api import Api, method, prop


class NicknameApi(Api):
    """What we call ourselves (XEP-0172). What contacts call themselves is a part of the contact list."""

    own = prop(str, "", "What we call ourselves, as far as the server has told.")

    @method
    async def set_own(self, name: str) -> None:
        """Call ourselves so, for all contacts who have no name of their own for us; empty for nothing.
        Errors: InvalidArgument, NotConnected, FeatureMissing, PeerError, RequestTimeout."""
