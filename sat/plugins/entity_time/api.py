"""Which time is it where somebody is (XEP-0202)?"""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method


class EntityTime(NamedTuple):
    """What a clock says: ``utc`` in seconds since 1970, and how many seconds the local time is ahead of UTC."""

    utc: float
    offset: int


class EntityTimeApi(Api):
    """Ask for the time where somebody is (XEP-0202)."""

    @method
    async def get_time(self, jid: JID) -> EntityTime:
        """The time at a full address, or of a server. Errors: NotFound, where it is none; NotConnected, PeerError,
        RequestTimeout."""
