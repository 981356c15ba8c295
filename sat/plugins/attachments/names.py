"""How a file may be called whose name others chose."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit

LONGEST = 120  # characters; a folder takes 255 bytes
NAMELESS = "file"
_DEVICE = re.compile(r"(con|prn|aux|nul|clock\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Names that other systems have given away, whatever follows the dot: files go there on sticks and shares."""


def safe_name(name: str) -> str:
    """A name without folder, without characters that nobody sees or that turn the writing round, not hidden, and
    of no device."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in name if unicodedata.category(char)[0] != "C" and char not in "\u2028\u2029")
    shown = " ".join(shown.split()).lstrip(".- ").rstrip(". ")
    if len(shown) > LONGEST:
        stem, dot, ending = shown.rpartition(".")
        shown = f"{stem[: LONGEST - 11]}{dot}{ending}" if dot and len(ending) <= 10 else shown[:LONGEST]
    if _DEVICE.fullmatch(shown):
        shown = f"_{shown}"
    while len(shown.encode()) > 240:
        shown = shown[1:]
    return shown or NAMELESS


def name_of(url: str) -> str:
    """The name of the file at a URL."""
    return safe_name(unquote(urlsplit(url).path, errors="replace"))
