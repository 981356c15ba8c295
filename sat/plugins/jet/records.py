"""A stream that only both ends can read, and of which nothing is passed on before it is known to be what was sent.

One AES-GCM text with its tag behind (XEP-0391) is known to be right when all of it is there: for a file, which waits
for that, and not for a pipe, whose reader acts on each line. So a pipe goes in records, each with a tag. A record is
four bytes of length, whose first bit marks the last one, then up to 64 KiB encrypted, then 16 bytes of tag; the nonce
is the IV combined (XOR) with the number of the record, and the four bytes are authenticated with it. So nothing can be
changed, left out, repeated or cut off. Imported with the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sat.api.errors import PipeChanged
from sat.plugins.attachments.links import TAG

if TYPE_CHECKING:
    from sat.plugins.encryption.envelopes import Shared
    from sat.plugins.jingle.stream import Stream

MOST = 64 * 1024  # bytes of a record
_HEAD = 4  # bytes of its length
_LAST = 1 << 31
_NONCE = 12  # bytes


class RecordStream:
    """Looks like the stream inside; one direction of it is used."""

    def __init__(self, stream: Stream, secret: Shared) -> None:
        self._stream = stream
        self.way = stream.way
        self._cipher = AESGCM(secret.key)
        self._iv = int.from_bytes(secret.iv[:_NONCE])
        self._number = 0
        self._waiting = bytearray()
        self.is_whole = False
        """Whether the last record was read: that was all."""

    async def write(self, data: bytes) -> None:
        """Send some bytes. Errors: as of ``Stream.write``."""
        for start in range(0, len(data), MOST):
            await self._send(data[start : start + MOST], 0)

    async def finish(self) -> None:
        """That was all. The stream inside stays open. Errors: as of ``Stream.write``."""
        await self._send(b"", _LAST)

    async def _send(self, data: bytes, mark: int) -> None:
        head = (len(data) | mark).to_bytes(_HEAD)
        await self._stream.write(head + self._cipher.encrypt(self._nonce(), data, head))

    async def read(self) -> bytes:
        """What has come next and is what was sent; nothing at the end, which ``is_whole`` tells from breaking off.
        Errors: PipeChanged, and as of ``Stream.read``."""
        while not self.is_whole:
            head = bytes(self._waiting[:_HEAD])
            mark = int.from_bytes(head) & _LAST
            length = int.from_bytes(head) - mark
            if len(head) == _HEAD and length > MOST:
                raise PipeChanged(peer=self._stream.peer)
            if len(self._waiting) < _HEAD + length + TAG:
                data = await self._stream.read()
                if not data:
                    return b""
                self._waiting += data
                continue
            opened = self._open(bytes(self._waiting[_HEAD : _HEAD + length + TAG]), head)
            del self._waiting[: _HEAD + length + TAG]
            self.is_whole = bool(mark)
            if opened:
                return opened
        return b""

    def _open(self, record: bytes, head: bytes) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(), record, head)
        except InvalidTag:
            raise PipeChanged(peer=self._stream.peer) from None

    def _nonce(self) -> bytes:
        number, self._number = self._number, self._number + 1
        return (self._iv ^ number).to_bytes(_NONCE)
