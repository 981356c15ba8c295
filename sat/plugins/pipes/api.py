"""Pipes between people: what one program writes, another one reads at a contact's."""

from __future__ import annotations

from sat.api import JID, Api, Pipe, method
from sat.api.transfers import Transfer

__all__ = ["Pipe", "PipesApi", "Transfer"]


class PipesApi(Api):
    """Connect a file descriptor here with one there; each waits where the other is slower. ``TransfersApi`` tells what
    happens: DONE when all has come through and the other side has said so; CANCELLED when who reads has closed the
    pipe, or somebody gave it up. No person is asked: nothing comes through before a program here waits for it."""

    @method
    async def out(self, peer: JID, pipe: Pipe, name: str = "", encrypt: str = "") -> Transfer:
        """Read from a pipe to its end, for somebody who receives it; to the program of theirs that waits for one where
        the address has no resource. The name is theirs to read. Where what is written to them is encrypted, or by
        ``encrypt`` this is to be (the name of a method; ``none``: in clear), so is what goes through, not the name.
        Errors: NotConnected, NobodyWaits, CannotReceiveEncrypted, TooManyTransfers; InvalidArgument, NoKeys,
        KeysUntrusted."""

    @method
    async def receive(self, peers: list[JID], pipe: Pipe, name: str = "", encrypt: str = "") -> Transfer:
        """Wait for one of these to send a pipe, of that name if one is given, and write what comes; nobody named:
        anybody of the contact list. It is closed at the end. Where what is written to who sends is encrypted, or by
        ``encrypt`` this has to be (``none``: need not be), no pipe in clear is taken. Of an encrypted one nothing is
        written that was changed on its way: it ends with PipeChanged. Errors: TooManyTransfers."""
