"""Files and pipes on their way: one object for each, whichever way it goes and whoever began it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api.errors import SatError, error_named
from sat.api.messages import Attachment
from sat.api.values import ANYBODY, JID


class Direction(StrEnum):
    """Whether something leaves or comes."""

    SEND = "send"
    RECEIVE = "receive"


class Way(StrEnum):
    """How it goes: to the server's storage (XEP-0363) or from the web, over a connection of its own (XEP-0260) or
    inside the stream (XEP-0261); UNDECIDED as long as nothing is agreed upon."""

    UNDECIDED = ""
    UPLOAD = "upload"
    DOWNLOAD = "download"
    SOCKS5 = "socks5"
    IN_BAND = "in-band"


class TransferState(StrEnum):
    """How far it has come. OFFERED: it waits for a person, here or there; CHECKING: all is there, and is compared with
    its hash. The last three are ends."""

    OFFERED = "offered"
    CONNECTING = "connecting"
    RUNNING = "running"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDS = frozenset((TransferState.DONE, TransferState.FAILED, TransferState.CANCELLED))


class Thumbnail(NamedTuple):
    """A small picture of a file, of at most 128 pixels on a side: its media type, its size in pixels, and its bytes."""

    type: str
    width: int
    height: int
    data: bytes


class Transfer(NamedTuple):
    """Something on its way: ``moved`` of ``size`` bytes (0: nobody knows how many), from or to a ``peer`` or nobody in
    particular. ``name`` is made harmless, as a file can be called. ``path`` is where the file is that is sent, or where
    the received one was put; ``quarantined``: into the folder for what could be run. ``description`` is what its
    sender says of it. ``hashes`` are by algorithm, in Base64 (XEP-0300). ``attachment`` and ``message`` are where it
    was put on the server and the id of the message that tells or has told of it. ``partial``: it broke off and the
    part that is here can be gone on with. ``encrypted``: who carries it cannot read it. ``begun`` and ``ended`` are in
    seconds since 1970, 0.0 before the end. One that FAILED or was CANCELLED, here or there, has an ``error`` and its
    ``details`` (``sat.api.errors``). ``thumbnail``: a small picture of it is here (``FilesApi.get_thumbnail``).
    ``folder``: it is a whole folder, of so many ``files``: some ``came``, some are ``known``, as they were here before,
    and some ``failed``; ``size`` is that of those that are to come. Each of them is a transfer of its own while it is
    on its way, or when it failed: ``within`` the one of that id.
    """

    id: str
    direction: Direction
    name: str
    size: int = 0
    moved: int = 0
    state: TransferState = TransferState.RUNNING
    way: Way = Way.UNDECIDED
    peer: JID = ANYBODY
    path: str = ""
    type: str = ""
    description: str = ""
    hashes: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never changed
    attachment: list[Attachment] = []  # noqa: RUF012
    message: str = ""
    partial: bool = False
    quarantined: bool = False
    encrypted: bool = False
    pipe: bool = False
    begun: float = 0.0
    ended: float = 0.0
    error: str = ""
    details: dict[str, str] = {}  # noqa: RUF012
    thumbnail: bool = False
    folder: bool = False
    files: int = 0
    came: int = 0
    known: int = 0
    failed: int = 0
    within: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDS

    @property
    def asks(self) -> bool:
        """Whether it waits for a person here: to take it, or not."""
        return self.state is TransferState.OFFERED and self.direction is Direction.RECEIVE and not self.pipe

    @property
    def is_told(self) -> bool:
        """Whether a person wants to see it by itself: of a folder's files only those that did not come."""
        return not self.within or self.partial or self.state is TransferState.FAILED

    @property
    def is_pictured(self) -> bool:
        """Whether a small picture of it is to be shown: not of what nobody wanted, and not beside what could be run,
        which would look harmless then."""
        return self.thumbnail and not self.quarantined and self.state is not TransferState.CANCELLED

    @property
    def fault(self) -> SatError | None:
        """Why it failed or was given up; None where it was not."""
        return error_named(self.error, self.details) if self.error else None
