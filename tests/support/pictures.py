"""Pictures for tests."""

from __future__ import annotations

import struct
import zlib


def png(
    width: int, height: int, colour: tuple[int, int, int] = (200, 40, 40), claims: tuple[int, int] = (0, 0)
) -> bytes:
    """A picture of one colour; it may claim to have another size than it has."""
    rows = (b"\0" + bytes(colour) * width) * height
    size = struct.pack(">II", *(claims if all(claims) else (width, height)))
    parts = (b"IHDR" + size + b"\x08\x02\0\0\0", b"IDAT" + zlib.compress(rows), b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in parts
    )
