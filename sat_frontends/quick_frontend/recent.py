"""What was made lately, and may be wanted again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Things, each with its size, up to ``most`` in all; those that were not wanted for longest go first."""

    def __init__(self, most: int) -> None:
        self._most, self.size = most, 0
        self._known: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def find(self, key: K) -> V | None:
        """One of them, if it is still there."""
        found = self._known.get(key)
        if found is None:
            return None
        self._known.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep one, in the place of another of that name."""
        self.drop(key)
        self._known[key] = value, size
        self.size += size
        while self.size > self._most:
            self.drop(next(iter(self._known)))

    def items(self) -> list[tuple[K, V]]:
        """All that is there."""
        return [(key, value) for key, (value, _) in self._known.items()]

    def drop(self, key: K) -> None:
        """Keep it no longer."""
        found = self._known.pop(key, None)
        if found is not None:
            self.size -= found[1]
