"""Folders that are shared with contacts: they look into them and fetch what they like (XEP-0329)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method, signal
from sat.api.transfers import Transfer

__all__ = ["Listed", "Share", "SharesApi", "Transfer"]


class Share(NamedTuple):
    """A folder or file of ours, under a name, for some ``contacts`` and for those in some ``groups`` of our roster.
    ``missing``: it is not there any more. ``empty``: those of its groups that nobody is in any more."""

    id: str
    path: str
    name: str
    contacts: list[JID] = []  # noqa: RUF012 - a named tuple's default, never changed
    groups: list[str] = []  # noqa: RUF012
    missing: bool = False
    empty: list[str] = []  # noqa: RUF012


class Listed(NamedTuple):
    """What is in a folder that somebody shares. ``path`` is from the top, with slashes; ``name`` is for reading. Of
    folders nothing else is known. ``modified`` is in seconds since 1970, 0.0 where it is not told."""

    path: str
    name: str
    folder: bool = False
    size: int = 0
    type: str = ""
    modified: float = 0.0
    description: str = ""
    hashes: dict[str, str] = {}  # noqa: RUF012


class SharesApi(Api):
    """Share, and look at what others share."""

    changed = signal(list[Share], "All that we share.")

    @method
    async def get_own(self) -> list[Share]:
        """All that we share."""

    @method
    async def share(self, path: str, contacts: list[JID], groups: list[str], name: str = "") -> Share:
        """Share a folder with all that is in it, or a file; ``name`` is what others see, empty for its own. What was
        shared under that name is shared so from now on. A group is there as long as somebody is in it: NotFound for
        another one, which would be a slip of the pen, seen by nobody today and by whoever comes into such a group one
        day. Errors: FileUnreadable, NotFound, TooManyTransfers, InvalidArgument where nobody is named, or the name is
        none."""

    @method
    async def unshare(self, id: str) -> None:
        """Share it no longer; what is on its way arrives. Errors: NotFound."""

    @method
    async def browse(self, peer: JID, path: str = "") -> list[Listed]:
        """What is in a folder that somebody shares with us; without a path, all that they share. Errors: NotFound,
        NotConnected, RequestTimeout, PeerError, NobodyShares."""

    @method
    async def fetch(self, peer: JID, path: str, to: str = "", encrypt: str = "") -> Transfer:
        """Fetch a file of theirs; ``to`` is as ``path`` of ``FilesApi.accept``, ``encrypt`` as of ``FilesApi.send``.
        Errors: as ``FilesApi.request``."""

    @method
    async def fetch_folder(self, peer: JID, path: str = "", to: str = "", encrypt: str = "") -> Transfer:
        """Fetch all files below a folder of theirs, without a path all that they share, into a folder of that name; it
        is one transfer, and each file one of its own as long as it is on its way. ``to`` is a folder that is there, or
        empty for the usual one. Nothing is overwritten; a file that is there already, by its size and its hash, or its
        date where no hash is told, is left out: so what broke off is gone on with by the same call. One that is under
        way already is answered as it is. Errors: as of ``browse`` and ``fetch``; it ends with NotAllFetched,
        FolderTooLarge, NoSpace, or what keeps all of them from coming."""
