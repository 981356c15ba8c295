"""Showing messages as they come, over the daemon's comings and goings."""

from __future__ import annotations

import time as clocks

from sat.api import JID
from sat.api.messages import Message
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.people import resolve
from sat_frontends.jp.returning import GONE, wait_for_daemon
from sat_frontends.jp.transcript import Transcript, cells

_PAGE = 500


class Watch:
    """One run of ``jp message watch``. A ``patient`` one waits for a daemon that went."""

    def __init__(
        self, jp: Jp, *, incoming: bool, changes: bool, count: int | None, timeout: float | None, patient: bool
    ) -> None:
        if count is not None and count < 1:
            raise usage("--count is at least 1.")
        self.jp, self.incoming, self.changes, self.patient = jp, incoming, changes, patient
        self.left = count
        self.deadline = None if timeout is None else clocks.monotonic() + timeout
        self.name = ""
        self.peer: JID | None = None
        self.transcript = Transcript(jp.out, {})
        self._last: dict[JID, int] = {}  # the place of the last message of each conversation
        self._caught_up: set[str] = set()

    async def run(self, contact: str | None) -> None:
        """Show messages until told to end."""
        await self._begin(contact)
        if self.patient:
            messages = (await self.jp.profile()).messages
            self._last = {each.peer: each.last.order for each in await messages.get_conversations(_PAGE)}
        self.jp.out.detail(f"Watching {self.name}.")
        while not self._enough():
            try:
                self.jp.listen(self._enough, self._seconds_left())
            except GONE as error:
                if not self.patient:
                    raise
                missed = await wait_for_daemon(self.jp, error, lambda: self._begin_again(contact), self._late) or []
                self._heard(missed)
                self._caught_up = {message.id for message in missed}
            if self._late() and not self._enough():
                raise Failure("No message came in time." if self.left is None else f"{self.left} did not come in time.")

    async def _begin(self, contact: str | None) -> None:
        profile = await self.jp.profile()
        self.name = profile.name
        self.peer = await resolve(profile, contact) if contact else None
        profile.messages.added.connect(self._heard)
        if self.changes:
            profile.messages.edited.connect(self._show)
        # After this the bus knows that we listen, so no message is missed once we say so.
        self.transcript = await Transcript.of(self.jp)

    async def _begin_again(self, contact: str | None) -> list[Message]:
        await self._begin(contact)
        missed = await self._missed()
        self.jp.out.detail(f"Watching {self.name}.")
        return missed

    async def _missed(self) -> list[Message]:
        """What came between the return of the daemon and ours."""
        messages = (await self.jp.profile()).messages
        start = max(self._last.values(), default=0)
        found: list[Message] = []
        for each in await messages.get_conversations(_PAGE):
            last = self._last.get(each.peer, start)
            if each.last.order > last:
                page = await messages.get_history(each.peer, 0, _PAGE)
                found += [message for message in page if message.order > last]
        return sorted(found, key=lambda message: message.time)

    def _heard(self, messages: list[Message]) -> None:
        for message in messages:
            self._last[message.peer] = max(message.order, self._last.get(message.peer, 0))
        self._show([message for message in messages if message.id not in self._caught_up])  # its signal came, too

    def _show(self, messages: list[Message]) -> None:
        for message in messages:
            if self._enough():
                return
            if self.peer not in (None, message.peer) or (self.incoming and message.outgoing):
                continue
            self.jp.out.event(message, self.transcript.line(message, one_line=True), cells(message))
            if self.left is not None:
                self.left -= 1

    def _enough(self) -> bool:
        return self.left == 0

    def _late(self) -> bool:
        return self.deadline is not None and clocks.monotonic() >= self.deadline

    def _seconds_left(self) -> float | None:
        return None if self.deadline is None else max(0.0, self.deadline - clocks.monotonic())
