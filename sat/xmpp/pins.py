"""The name of a certificate that a person has decided to trust: its fingerprint, by SHA-256."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sat.api.errors import InvalidArgument

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_WRITTEN = re.compile(r"(?:sha-?256(?: fingerprint)?[:=])?((?:[0-9a-f]{2}[: ]?){31}[0-9a-f]{2})", re.IGNORECASE)


def fingerprint(certificate: Certificate) -> str:
    """``SHA256:`` and the digest of the whole certificate, in pairs as ``openssl x509 -fingerprint`` shows them."""
    from cryptography.hazmat.primitives.hashes import SHA256

    return _shown(certificate.fingerprint(SHA256()))


def read_pin(text: str) -> str:
    """A fingerprint as a person writes or pastes it, in the form of :func:`fingerprint`; nothing stays nothing.
    Errors: InvalidArgument."""
    text = text.strip()
    if not text:
        return ""
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise InvalidArgument(
            reason=f"“{text[:120]}” is no fingerprint; one is SHA256: and 64 hexadecimal digits, the colons in pairs or"
            " left out."
        )
    return _shown(bytes.fromhex(re.sub("[: ]", "", written[1])))


def _shown(digest: bytes) -> str:
    return f"SHA256:{digest.hex(':').upper()}"
