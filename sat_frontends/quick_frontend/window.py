"""The part of a long conversation that is in memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sat.api.messages import Message, MessageChange


class Mark(NamedTuple):
    """A page of newer messages that were dropped: ``size`` of them up to ``last``, both as the store knows them."""

    last: int
    size: int


class Window:
    """Messages by *position*: whole numbers without gaps from ``first`` to ``end`` (not included).

    Older messages get lower, also negative, positions, so that what a view remembers stays right when it scrolls
    back. Only a message that comes in between (from the archive) moves the newer ones up, and ``clear`` moves all.
    The store can only be read backwards, so of newer messages that were dropped we keep where their pages ended.
    """

    def __init__(self, page: int = 50) -> None:
        self.first = 0
        """The position of the oldest message in memory."""
        self.newer: list[Mark] = []
        """The pages dropped at the newest end, the nearest last."""
        self._page = page
        self._messages: list[Message] = []
        self._orders: list[int] = []
        self._order_of: dict[str, int] = {}

    @property
    def end(self) -> int:
        """One more than the position of the newest in memory; the same as ``first`` when there are none."""
        return self.first + len(self._messages)

    def __len__(self) -> int:
        return len(self._messages)

    def __getitem__(self, position: int) -> Message:
        if not self.first <= position < self.end:
            raise IndexError(position)
        return self._messages[position - self.first]

    @property
    def oldest(self) -> Message | None:
        """The oldest message in memory."""
        return self._messages[0] if self._messages else None

    @property
    def newest(self) -> Message | None:
        """The newest message in memory."""
        return self._messages[-1] if self._messages else None

    def find(self, id: str) -> int | None:
        """The position of a message, if it is in memory."""
        order = self._order_of.get(id)
        return None if order is None else self.at(order)

    def at(self, order: int) -> int:
        """The position of the first message whose order is at least this one; ``end`` if there is none."""
        return self.first + bisect_left(self._orders, order)

    def prepend(self, page: Iterable[Message]) -> tuple[int, int]:
        """Put older messages before the others; the positions they have now."""
        limit = self._orders[0] if self._orders else None
        older = [each for each in page if each.id not in self._order_of and (limit is None or each.order < limit)]
        self._messages[:0] = older
        self._orders[:0] = [each.order for each in older]
        self._order_of.update((each.id, each.order) for each in older)
        self.first -= len(older)
        return self.first, self.first + len(older)

    def append(self, page: Iterable[Message]) -> None:
        """Put newer messages after the others, as a dropped page comes back."""
        for each in page:
            if each.id not in self._order_of:
                self._messages.append(each)
                self._orders.append(each.order)
                self._order_of[each.id] = each.order

    def insert(self, message: Message) -> int | None:
        """Put one message where it belongs; its position, or None if it is there already or not in what is in
        memory."""
        if message.id in self._order_of:
            return None
        if self.newer and (not self._orders or message.order > self._orders[-1]):
            self._note_newer(message.order)
            return None
        if self._orders and message.order < self._orders[0]:
            return self.prepend([message])[0]
        index = bisect_left(self._orders, message.order)
        self._messages.insert(index, message)
        self._orders.insert(index, message.order)
        self._order_of[message.id] = message.order
        return self.first + index

    def _note_newer(self, order: int) -> None:
        for index in reversed(range(len(self.newer))):  # the page it came into, if it came in between
            mark = self.newer[index]
            if order <= mark.last:
                self.newer[index] = Mark(mark.last, mark.size + 1)
                return
        furthest = self.newer[0]
        if furthest.size < self._page:
            self.newer[0] = Mark(order, furthest.size + 1)
        else:
            self.newer.insert(0, Mark(order, 1))

    def refresh(self, page: Iterable[Message]) -> None:
        """Take over what the store says now: messages in memory are replaced, others are put in."""
        for message in page:
            position = self.find(message.id)
            if position is None:
                self.insert(message)
            elif message.order == self[position].order:
                self._messages[position - self.first] = message

    def apply(self, change: MessageChange) -> int | None:
        """Give a message its new state; its position, or None if nothing in memory changed. Why a message of others
        cannot be read stays, whether it is read or not."""
        position = self.find(change.id)
        if position is None:
            return None
        before = self[position]
        error = change.error if before.outgoing else before.error
        after = before._replace(state=change.state, error=error)
        self._messages[position - self.first] = after
        return None if after == before else position

    def replace(self, message: Message) -> int | None:
        """Put a message in the place of what it was before; its position, or None if nothing in memory changed."""
        position = self.find(message.id)
        if position is None or self[position] == message:
            return None
        self._messages[position - self.first] = message
        return position

    def drop_newest(self, keep: int) -> int:
        """Keep only so many of the oldest in memory; how many went."""
        excess = len(self._messages) - keep
        if excess <= 0:
            return 0
        for end in range(len(self._messages), keep, -self._page):
            start = max(end - self._page, keep)
            self.newer.append(Mark(self._orders[end - 1], end - start))
        for each in self._messages[keep:]:
            del self._order_of[each.id]
        del self._messages[keep:], self._orders[keep:]
        return excess

    def drop_oldest(self, keep: int) -> int:
        """Keep only so many of the newest in memory; how many went."""
        excess = len(self._messages) - keep
        if excess <= 0:
            return 0
        for each in self._messages[:excess]:
            del self._order_of[each.id]
        del self._messages[:excess], self._orders[:excess]
        self.first += excess
        return excess

    def clear(self) -> None:
        """Forget all messages."""
        self.first = 0
        self.newer.clear()
        self._messages.clear()
        self._orders.clear()
        self._order_of.clear()

    def __iter__(self) -> Iterator[Message]:
        return iter(tuple(self._messages))
