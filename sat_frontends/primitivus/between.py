"""Where files on their way stand in a conversation: between the messages, by when they began."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import ceil, floor

from sat.api.transfers import Transfer
from sat_frontends.quick_frontend.chat import Chat

STEP = 1 / 1024  # more files than a daemon tells of fit between two messages


class Between:
    """Places are numbers: those of messages are whole, those of files lie between them, after the message before."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self.files: dict[float, Transfer] = {}
        self._places: list[float] = []

    def arrange(self, transfers: Sequence[Transfer]) -> None:
        """Give these, in the order in which they began, their places. What is over and older than the messages in
        memory has none, and nothing has one that is newer than those."""
        chat, self.files = self._chat, {}
        messages = range(chat.first, chat.end)
        taken: dict[int, int] = {}
        for transfer in transfers:
            time = transfer.begun
            after = chat.first - 1 + bisect_right(messages, time, key=lambda place: chat.row(place).message.time)
            too_old = after < chat.first and chat.has_older and messages and transfer.is_over
            if too_old or (after >= chat.end - 1 and chat.has_newer):
                continue
            taken[after] = taken.get(after, 0) + 1
            self.files[after + taken[after] * STEP] = transfer
        self._places = sorted(self.files)

    @property
    def first(self) -> float | None:
        """The place of what stands first; None where there is nothing."""
        return self.after(-float("inf"))

    @property
    def last(self) -> float | None:
        """The place of what stands last; None where there is nothing."""
        return self.before(float("inf"))

    def after(self, place: float) -> float | None:
        """The place that comes next."""
        index = bisect_right(self._places, place)
        found = self._places[index : index + 1]
        message = max(self._chat.first, floor(place) + 1 if abs(place) < float("inf") else self._chat.first)
        found += [message] if message < self._chat.end else []
        return min(found, default=None)

    def before(self, place: float) -> float | None:
        """The place that comes before."""
        index = bisect_left(self._places, place)
        found = self._places[max(0, index - 1) : index]
        message = min(self._chat.end - 1, ceil(place) - 1 if abs(place) < float("inf") else self._chat.end - 1)
        found += [message] if message >= self._chat.first else []
        return max(found, default=None)

    def find(self, id: str) -> float | None:
        """The place of a message or a file."""
        here = next((place for place, transfer in self.files.items() if transfer.id == id), None)
        return self._chat.find(id) if here is None else here

    def id(self, place: float) -> str:
        """The id of what stands there; nothing where there is nothing."""
        if place in self.files:
            return self.files[place].id
        return self._chat.row(int(place)).message.id if self._chat.first <= place < self._chat.end else ""
