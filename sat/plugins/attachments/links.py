"""Addresses of encrypted files that hold their keys (XEP-0454)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api.messages import SEALED

KEY = 32  # bytes, of AES-256
IV = 12  # bytes
IVS = (IV, 16)  # bytes; older programs write the longer ones
TAG = 16  # bytes that an encrypted file has more than the file
_WEB = "https://"


class Link(NamedTuple):
    """Where an encrypted file is, and what opens it. ``url`` is the address for the server, without the key."""

    url: str
    key: bytes
    iv: bytes

    def __str__(self) -> str:
        """It as one address. It is secret."""
        return f"{SEALED}{self.url.removeprefix(_WEB)}#{self.iv.hex()}{self.key.hex()}"

    def __repr__(self) -> str:
        """It without the key: this may come into a log."""
        return f"Link({self.url!r})"


def new_link(url: str, key: bytes, iv: bytes) -> Link:
    """A link, if it can be one. Errors: ValueError, whose text fits into a sentence and names no key."""
    from sat.xmpp.web import checked_url

    if not url.startswith(_WEB):
        raise ValueError("it is not at a place that is asked over HTTPS")
    if "#" in url:
        raise ValueError("its address has a part that servers are not told")
    if len(key) != KEY or len(iv) not in IVS:
        raise ValueError("its key has not the length that it must have")
    return Link(checked_url(url), key, iv)


def read_link(text: str) -> Link:
    """The link of a text. Errors: ValueError, as above."""
    address, _, fragment = text.partition("#")
    if not address.startswith(SEALED):
        raise ValueError("it is no address of an encrypted file")
    try:
        secret = bytes.fromhex(fragment) if fragment.isalnum() and fragment.isascii() else b""
    except ValueError:
        secret = b""
    if not secret:
        raise ValueError("its key is missing, or is none")
    return new_link(_WEB + address.removeprefix(SEALED), secret[-KEY:], secret[:-KEY])
