"""Events of nodes, as they come: ``jp pubsub watch`` and ``jp pubsub hook``."""

from __future__ import annotations

import time as clocks
from collections import deque
from typing import TYPE_CHECKING

from sat.plugins.pubsub.api import Entry, PubsubEvent
from sat_frontends.jp.failure import Failure, usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from sat.plugins.pubsub.api import Place
    from sat_frontends.jp.context import Jp

WAITING = 10_000  # events that wait while a command runs
GONE = Entry("")  # what an event that concerns a whole node has


class ItemWatch:
    """Hands over what happens in some nodes, or in all, item by item."""

    def __init__(
        self, jp: Jp, nodes: list[Place], count: int | None, each: Callable[[str, Place, Entry], object]
    ) -> None:
        if count is not None and count < 1:
            raise usage("--count is at least 1.")
        self.jp, self.nodes, self.left, self._each = jp, set(nodes), count, each
        self._waiting: deque[tuple[str, Place, Entry]] = deque()
        self._lost = 0

    async def run(self, timeout: float | None) -> None:
        """Until so many have come, or for so many seconds (Failure)."""
        api = (await self.jp.profile()).pubsub
        deadline = None if timeout is None else clocks.monotonic() + timeout
        api.happened.connect(self._heard)
        # The bus knows now that we listen.
        self.jp.out.detail("Watching.")
        while self.left != 0:
            left = None if deadline is None else max(0.0, deadline - clocks.monotonic())
            self.jp.listen(lambda: bool(self._waiting), left)
            if not self._waiting:
                raise Failure("Nothing came in time." if self.left is None else f"{self.left} did not come in time.")
            while self._waiting and self.left != 0:
                self._each(*self._waiting.popleft())
                if self.left is not None:
                    self.left -= 1
            if self._lost:
                self.jp.out.say(f"Too much came at once: {self._lost} were left out.")
                self._lost = 0

    def _heard(self, event: PubsubEvent) -> None:
        if self.nodes and event.node not in self.nodes:
            return
        for entry in event.items or [GONE]:
            if len(self._waiting) < WAITING:
                self._waiting.append((event.kind, event.node._replace(id=entry.id), entry))
            else:
                self._lost += 1
