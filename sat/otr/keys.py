"""Our own long-term keys, and how fingerprints are written."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from sat.otr.crypto import DsaKey

_BITS = 1024  # what every OTR program takes


def new_private_key() -> bytes:
    """A new key, serialised (PKCS #8) for a place where secrets are kept. It takes 50 ms, or seconds on a slow machine:
    call it in a thread. OpenSSL lets others run meanwhile."""
    return dsa.generate_private_key(_BITS).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def read_private_key(data: bytes) -> DsaKey:
    """What ``new_private_key`` has made. Errors: ValueError for anything else."""
    key = load_der_private_key(data, None)
    if not isinstance(key, dsa.DSAPrivateKey):
        raise ValueError("this is not a key for OTR")
    return DsaKey(key.public_key(), key)


def fingerprint(key: DsaKey) -> str:
    """A key's fingerprint: 40 small hexadecimal digits. Fingerprints are stored and compared in this form."""
    return key.fingerprint().hex()


def readable(fingerprint: str) -> str:
    """A fingerprint as people compare it: five groups of capitals, as every OTR program shows it."""
    return " ".join(fingerprint[at : at + 8].upper() for at in range(0, 40, 8))
