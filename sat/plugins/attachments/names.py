"""How a file may be called whose name others chose."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote, urlsplit

LONGEST = 120  # characters; a folder takes 255 bytes
NAMELESS = "file"


def safe_name(name: str) -> str:
    """A name without folder, without characters that nobody sees or that turn the writing round, and not hidden."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in name if unicodedata.category(char)[0] != "C" and char not in "\u2028\u2029")
    shown = " ".join(shown.split()).lstrip(".- ").rstrip(". ")
    if len(shown) > LONGEST:
        stem, dot, ending = shown.rpartition(".")
        shown = f"{stem[: LONGEST - 11]}{dot}{ending}" if dot and len(ending) <= 10 else shown[:LONGEST]
    while len(shown.encode()) > 240:
        shown = shown[1:]
    return shown or NAMELESS


def name_of(url: str) -> str:
    """The name of the file at a URL."""
    return safe_name(unquote(urlsplit(url).path, errors="replace"))
