"""The hash of what goes through an encrypted stream, told so that only who has its key can compare it: a hash in clear
would tell who carries it which file that is. A namespace of ours: XEP-0391 has nothing for that."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error

from sat.core.hashes import OURS
from sat.plugins.encryption.envelopes import Shared

NS = "https://salut-a-toi.org/protocol/jet-proof"
"""Also what programs announce that tell and compare such hashes."""


def proof(secret: Shared, hashes: dict[str, str]) -> str:
    """What is told instead of the hashes of a file (in Base64, by algorithm); nothing where ours is not among them. It
    is HMAC-SHA-256 of the SHA-256, keyed by what HMAC-SHA-256 makes of the stream's key, this namespace and its IV: the
    key itself is used for the stream only."""
    digest = _bytes(hashes.get(OURS[0], ""))
    if not digest:
        return ""
    key = hmac.digest(secret.key, NS.encode() + b"\0" + secret.iv, "sha256")
    return b64encode(hmac.digest(key, digest, "sha256")).decode()


def proves(told: str, secret: Shared, hashes: dict[str, str]) -> bool:
    """Whether somebody who has the key says that these are the hashes."""
    expected = proof(secret, hashes)
    return bool(expected) and hmac.compare_digest(_bytes(told), _bytes(expected))


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Error, ValueError):
        return b""
