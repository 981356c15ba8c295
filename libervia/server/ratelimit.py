"""Slowing down who guesses: each failure doubles the wait (ASVS 2.2.1). And who asks for much, by any means."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic
from typing import NamedTuple

LONGEST = 60.0
"""Longest wait in seconds: a stranger must not be able to lock somebody out for long."""
FORGET = 3600.0
"""After so many quiet seconds the failures of a key are forgotten."""
KEYS = 10_000


class _Record(NamedTuple):
    failures: int
    until: float
    last: float


class Backoff:
    """Counts failures by key and says how long the next try has to wait: 1, 2, 4 … seconds after ``free`` failures.

    A try counts as failed from its start until it is taken back, so that many tries at once gain nothing. Only itself
    is taken back, never those before it: who guesses must not gain by a good log-in of their own in between. Keys are
    bounded in number; the oldest are forgotten first.
    """

    def __init__(self, free: int = 0, clock: Callable[[], float] = monotonic) -> None:
        self._free, self._clock = free, clock
        self._records: OrderedDict[Hashable, _Record] = OrderedDict()

    def wait(self, key: Hashable) -> float:
        """Seconds until the next try is let through; 0 is now."""
        record = self._records.get(key)
        return max(0.0, record.until - self._clock()) if record else 0.0

    def attempt(self, key: Hashable) -> Callable[[], None]:
        """Count a try; what is returned takes it back, if it was a good one."""
        now = self._clock()
        before = self._records.pop(key, None)
        failures = 1 + (before.failures if before and now - before.last < FORGET else 0)
        counted = failures - self._free
        delay = min(LONGEST, 2.0 ** min(counted - 1, 20)) if counted > 0 else 0.0
        made = self._records[key] = _Record(failures, now + delay, now)
        while len(self._records) > KEYS:
            self._records.popitem(last=False)
        return lambda: self._take_back(key, made, before)

    def _take_back(self, key: Hashable, made: _Record, before: _Record | None) -> None:
        record = self._records.get(key)
        if record is made and before is None:
            del self._records[key]
        elif record is made and before is not None:
            self._records[key] = before
        elif record is not None:  # others have begun since
            self._records[key] = record._replace(failures=record.failures - 1)


class Allowance:
    """So much at once, and then so much a second, for each key. Keys are bounded in number, as above."""

    def __init__(self, at_once: int, a_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._at_once, self._a_second, self._clock = at_once, a_second, clock
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable) -> int:
        """Take one, if there is one; else in how many seconds there is."""
        now = self._clock()
        left, last = self._left.pop(key, (float(self._at_once), now))
        left = min(float(self._at_once), left + (now - last) * self._a_second)
        allowed = left >= 1
        self._left[key] = (left - allowed, now)
        while len(self._left) > KEYS:
            self._left.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) / self._a_second)
