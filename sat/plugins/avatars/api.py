"""Pictures that people show of themselves (XEP-0084)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method, signal

LARGEST = 256 * 1024  # bytes of a picture


class Shown(NamedTuple):
    """Who shows a picture, and its SHA-1 as 40 hexadecimal digits: another picture has another."""

    jid: JID
    id: str


class Picture(NamedTuple):
    """A picture: ``type`` is image/png, image/jpeg, image/webp or image/gif, as its first bytes say."""

    id: str
    type: str
    data: bytes


class AvatarsApi(Api):
    """See the pictures of contacts, and show one (XEP-0084)."""

    changed = signal(list[Shown], "Who shows another picture now; an empty id: none any more.")

    @method
    async def get_shown(self) -> list[Shown]:
        """Whose pictures are here: those of contacts, and our own."""

    @method
    async def get_picture(self, jid: JID) -> Picture:
        """The picture of a contact, or our own. Errors: NotFound."""

    @method
    async def set_own(self, data: bytes) -> None:
        """Show this picture to contacts; empty for none. Errors: InvalidArgument, NotConnected, FeatureMissing,
        PeerError, RequestTimeout."""
