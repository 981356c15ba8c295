"""What a profile's open pages have to be told, numbered, with the latest kept for those who were away a moment."""

from __future__ import annotations

import json
import secrets
from collections import deque

from sat.api import Signal

KEPT = 500
KEPT_BYTES = 2 << 20


class Feed:
    """A numbered stream of fragments. ``epoch`` tells streams apart: numbers of another one mean nothing."""

    def __init__(self) -> None:
        self.epoch = secrets.token_urlsafe(6)
        self.seq = 0
        self.published: Signal[None] = Signal()
        self._ring: deque[tuple[int, str]] = deque()
        self._bytes = 0

    def publish(self, topic: str, op: str, html: str = "", **more: object) -> None:
        """Tell all pages: do ``op`` with ``html`` in what shows ``topic``."""
        self.seq += 1
        event = {"seq": self.seq, "topic": topic, "op": op, "html": html, **more}
        line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        self._ring.append((self.seq, line))
        self._bytes += len(line)
        while len(self._ring) > KEPT or self._bytes > KEPT_BYTES:
            self._bytes -= len(self._ring.popleft()[1])
        self.published.emit(None)

    def since(self, seq: int) -> list[tuple[int, str]] | None:
        """What came after ``seq``, or None when a part of it is no longer kept."""
        if seq > self.seq or seq < 0:
            return None
        if seq == self.seq:
            return []
        if not self._ring or self._ring[0][0] > seq + 1:
            return None
        return [entry for entry in self._ring if entry[0] > seq]
