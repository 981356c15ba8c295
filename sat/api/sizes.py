"""Numbers of bytes, for people."""

from __future__ import annotations


def shown(size: float) -> str:
    """A number of bytes, rounded: 512 bytes, 96 KB, 1.4 MB (of 1024 each)."""
    if size < 1024:
        return f"{size:.0f} byte" if size == 1 else f"{size:.0f} bytes"
    for unit in ("KB", "MB", "GB"):
        size /= 1024
        if size < 999.5 or unit == "GB":
            return f"{size:.1f} {unit}" if size < 9.95 else f"{size:.0f} {unit}"
    raise AssertionError("there is a largest unit")
