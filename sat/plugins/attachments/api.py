"""The files that come with messages, fetched."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method
from sat.api.messages import Attachment

__all__ = ["LARGEST", "Attachment", "AttachmentsApi", "Fetched"]

LARGEST = 100 * 1024 * 1024  # bytes of a file that a person wants
LARGEST_PICTURE = 5 * 1024 * 1024  # bytes of one that is fetched unasked


class Fetched(NamedTuple):
    """A file that is here. ``path`` is where, for reading only: it goes when room is needed. ``name`` is how it may be
    called in a folder. ``type`` is what its first bytes say: image/png, image/jpeg, image/webp, image/gif, or
    application/octet-stream for all else; pictures have a size in pixels."""

    path: str
    name: str
    type: str
    size: int
    width: int = 0
    height: int = 0

    @property
    def is_picture(self) -> bool:
        """Whether it is one that can be shown."""
        return self.width > 0


class AttachmentsApi(Api):
    """Fetch the files that come with messages (XEP-0066); ``number`` counts those of one message, from 0."""

    @method
    async def get_picture(self, message: str, number: int = 0) -> Fetched:
        """A picture, to be shown unasked: only where the settings say so, and not from the local network. Errors:
        NotFound, PictureHidden, FileTooLarge, WebError, StorageError."""

    @method
    async def get_picture_of(self, author: JID, url: str) -> Fetched:
        """The same of a post, by its address; ``author`` is who has surely written it, empty where nobody is. Errors
        also: InvalidArgument."""

    @method
    async def get_file(self, message: str, number: int = 0) -> Fetched:
        """A file that a person wants; ``TransfersApi`` tells how far it has come, and can give it up. Errors: NotFound,
        FileTooLarge, WebError, StorageError, Cancelled."""

    @method
    async def get_url(self, url: str) -> Fetched:
        """The same, by its address. Errors: InvalidArgument, FileTooLarge, WebError, StorageError, Cancelled."""
