"""Which program is this (XEP-0092)?"""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method


class Software(NamedTuple):
    """A program, its version, and what it runs on."""

    name: str
    version: str
    os: str = ""


class VersionApi(Api):
    """Ask which program somebody uses (XEP-0092)."""

    @method
    async def get_version(self, jid: JID) -> Software:
        """The program at an address. Errors: NotConnected, PeerError, RequestTimeout."""
