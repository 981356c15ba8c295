"""Files put on the server's storage, to be read by those who know their address (XEP-0363)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import JID, Api, method, signal
from sat.api.errors import SatError, error_named
from sat.api.messages import Attachment
from sat.api.values import ANYBODY

__all__ = ["Attachment", "Purpose", "Storage", "Transfer", "TransferState", "UploadApi"]


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


class TransferState(StrEnum):
    """How far a file has come."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Transfer(NamedTuple):
    """A file on its way to the server: ``sent`` of ``size`` bytes, for a conversation or for nobody in particular. One
    that is DONE has an ``attachment``, and the id of the ``message`` that tells of it. One that FAILED has an error
    and its details (see ``sat.api.errors``)."""

    id: str
    name: str
    size: int
    sent: int = 0
    state: TransferState = TransferState.RUNNING
    peer: JID = ANYBODY
    attachment: list[Attachment] = []  # noqa: RUF012 - a named tuple's default, never changed
    message: str = ""
    error: str = ""
    details: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never changed

    @property
    def fault(self) -> SatError | None:
        """Why it failed; None where it did not."""
        return error_named(self.error, self.details) if self.error else None


class UploadApi(Api):
    """Send files by putting them on the server (XEP-0363)."""

    changed = signal(Transfer, "A file has come further, a few times a second at most.")

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
    ) -> Transfer:
        """Begin to put a file there; with a peer, a message tells them of it when it is there. ``name`` is what it is
        called there, empty for its own. An EPHEMERAL one is gone after so many ``seconds``, at the latest. Errors:
        FileUnreadable, FileTooLarge, FeatureMissing (also for a purpose that the service does not know),
        InvalidArgument, NotConnected, NotInRoom, PeerError, RequestTimeout, TooManyTransfers, UploadLater,
        UploadRefused."""

    @method
    async def finish(self, id: str) -> Transfer:
        """Wait for the end. Errors: NotFound; why it failed; Cancelled."""

    @method
    async def cancel(self, id: str) -> None:
        """Give it up. Errors: NotFound."""
