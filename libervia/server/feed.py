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
        self._lost = 0  # the number of the last that is not kept any more
        self._latest: dict[str, tuple[int, str]] = {}

    def publish(self, topic: str, op: str, html: str = "", *, replaces: str = "", **more: object) -> None:
        """Tell all pages: do ``op`` with ``html`` in what shows ``topic``. It ``replaces`` what was told under that
        name before: who was away needs only the latest of what goes on and on."""
        self.seq += 1
        event = {"seq": self.seq, "topic": topic, "op": op, "html": html, **more}
        line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        entry = self.seq, line
        if replaces:
            if (before := self._latest.pop(replaces, entry)) in self._ring:
                self._ring.remove(before)
                self._bytes -= len(before[1])
            self._latest[replaces] = entry
            while len(self._latest) > KEPT:
                del self._latest[next(iter(self._latest))]
        self._ring.append(entry)
        self._bytes += len(line)
        while len(self._ring) > KEPT or self._bytes > KEPT_BYTES:
            self._lost, gone = self._ring.popleft()
            self._bytes -= len(gone)
        self.published.emit(None)

    def since(self, seq: int) -> list[tuple[int, str]] | None:
        """What came after ``seq``, or None when a part of it is no longer kept."""
        if seq > self.seq or seq < 0:
            return None
        if seq == self.seq:
            return []
        if seq < self._lost:
            return None
        return [entry for entry in self._ring if entry[0] > seq]
