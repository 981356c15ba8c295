"""Pages that everybody sees alike, as they are sent: rendered once, packed once, their headers made once."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from typing import NamedTuple

from twisted.web.http_headers import Headers

from sat_frontends.quick_frontend.recent import Recent

SECONDS = 60.0
"""How long a page is sent again without looking whether it is still true."""
BYTES = 16 << 20
"""Of all pages together; those that nobody has asked for longest go first."""
PACKED = 3
"""How hard gzip tries: more takes much longer, for a few percent."""
Key = tuple[str, str]
"""How the site was called, and the path with its query."""


class Shown(NamedTuple):
    """A page: its type, its bytes, the same packed with gzip, and its ETag (RFC 9110 §8.8.3). That is a weak one: it is
    the same packed or not. ``ready`` are headers for it, with the second in which they were made, by the status,
    whether they are for the packed bytes, and whether browsers trust the origin."""

    type: str
    body: bytes
    packed: bytes
    etag: str
    ready: dict[tuple[int, bool, bool], tuple[int, Headers]]

    @classmethod
    def of(cls, kind: str, body: bytes) -> Shown:
        """A page of these bytes."""
        return cls(kind, body, gzip.compress(body, PACKED, mtime=0), f'W/"{hashlib.sha256(body).hexdigest()[:16]}"', {})


class Shelf:
    """Holds pages of blogs, each under its address."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pages: Recent[Key, tuple[float, str, Shown]] = Recent(BYTES)

    def find(self, key: Key) -> Shown | None:
        """The page at an address, if it was rendered less than a minute ago and its blog has not changed."""
        found = self._pages.find(key)
        return found[2] if found is not None and self._clock() < found[0] else None

    def put(self, key: Key, name: str, shown: Shown) -> None:
        """Keep a page of the blog of that name."""
        self._pages.put(key, (self._clock() + SECONDS, name, shown), _weight(key, shown))

    def forget(self, name: str) -> None:
        """Drop all pages of a blog."""
        for key in [key for key, (_, each, _) in self._pages.items() if each == name]:
            self._pages.drop(key)


def _weight(key: Key, shown: Shown) -> int:
    return len(shown.body) + len(shown.packed) + sum(map(len, key)) + 1000  # for what holds them
