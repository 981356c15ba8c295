"""Hashes of files (XEP-0300): those of several algorithms, taken at the same time as the file passes."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO, Self

KNOWN: dict[str, Callable[[], Any]] = {  # hashlib says nothing of the type
    "sha-256": hashlib.sha256,
    "sha-384": hashlib.sha384,
    "sha-512": hashlib.sha512,
    "sha3-256": hashlib.sha3_256,
    "sha3-512": hashlib.sha3_512,
    "blake2b-256": lambda: hashlib.blake2b(digest_size=32),
    "blake2b-512": hashlib.blake2b,
    "id-blake2b256": lambda: hashlib.blake2b(digest_size=32),
    "id-blake2b512": hashlib.blake2b,
}
"""What is looked at, by name; the rest (MD5, SHA-1) proves nothing."""

PIECE = 256 * 1024  # bytes read at once
OURS = ("sha-256",)
"""What we tell of files of ours."""


class Hashes:
    """Those of one file, by these algorithms as far as they are known."""

    def __init__(self, algorithms: Iterable[str] = OURS) -> None:
        self._digests = {name: KNOWN[name]() for name in algorithms if name in KNOWN}

    @classmethod
    def of(cls, file: BinaryIO, algorithms: Iterable[str] = OURS) -> Self:
        """Those of a whole file. OSError comes through."""
        hashes = cls(algorithms)
        file.seek(0)
        for piece in iter(lambda: file.read(PIECE), b""):
            hashes.update(piece)
        return hashes

    def update(self, data: bytes | memoryview) -> None:
        """The next piece of the file."""
        for each in self._digests.values():
            each.update(data)

    def told(self) -> dict[str, str]:
        """They as they are told."""
        return {name: b64encode(each.digest()).decode() for name, each in self._digests.items()}

    def are(self, told: dict[str, str]) -> bool:
        """Whether they are what was told, as far as it was."""
        return all(_bytes(told[name]) == each.digest() for name, each in self._digests.items() if name in told)


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Error, ValueError):
        return b""
