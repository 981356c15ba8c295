"""``jp blog timeline --watch``: posts as they come, over the daemon's comings and goings."""

from __future__ import annotations

import time as clocks
from typing import TYPE_CHECKING

from sat_frontends.jp.failure import Failure
from sat_frontends.jp.posts import show_event
from sat_frontends.jp.returning import GONE, wait_for_daemon
from sat_frontends.quick_frontend.timeline import is_comment

if TYPE_CHECKING:
    from sat.api.posts import Place, Post
    from sat_frontends.jp.context import Jp

_PAGE = 200


class PostWatch:
    """Shows each new post once, as it is then. A ``patient`` one waits for a daemon that went."""

    def __init__(
        self,
        jp: Jp,
        *,
        tag: str,
        comments: bool,
        mark: bool,
        count: int | None,
        timeout: float | None,
        patient: bool,
    ) -> None:
        self.jp, self.tag, self.comments, self.mark, self.left = jp, tag.casefold(), comments, mark, count
        self.patient = patient
        self.deadline = None if timeout is None else clocks.monotonic() + timeout
        self._shown: set[Place] = set()
        self._seen: list[Place] = []  # to be marked as read
        self._last: int | None = None  # the order of the last post that was here

    async def run(self) -> None:
        """Until so many have come, or for so many seconds (Failure)."""
        await self._begin()
        while self.left != 0 or self._seen:
            try:
                await self._go_on()
            except GONE as error:
                if not self.patient:
                    raise
                self._heard(await wait_for_daemon(self.jp, error, self._begin, self._late) or [])
            if self._late() and self.left != 0:
                raise Failure("No post came in time." if self.left is None else f"{self.left} did not come in time.")

    async def _begin(self) -> list[Post]:
        """Listen; what came since the last post that was here, the oldest first."""
        timeline = (await self.jp.profile()).timeline
        timeline.published.connect(self._heard)
        # The bus knows now that we listen.
        newest = await timeline.get_timeline(0, 1 if self._last is None else _PAGE)
        missed = [each for each in newest if self._last is not None and each.order > self._last]
        self._last = max([self._last or 0, *(each.order for each in newest)])
        self.jp.out.detail("Watching the timeline.")
        return missed[::-1]

    async def _go_on(self) -> None:
        left = None if self.deadline is None else max(0.0, self.deadline - clocks.monotonic())
        if not self._seen:
            self.jp.listen(lambda: self.left == 0 or bool(self._seen), left)
        if self._seen:
            await (await self.jp.profile()).timeline.mark_read(self._seen)
            self._seen = []

    def _late(self) -> bool:
        return self.deadline is not None and clocks.monotonic() >= self.deadline

    def _heard(self, posts: list[Post]) -> None:
        for post in posts:
            self._last = max(self._last or 0, post.order)
            if self.left == 0 or not post.unread or post.place in self._shown:  # it only changed, or was read
                continue
            if (is_comment(post) and not self.comments) or not self._has_tag(post):
                continue
            self._shown.add(post.place)
            show_event(self.jp, post)
            if self.mark:
                self._seen.append(post.place)
            if self.left is not None:
                self.left -= 1

    def _has_tag(self, post: Post) -> bool:
        return not self.tag or self.tag in (each.casefold() for each in post.tags)
