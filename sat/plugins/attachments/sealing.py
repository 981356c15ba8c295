"""Encrypting files and opening them, with AES in Galois/Counter Mode (XEP-0454 §3, XEP-0448 §4, XEP-0391). A piece of
a file at a time is in memory. A whole file takes the longer the larger it is: do it in a thread. Imported when it is
used."""

from __future__ import annotations

import os
from typing import BinaryIO, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import AEADEncryptionContext, Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from sat.api.errors import FileBroken
from sat.api.messages import Attachment
from sat.core.hashes import Hashes
from sat.plugins.attachments.links import TAG, Link

PIECE = 1 << 16  # bytes


class Sealed(NamedTuple):
    """The hashes of a file as it was, and of what was made of it."""

    hashes: dict[str, str]
    sealed: dict[str, str]


class _Buffer:
    """Where pieces come out: one place for all of them. A new one for each costs the system more than the encryption,
    as it gives and takes its pages each time."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __call__(self, size: int) -> memoryview:
        """Room for so many bytes, and what the library wants behind them."""
        if len(self._bytes) < size + TAG:
            self._bytes = bytearray(size + TAG)
        return memoryview(self._bytes)


class Sealing:
    """Encrypts piece by piece; the tag goes behind the last one."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._encryptor: AEADEncryptionContext = Cipher(AES(key), GCM(iv)).encryptor()
        self._room = _Buffer()

    def update(self, piece: bytes) -> memoryview:
        """What a piece becomes; valid until the next one."""
        room = self._room(len(piece))
        return room[: self._encryptor.update_into(piece, room)]

    def finish(self) -> bytes:
        """The tag. That was all."""
        return self._encryptor.finalize() + self._encryptor.tag


class Opening:
    """Decrypts piece by piece what has its tag behind it. What has come out is worth nothing before :meth:`finish`."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._decryptor = Cipher(AES(key), GCM(iv)).decryptor()
        self._room = _Buffer()
        self._held = b""  # the last bytes, which may be the tag

    @property
    def lacks(self) -> int:
        """How many bytes must come at least before there can be a tag."""
        return TAG - len(self._held)

    def update(self, piece: bytes) -> memoryview:
        """What can be decrypted when this has come, too; valid until the next one."""
        rest: bytes | memoryview = b""
        end = len(piece) - TAG  # what is before this is no tag, nor is what was held
        if end < 0:
            data = self._held + piece
            end = max(len(data) - TAG, 0)
            first, self._held = data[:end], data[end:]
        else:
            first, rest, self._held = self._held, memoryview(piece)[:end], bytes(piece[end:])
        room = self._room(len(first) + len(rest))
        done = self._decryptor.update_into(first, room)
        done += self._decryptor.update_into(rest, room[done:])
        return room[:done]

    def finish(self, name: str) -> None:
        """That was all: whether it is what was encrypted. ``name`` is the file's. Errors: FileBroken."""
        if self.lacks:
            raise FileBroken(name=name, reason="it breaks off")
        try:
            self._decryptor.finalize_with_tag(self._held)
        except InvalidTag:
            raise FileBroken(name=name, reason="it was changed on its way, or its key is of another file") from None


def seal(source: BinaryIO, target: BinaryIO, key: bytes, iv: bytes) -> Sealed:
    """Encrypt a whole file into another one, with its tag behind. OSError comes through."""
    source.seek(0)
    sealing = Sealing(key, iv)
    inside, outside = Hashes(), Hashes()
    for piece in iter(lambda: source.read(PIECE), b""):
        inside.update(piece)
        done = sealing.update(piece)
        outside.update(done)
        target.write(done)
    tag = sealing.finish()
    outside.update(tag)
    target.write(tag)
    target.flush()
    return Sealed(inside.told(), outside.told())


def unseal(source: BinaryIO, target: BinaryIO, link: Link, about: Attachment) -> None:
    """Open a file into another one, which is worth nothing before this has returned. What is behind the size that was
    told is left out (XEP-0448 §3.2). Errors: FileBroken; OSError comes through."""
    length = source.seek(0, os.SEEK_END) - TAG
    source.seek(0)
    if length < max(about.size, 0):
        raise FileBroken(name=about.name, reason="it breaks off")
    inside, outside = Hashes(about.hashes), Hashes(about.sealed)
    opening = Opening(link.key, link.iv)
    left = about.size or length
    for piece in iter(lambda: source.read(PIECE), b""):
        outside.update(piece)
        opened = opening.update(piece)[:left]
        left -= len(opened)
        inside.update(opened)
        target.write(opened)
    opening.finish(about.name)
    _compare(about, outside, about.sealed)
    _compare(about, inside, about.hashes)


def check(file: BinaryIO, about: Attachment) -> None:
    """Look whether a file in clear is what was told. Errors: FileBroken; OSError comes through."""
    _compare(about, Hashes.of(file, about.hashes), about.hashes)


def _compare(about: Attachment, hashes: Hashes, told: dict[str, str]) -> None:
    if not hashes.are(told):
        raise FileBroken(name=about.name, reason="its hash is not the one that was told with it")
