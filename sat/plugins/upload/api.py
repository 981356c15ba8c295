"""Files put on the server's storage, to be read by those who know their address (XEP-0363)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import JID, Api, method
from sat.api.transfers import Transfer
from sat.api.values import ANYBODY

__all__ = ["Purpose", "Storage", "Transfer", "UploadApi"]


class Purpose(StrEnum):
    """What a file is put there for, by which a service may decide how long it keeps it (XEP-0363 §7)."""

    MESSAGE = "message"
    PROFILE = "profile"
    PERMANENT = "permanent"
    EPHEMERAL = "ephemeral"


class Storage(NamedTuple):
    """A service that takes files, how large they may be in bytes (0: it does not say), and which purposes it knows."""

    jid: JID
    limit: int = 0
    purposes: list[Purpose] = []  # noqa: RUF012 - a named tuple's default, never changed


class UploadApi(Api):
    """Send files by putting them on the server (XEP-0363)."""

    @method
    async def get_storage(self) -> Storage:
        """Where files can be put. Errors: FeatureMissing, NotConnected, PeerError, RequestTimeout."""

    @method
    async def upload(
        self,
        path: str,
        peer: JID = ANYBODY,
        name: str = "",
        reply: str = "",
        purpose: Purpose = Purpose.MESSAGE,
        seconds: int = 0,
        encrypt: str = "",
    ) -> Transfer:
        """Begin to put a file there; with a peer, a message tells them of it when it is there. ``TransfersApi`` tells
        how far it has come, in the end with its ``attachment`` and the id of that ``message``. ``name`` is what it is
        called there, empty for its own. An EPHEMERAL one is gone after so many ``seconds``, at the latest. Where what
        is written to the peer is encrypted, or by ``encrypt`` this is to be (the name of a method; ``none``: in clear),
        so is the file: then nobody but who gets the message can read it, and it has another name there. Errors:
        FileUnreadable, FileTooLarge, FeatureMissing (also for a purpose that the service does not know),
        InvalidArgument, NotConnected, NotInRoom, PeerError, RequestTimeout, TooManyTransfers, UploadLater,
        UploadRefused; NoKeys, CannotEncrypt."""
