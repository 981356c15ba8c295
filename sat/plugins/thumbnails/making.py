"""Small pictures, made of larger ones: ours before they are told of, and those of others before they are shown. Nothing
but the pixels is taken over. Blocks, so it runs in threads; imported with the first of them."""

from __future__ import annotations

import os
from io import BytesIO
from typing import BinaryIO

from sat.api.transfers import Thumbnail
from sat.core.pictures import look
from sat.plugins.attachments.reading import BEGINNING, WIDEST

SIDE = 128  # pixels at most (XEP-0264 §5)
TYPE = "image/jpeg"
LARGEST = 8 * 1024  # bytes that one of ours should have (XEP-0231 §2.1)
FROM_OTHERS = 1_000_000  # pixels of what others call a small picture
OURS = 50_000_000  # of a file of ours
UNPACKED = 16_000_000  # that are in memory at a time, with four bytes each: a JPEG is read at a fraction of its size
QUALITIES = (80, 60, 40)  # of a JPEG; the first one that is small enough
OF_OTHERS = ("PNG", "JPEG", "WEBP")  # what is told of a film can make a frame of any size: no GIF
ALL = (*OF_OTHERS, "GIF")


def of_file(descriptor: int) -> Thumbnail:
    """A small picture of a file of ours, which stands at its beginning then. Errors: ValueError, OSError."""
    try:
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return _made(file, OURS, ALL)
    finally:
        os.lseek(descriptor, 0, os.SEEK_SET)


def of_data(data: bytes) -> Thumbnail:
    """A small picture of somebody else, made anew. Errors: ValueError, whose text is a sentence."""
    return _made(BytesIO(data), FROM_OTHERS, OF_OTHERS)


def _made(file: BinaryIO, pixels: int, formats: tuple[str, ...]) -> Thumbnail:
    file.seek(0)
    size = look(file.read(BEGINNING), WIDEST)
    if size.width * size.height > pixels:
        raise ValueError(f"It has {size.width} × {size.height} pixels.")
    file.seek(0)
    try:
        return _drawn(file, pixels, formats)
    except Exception as error:  # whatever a decoder makes of what others sent
        raise ValueError(f"It cannot be read: {error}") from None


def _drawn(file: BinaryIO, pixels: int, formats: tuple[str, ...]) -> Thumbnail:
    from PIL import Image, ImageOps

    with Image.open(file, formats=formats) as picture:
        if picture.width * picture.height > pixels:  # its inside may tell another size than its beginning
            raise ValueError("its size is told twice")
        picture.draft("RGB", (2 * SIDE, 2 * SIDE))
        if picture.width * picture.height > UNPACKED:
            raise ValueError("it is too large")
        seen = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    seen.thumbnail((SIDE, SIDE))
    seen = ImageOps.exif_transpose(seen)
    plain = Image.new("RGB", seen.size, "white")  # without what the file has told beside its pixels
    plain.paste(seen, mask=seen if seen.mode == "RGBA" else None)
    data = b""
    for quality in QUALITIES:
        made = BytesIO()
        plain.save(made, "JPEG", quality=quality, optimize=True)
        data = made.getvalue()
        if len(data) <= LARGEST:
            break
    return Thumbnail(TYPE, *plain.size, data)
