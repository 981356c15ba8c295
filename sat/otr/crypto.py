"""What python-potr asks of a cryptography library, on ``cryptography`` and the standard library (the OTR
specification, version 2, in its sections “Data types” and “Public keys, signatures, and fingerprints”).

The names in capitals are those that potr looks for.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_HALF = 20  # bytes of each of the two numbers in a signature: as many as q has
_DSA = b"\0\0"  # the type of a public key


class Digest(bytes):
    """An authentication code. Comparing it takes the same time wherever two differ; potr writes ``!=``."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, bytes) and hmac.compare_digest(bytes(self), bytes(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = bytes.__hash__

    def __getitem__(self, part: Any) -> Any:
        found = super().__getitem__(part)
        return Digest(found) if isinstance(found, bytes) else found


def SHA256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def SHA1(data: bytes) -> bytes:
    return hashlib.sha1(data).digest()  # noqa: S324 - the protocol's


def SHA256HMAC(key: bytes, data: bytes) -> Digest:
    return Digest(hmac.digest(key, data, "sha256"))


def SHA1HMAC(key: bytes, data: bytes) -> Digest:
    return Digest(hmac.digest(key, data, "sha1"))


class Counter:
    """The upper half of the counter of a stream; the lower half counts its blocks."""

    def __init__(self, prefix: int) -> None:
        self.prefix = prefix

    def inc(self) -> None:
        self.prefix += 1

    def byteprefix(self) -> bytes:
        return self.prefix.to_bytes(8, "big")


class AESCTR:
    """One text under a key and a counter."""

    def __init__(self, key: bytes, counter: Counter | int = 0) -> None:
        prefix = (Counter(counter) if isinstance(counter, int) else counter).byteprefix()
        self.encrypt = Cipher(algorithms.AES(key), modes.CTR(prefix + bytes(8))).encryptor().update

    def decrypt(self, data: bytes) -> bytes:
        return self.encrypt(data)


def getrandbits(bits: int) -> int:
    return secrets.randbits(bits)


def randrange(start: int, stop: int) -> int:
    return start + secrets.randbelow(stop - start)


def mpi(number: int) -> bytes:
    """A number on the wire."""
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return len(data).to_bytes(4, "big") + data


def read_mpi(data: bytes) -> tuple[int, bytes]:
    """A number, and what follows. Errors: ValueError when it is cut off."""
    size = int.from_bytes(data[:4], "big")
    if len(data) < 4 + size:
        raise ValueError("a number is cut off")
    return int.from_bytes(data[4 : 4 + size], "big"), data[4 + size :]


class DsaKey:
    """A long-term key, in the shape that potr wants: of somebody, or with its private part our own."""

    keyType = 0

    def __init__(self, public: dsa.DSAPublicKey, private: dsa.DSAPrivateKey | None = None) -> None:
        self._public, self._private = public, private
        numbers = public.public_numbers()
        group = numbers.parameter_numbers
        self._order = group.q
        self._payload = b"".join(map(mpi, (group.p, group.q, group.g, numbers.y)))

    @classmethod
    def parsePayload(cls, data: bytes) -> tuple[DsaKey, bytes]:
        """The public key at the beginning, and what follows. Errors: ValueError."""
        p, data = read_mpi(data)
        q, data = read_mpi(data)
        g, data = read_mpi(data)
        y, data = read_mpi(data)
        if q.bit_length() != _HALF * 8:
            raise ValueError("OTR has DSA keys with a q of 160 bits only")
        return cls(dsa.DSAPublicNumbers(y, dsa.DSAParameterNumbers(p, q, g)).public_key()), data

    def serializePublicKey(self) -> bytes:
        return _DSA + self._payload

    def fingerprint(self) -> bytes:
        return SHA1(self._payload)  # of a DSA key without its type, as it was before there were types

    def sign(self, data: bytes) -> bytes:
        if self._private is None:
            raise ValueError("this key has no private part")
        r, s = utils.decode_dss_signature(self._private.sign(self._reduced(data), _AS_IT_IS))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")

    def verify(self, data: bytes, signature: bytes) -> bool:
        if len(signature) != 2 * _HALF:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
        try:
            self._public.verify(utils.encode_dss_signature(r, s), self._reduced(data), _AS_IT_IS)
        except InvalidSignature:
            return False
        return True

    def _reduced(self, data: bytes) -> bytes:
        """OTR signs a number modulo q, where DSA (FIPS 186-4 §4.6) takes as many bits from its left as q has."""
        return (int.from_bytes(data, "big") % self._order).to_bytes(_HALF, "big")


_AS_IT_IS = utils.Prehashed(hashes.SHA1())  # noqa: S303 - nothing is hashed: it says that there are 160 bits
