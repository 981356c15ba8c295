"""A stream that only both ends can read: all that goes through it is one AES-GCM text, with its tag behind (XEP-0391).
A piece at a time is encrypted, which takes less than a millisecond. Imported with the first of them."""

from __future__ import annotations

from sat.api.errors import TransferBroken
from sat.plugins.attachments.sealing import Opening, Sealing
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.jingle.stream import Stream

LIMIT = 64 * 1024**3 - 32
"""Bytes that AES-GCM can encrypt in one text (NIST SP 800-38D §5.2.1.1)."""


class SealedStream:
    """Looks like the stream inside; one direction of it is used."""

    def __init__(self, stream: Stream, secret: Shared) -> None:
        self._stream = stream
        self.way = stream.way
        self._sealing = Sealing(secret.key, secret.iv)
        self._opening = Opening(secret.key, secret.iv)
        self._left = LIMIT

    def _count(self, data: bytes | memoryview) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise TransferBroken(peer=self._stream.peer, reason="an encrypted stream has 64 GB at most")

    async def write(self, data: bytes) -> None:
        """Send some bytes. Errors: as of ``Stream.write``."""
        self._count(data)
        await self._stream.write(self._sealing.update(data))

    async def close(self) -> None:
        """That was all: send the tag, too. Errors: as of ``Stream.write`` and ``Stream.close``."""
        await self._stream.write(self._sealing.finish())
        await self._stream.close()

    async def read(self) -> bytes:
        """What has come next; nothing at the end. It is worth nothing before :meth:`check`. Errors: as of
        ``Stream.read``."""
        while data := await self._stream.read():
            if opened := self._opening.update(data):
                self._count(opened)
                return bytes(opened)
        return b""

    async def check(self, name: str) -> None:
        """That was all that was to be read: whether it is what was sent; the rest of the tag is waited for. Errors:
        FileBroken, and as of ``Stream.read``."""
        while self._opening.lacks and (data := await self._stream.read()):
            self._opening.update(data)
        self._opening.finish(name)
