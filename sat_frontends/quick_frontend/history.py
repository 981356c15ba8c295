"""Looking back in one conversation: pages from the daemon's store, then from the server's archive."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sat.api import JID, SatError
from sat.api.errors import FeatureMissing, NotConnected
from sat.api.messages import Message, MessageChange, may_go_on
from sat.plugins.archive.api import ArchiveApi
from sat.plugins.messages.api import MessagesApi
from sat_frontends.quick_frontend.room_words import Piece
from sat_frontends.quick_frontend.window import Window

PAGE = 50
LARGEST_PAGE = 500  # what the api gives at most
KEEP = 2000  # messages in memory
_ARCHIVE_TRIES = 5  # pages of the archive that may hold nothing to show


class What(StrEnum):
    """What changed in a conversation."""

    ADDED = "added"  # rows first to end are new, at the newest end or in between
    OLDER = "older"  # rows first to end are new, at the oldest end
    UPDATED = "updated"  # rows first to end look different now
    DROPPED = "dropped"  # rows first to end are no longer in memory
    RESET = "reset"  # everything may be different: look again
    UNREAD = "unread"  # the count of what is unread
    TYPING = "typing"  # whether the contact is typing
    SENDING = "sending"  # we send a message from here: its row is going to be at the newest end
    DRAFT = "draft"  # the text being written was changed by the model (put back after a failure)
    COMPOSING = "composing"  # the text being written is for something else now: see ``Chat.composing``
    LOADING = "loading"  # whether history is being loaded, or there is more of it
    ERROR = "error"  # ``error`` is another one


class ChatChange(NamedTuple):
    """What changed; ``first`` and ``end`` are positions where rows are concerned."""

    what: What
    first: int = 0
    end: int = 0


class Row(NamedTuple):
    """A message and what stands above it: the day, the line with the number of unread ones, a heading (time and
    sender; else the message continues the one above). Below it: what happened in the room before the next one.
    ``in_clear``: it was not encrypted, though the conversation is."""

    message: Message
    day: bool
    heading: bool
    unread: int = 0
    passage: Sequence[Piece] = ()
    in_clear: bool = False


class History:
    """The messages of one conversation, as far as they were looked at. One thing is loaded at a time: a call while
    another is under way does nothing, but ``resync`` and ``show_newest`` take over."""

    def __init__(
        self,
        peer: JID,
        messages: MessagesApi,
        archive: ArchiveApi | None,
        tell: Callable[[ChatChange], None],
        keep: int = KEEP,
    ) -> None:
        self.window = Window(PAGE)
        self.loading = False
        self.has_older = True
        self.loaded = False
        self.error: SatError | None = None
        self._peer, self._messages, self._archive = peer, messages, archive
        self._tell, self._keep = tell, keep
        self._store_has_older = True
        self._turn = 0  # who took over last; an answer to somebody before is not used
        # Heard while a page that may be older is on its way.
        self._missed: dict[str, MessageChange] = {}
        self._edited: dict[str, Message] = {}

    # -- what is heard --------------------------------------------------------------------------------------------

    def hear(self, messages: Iterable[Message], at_end: bool) -> None:
        """Messages are new in the store. ``at_end``: the newest are in view."""
        for message in messages:
            oldest = self.window.oldest
            if oldest is not None and message.order < oldest.order and (self._store_has_older or self.loading):
                self._store_has_older = self.has_older = True  # it will come with its page
                continue
            position = self.window.insert(message)
            if position is not None:
                # The row below it may lose its heading.
                self._tell(ChatChange(What.ADDED, position, position + 1))
                if position + 1 < self.window.end:
                    self._tell(ChatChange(What.UPDATED, position + 1, position + 2))
        if len(self.window) > (self._keep if at_end else 2 * self._keep):
            self._drop_oldest()

    def apply(self, changes: Iterable[MessageChange]) -> None:
        """Messages have another state."""
        for change in changes:
            if self.loading:
                self._missed[change.id] = change
            self._show(self.window.apply(change))

    def replace(self, messages: Iterable[Message]) -> None:
        """Messages say something else now."""
        for message in messages:
            if self.loading:
                self._edited[message.id] = message
            self._show(self.window.replace(message))

    def _show(self, position: int | None) -> None:
        if position is not None:
            self._tell(ChatChange(What.UPDATED, position, position + 1))

    # -- loading --------------------------------------------------------------------------------------------------

    async def load(self, limit: int = PAGE) -> None:
        """Load the newest page, once."""
        if not self.loaded and not self.loading:
            await self._during(self._load_newest(limit))

    async def load_older(self, limit: int = PAGE) -> None:
        """Load an older page."""
        if not self.loading and self.has_older:
            await self._during(self._load_older(limit))

    async def load_newer(self) -> None:
        """Load again a newer page that was dropped."""
        if not self.loading and self.window.newer:
            await self._during(self._load_newer())

    async def show_newest(self) -> None:
        """Forget what is in memory and come back to the newest page."""
        self.window.clear()
        self.has_older = self._store_has_older = True
        await self._during(self._load_newest(PAGE))

    async def resync(self) -> None:
        """Take over what the store says now."""
        await self._during(self._resync())

    async def reach(self, order: int) -> int | None:
        """Load until the message of this order is in memory; its position."""
        newest = self.window.newest
        if newest is not None and order > newest.order:
            await self.show_newest()
        while self.has_older and (self.window.oldest is None or order < self.window.oldest.order):
            before = self.window.oldest
            await self.load_older(LARGEST_PAGE)
            if self.window.oldest is before:
                break  # an error, or somebody else is loading
        position = self.window.at(order)
        return position if position < self.window.end and self.window[position].order == order else None

    async def _during(self, work: Coroutine[Any, Any, None]) -> None:
        self._turn += 1
        turn = self._turn
        self.loading = True
        self._tell(ChatChange(What.LOADING))
        try:
            await work
            failure = None
        except SatError as error:
            failure = error
        if turn != self._turn:
            return
        self.loading = False
        for edited in self._edited.values():
            self._show(self.window.replace(edited))
        for change in self._missed.values():
            self._show(self.window.apply(change))
        self._edited.clear()
        self._missed.clear()
        if failure != self.error:
            self.error = failure
            self._tell(ChatChange(What.ERROR))
        self._tell(ChatChange(What.LOADING))

    async def _page(self, before: int, limit: int) -> list[Message] | None:
        """A page of the store; None when somebody took over meanwhile."""
        turn = self._turn
        page = await self._messages.get_history(self._peer, before, limit)
        return page if turn == self._turn else None

    async def _load_newest(self, limit: int) -> None:
        page = await self._page(0, limit)
        if page is not None:
            self._store_has_older = may_go_on(page, limit)
            self._guess_older()
            self.window.refresh(page)
            self.loaded = True
            self._tell(ChatChange(What.RESET))

    async def _load_older(self, limit: int) -> None:
        page = await self._older_page(limit)
        for _ in range(_ARCHIVE_TRIES):
            if page is None or page or not await self._fetch_archive():
                break
            page = await self._older_page(limit)
        if not page:
            return
        first, end = self.window.prepend(page)
        self._tell(ChatChange(What.OLDER, first, end))
        if end < self.window.end:  # the row that was first may lose its day and heading
            self._tell(ChatChange(What.UPDATED, end, end + 1))
        end = self.window.end
        if dropped := self.window.drop_newest(self._keep):
            self._tell(ChatChange(What.DROPPED, end - dropped, end))

    async def _older_page(self, limit: int) -> list[Message] | None:
        if not self._store_has_older:
            return []
        oldest = self.window.oldest
        page = await self._page(oldest.order if oldest else 0, limit)
        if page is not None:
            self._store_has_older = may_go_on(page, limit)
            self._guess_older()
        return page

    async def _fetch_archive(self) -> bool:
        """Have the daemon fetch a page of the archive; whether it is worth looking into the store again."""
        turn, count = self._turn, 0
        if self._archive is not None and self.has_older:
            try:
                count = await self._archive.fetch_older(self._peer)
            except FeatureMissing:
                self._archive = None
            except NotConnected:
                return False  # it is worth trying again later
        if turn != self._turn:
            return False
        self._store_has_older = self.has_older = self._store_has_older or count > 0
        return self._store_has_older

    def _guess_older(self) -> None:
        self.has_older = self._store_has_older or self._archive is not None

    async def _load_newer(self) -> None:
        newest, mark = self.window.newest, self.window.newer[-1]
        reached = newest.order if newest else 0
        # One more than were dropped, so that the page overlaps: more may have come in between.
        found = page = await self._page(mark.last + 1, min(mark.size + 1, LARGEST_PAGE))
        while page and found and page[0].order > reached:
            page = await self._page(page[0].order, PAGE)
            found = page + found if page else found
        if found is None or page is None:
            return
        if self.window.newer[-1].last == mark.last:  # else something came behind it while we waited
            self.window.newer.pop()
        first = self.window.end
        self.window.append([each for each in found if each.order > reached])
        self._tell(ChatChange(What.ADDED, first, self.window.end))
        if len(self.window) > self._keep:
            self._drop_oldest()

    async def _resync(self) -> None:
        limit = min(max(PAGE, len(self.window)), LARGEST_PAGE)
        newest = self.window.newest
        page = await self._page(0, limit)
        if page and self.window.newer and newest is not None:
            here = await self._page(newest.order + 1, limit)  # where the person reads, far from the end
            page = None if here is None else here + page
        if page is None:
            return
        if not self.window.newer and newest is not None and page and page[0].order > newest.order:
            self.window.clear()  # more was missed than fits a page: no gap may stay
        if not len(self.window):
            self._store_has_older = may_go_on(page, limit)
        self._guess_older()
        self.window.refresh(page)
        self.loaded = True
        self._tell(ChatChange(What.RESET))

    def _drop_oldest(self) -> None:
        first = self.window.first
        if dropped := self.window.drop_oldest(self._keep):
            self._store_has_older = self.has_older = True
            self._tell(ChatChange(What.DROPPED, first, first + dropped))
            self._tell(ChatChange(What.UPDATED, first + dropped, first + dropped + 1))
