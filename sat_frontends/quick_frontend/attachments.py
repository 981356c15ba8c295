"""Files that come with messages, as words."""

from __future__ import annotations

from sat.api.messages import Attachment
from sat.api.sizes import shown

SIGN = "▤"
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def described(attachment: Attachment, width: int = 0, height: int = 0, size: int = 0) -> str:
    """``fosdem.png 1280×720 96 KB``, with what is known; the numbers are what was found when it was fetched."""
    width, height, size = width or attachment.width, height or attachment.height, size or attachment.size
    pixels = f"{width}×{height}" if width and height else ""
    bytes_ = shown(size) if size else ""
    name = attachment.name or attachment.url
    about = f"“{attachment.description}”" if attachment.description else ""
    return " ".join(filter(None, (name, pixels, bytes_, about)))


def looks_like_picture(attachment: Attachment) -> bool:
    """Whether it is worth fetching to be shown: what it is shows only then."""
    return attachment.type.startswith("image/") or attachment.name.lower().endswith(PICTURES)
