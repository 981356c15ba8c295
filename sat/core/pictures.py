"""What a picture is, by its first bytes alone: nothing of what others sent is decoded here."""

from __future__ import annotations

import struct
from typing import NamedTuple

WIDEST = 4096  # pixels in either direction; what shows it needs four bytes for each
_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG's start of a frame (ITU-T T.81, table B.1)


class Size(NamedTuple):
    """The type of a picture and its size in pixels."""

    type: str
    width: int
    height: int


def look(data: bytes, widest: int = WIDEST) -> Size:
    """What sort of picture this is. ValueError, as a sentence, where it is none of the four sorts or too large."""
    try:
        size = _look(data)
    except (struct.error, IndexError):
        size = None
    if size is None:
        raise ValueError("It is no PNG, JPEG, WebP or GIF picture.")
    if not (0 < size.width <= widest and 0 < size.height <= widest):
        raise ValueError(f"It has {size.width} × {size.height} pixels; {widest} × {widest} are possible.")
    return size


def _look(data: bytes) -> Size | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return Size("image/png", *struct.unpack_from(">II", data, 16))
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return Size("image/gif", *struct.unpack_from("<HH", data, 6))
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _jpeg(data: bytes) -> Size | None:
    place = 2
    while data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:  # a byte that fills up
            place += 1
            continue
        if marker in _MARKERS:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return Size("image/jpeg", width, height)
        (length,) = struct.unpack_from(">H", data, place + 2)
        place += 2 + length
    return None


def _webp(data: bytes) -> Size | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[place : place + 3], "little") + 1 for place in (24, 27))
        return Size("image/webp", width, height) if len(data) >= 30 else None
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return Size("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return Size("image/webp", width & 0x3FFF, height & 0x3FFF)
    return None
