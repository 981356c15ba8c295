"""Files from person to person, without a server that keeps them (XEP-0234)."""

from __future__ import annotations

from sat.api import JID, Api, method
from sat.api.transfers import Thumbnail, Transfer

__all__ = ["FilesApi", "Thumbnail", "Transfer"]


class FilesApi(Api):
    """Send, receive and ask for files. What happens to them is told by ``TransfersApi``: one that is offered to us has
    the state OFFERED until somebody accepts it, or declines it, or the settings do. Errors of all that ask somebody:
    NotConnected, RequestTimeout, PeerError, CannotReceive, TooManyTransfers, TooManyOpen."""

    @method
    async def send(
        self, path: str, peer: JID, name: str = "", description: str = "", encrypt: str = "", passing: bool = False
    ) -> Transfer:
        """Offer a file to somebody; to one of their programs where the address has a resource, else to the one that
        knows how to take it. ``name`` is what it is called there, empty for its own. Where what
        is written to them is encrypted, or by ``encrypt`` this is to be (the name of a method; ``none``: in clear), so
        is what is in the file, not its name and size. ``passing``: the file is removed by who sends it as soon as this
        has returned; where there is room for it, a copy is kept for a day while they may ask for the rest. Errors:
        FileUnreadable; CannotReceive where none of their programs takes files, CannotReceiveEncrypted where none can
        open it; InvalidArgument, NotInRoom, NoKeys, KeysUntrusted, CannotEncrypt."""

    @method
    async def accept(self, id: str, path: str = "") -> Transfer:
        """Take what is offered, into a folder or under the name of a file (which must not exist); empty for the folder
        of the settings. Errors: NotFound, InvalidArgument, Conflict, NoSpace, StorageError."""

    @method
    async def decline(self, id: str) -> None:
        """Do not take what is offered. Errors: NotFound."""

    @method
    async def request(self, peer: JID, name: str = "", sha256: str = "", path: str = "", encrypt: str = "") -> Transfer:
        """Ask somebody for a file that they share, by its name, or its hash in Base64. ``path`` is as for ``accept``;
        it needs no other consent. ``encrypt`` is as for ``send``. Errors: InvalidArgument, Conflict,
        CannotSendEncrypted, …; NotFound is how it ends where they have none, NotSafeEnough where they do not send it in
        clear."""

    @method
    async def resume(self, id: str) -> Transfer:
        """Go on with a file of which a part is here, encrypted if it was before; the whole is compared with its hash
        when it is there. Errors: NotFound, also where nothing of it is left; NoSpace, CannotSendEncrypted."""

    @method
    async def get_thumbnail(self, id: str) -> Thumbnail:
        """The small picture of what is offered, made anew from what its sender has sent (XEP-0264). Its transfer tells
        when it is here; nothing of it is kept once that is forgotten. Errors: NotFound."""
