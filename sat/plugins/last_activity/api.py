"""When was somebody last there (XEP-0012)?"""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method


class Activity(NamedTuple):
    """How many seconds ago: an account was last there, a program was last used, a server was started. ``status`` is
    what an account said when it went."""

    seconds: int
    status: str = ""


class LastActivityApi(Api):
    """Ask when somebody was last there (XEP-0012)."""

    @method
    async def get_last(self, jid: JID) -> Activity:
        """Of an account, a program by its full address, or a server. Errors: NotTold, where
        an account does not tell that, or not us; NotFound, NotConnected, PeerError, RequestTimeout."""
