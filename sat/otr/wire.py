"""The bodies of messages: which of them belong to OTR, and their fragments (OTR version 2, “The protocol”)."""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

PIECE = 65_536  # characters of a fragment, ours and those of others
PIECES = 100  # fragments of a message, at most

QUERY = "?OTRv2?\nI would like to talk in private, with OTR. Your program does not seem to know it."
_QUERY = re.compile(r"\?OTR(\?(?!v)|\??v([0-9A-Za-z]{0,20})\?)")
_FRAGMENT = re.compile(r"\?OTR,0*([0-9]{1,5}),0*([0-9]{1,5}),([^,]*),", re.ASCII)
_ERROR = "?OTR Error:"
_DATA = "?OTR:"
_TAG = " \t  \t\t\t\t \t \t \t  "
_TAGS = re.compile(f"{_TAG}((?:[ \t]{{8}})*)")
_TEXT = 0x03
_TAG_V2 = "  \t\t  \t "


class Plain(NamedTuple):
    """A text; ``offer`` when its sender has hidden in it that their program knows our version."""

    text: str
    offer: bool = False


class Query(NamedTuple):
    """Somebody would like to begin; ``usable`` when our version is among theirs."""

    usable: bool


class Error(NamedTuple):
    """Something went wrong over there."""

    text: str


class Fragment(NamedTuple):
    """A part of a message: which, of how many."""

    number: int
    total: int
    piece: str


class Encoded(NamedTuple):
    """A message of the protocol."""

    version: int
    kind: int
    payload: bytes
    """Still in base64, as potr takes it."""


class Malformed(NamedTuple):
    """It looks like OTR, and is none."""


Body = Plain | Query | Error | Fragment | Encoded | Malformed


def read(body: str) -> Body:
    """What a body is. OTR's own is known by its beginning; what others write about ``?OTR`` is a text."""
    text = body.lstrip()
    if not text.startswith("?OTR"):
        return _tagged(body)
    if found := _QUERY.match(text):
        return Query("2" in (found[2] or ""))
    if text.startswith(_ERROR):
        return Error(text[len(_ERROR) :].strip())
    if text.startswith(("?OTR,", "?OTR|")):  # the second is version 3's
        return _fragment(text)
    return _encoded(text) if text.startswith(_DATA) else Plain(body)


def is_ours(body: str) -> bool:
    """Whether there is anything of OTR in a body."""
    return _TAG in body or body.lstrip().startswith("?OTR")


def is_text(message: Encoded) -> bool:
    """Whether it holds what somebody has written; the others only exchange keys."""
    return message.kind == _TEXT


def _tagged(body: str) -> Plain:
    found = _TAGS.search(body)
    if found is None:
        return Plain(body)
    versions = [found[1][at : at + 8] for at in range(0, len(found[1]), 8)]
    return Plain(body[: found.start()] + body[found.end() :], _TAG_V2 in versions)


def _fragment(text: str) -> Fragment | Malformed:
    found = _FRAGMENT.fullmatch(text.rstrip())
    return Fragment(int(found[1]), int(found[2]), found[3]) if found else Malformed()


def _encoded(text: str) -> Encoded | Malformed:
    code, end, _ = text[len(_DATA) :].partition(".")
    if not end or len(text) > PIECE * PIECES:
        return Malformed()
    try:
        data = binascii.a2b_base64(code.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        return Malformed()
    # Three bytes are four characters, so what follows them stands by itself.
    return Encoded(int.from_bytes(data[:2], "big"), data[2], code[4:].encode()) if len(data) >= 3 else Malformed()


def split(message: str, size: int = PIECE) -> list[str]:
    """A message in as many bodies as it takes. Errors: ValueError when these were too many."""
    if len(message) <= size:
        return [message]
    room = size - len("?OTR,65535,65535,,")
    pieces = [message[at : at + room] for at in range(0, len(message), room)]
    if len(pieces) > PIECES:
        raise ValueError(f"{len(pieces)} fragments are too many")
    return [f"?OTR,{number},{len(pieces)},{piece}," for number, piece in enumerate(pieces, 1)]


class Assembler:
    """Puts fragments together. It keeps one message at a time, and never more than is allowed."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._total = 0

    def add(self, fragment: Fragment) -> str | Malformed | None:
        """The message when this was its last fragment, nothing while some are missing. One that does not follow the
        last takes away what was there, as the specification wants it."""
        number, total, piece = fragment
        if number == 1 and 1 <= total <= PIECES:
            self._pieces, self._total = [], total
        fits = number == len(self._pieces) + 1 and total == self._total and len(piece) <= PIECE
        if not fits or number > total:
            self.clear()
            return Malformed()
        self._pieces.append(piece)
        if number < total:
            return None
        message = "".join(self._pieces)
        self.clear()
        return message

    def clear(self) -> None:
        """Forget what is not whole."""
        self._pieces, self._total = [], 0
