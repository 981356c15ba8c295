"""Who came into a room and left it, folded into one line between two messages. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sat_frontends.quick_frontend.history import ChatChange, What
from sat_frontends.quick_frontend.occupants import Traffic
from sat_frontends.quick_frontend.room_words import Piece, name
from sat_frontends.quick_frontend.window import Window

MOST_LINES = 200  # of one conversation
MOST_EVENTS = 5  # told in one line, the newest


class Passage:
    """What happened between two messages. Who came and left again was not there."""

    def __init__(self) -> None:
        self.came: dict[str, None] = {}
        self.left: dict[str, None] = {}
        self.events: list[list[Piece]] = []

    def pass_by(self, traffic: Traffic) -> None:
        """Some came, some left."""
        for nick in traffic.left:
            if nick in self.came:
                del self.came[nick]
            else:
                self.left[nick] = None
        for nick in traffic.came:
            if nick in self.left:
                del self.left[nick]
            else:
                self.came[nick] = None

    def explain(self, sentence: list[Piece], nicks: Sequence[str]) -> None:
        """More is known of how somebody went, or of how they are called now: they did not simply come or leave."""
        for nick in nicks:
            self.came.pop(nick, None)
            self.left.pop(nick, None)
        self.events = [*self.events, sentence][-MOST_EVENTS:]

    @property
    def pieces(self) -> list[Piece]:
        """``Anna and 3 others came, 2 left``, and what else happened."""
        sentences = [_crowd(list(self.came), " came")] if self.came else []
        if self.came and len(self.left) > 1:
            sentences[0].append(Piece(f", {len(self.left)} left"))
        elif self.came and self.left:
            sentences[0] += [Piece(", "), *_crowd(list(self.left), " left")]
        elif self.left:
            sentences.append(_crowd(list(self.left), " left"))
        pieces: list[Piece] = []
        for sentence in [*sentences, *self.events]:
            between = [Piece(" " if pieces[-1].text.endswith((".", "!", "?")) else ". ")] if pieces else []
            pieces += [*between, *sentence]
        return pieces


def _crowd(nicks: list[str], did: str) -> list[Piece]:
    first = name(nicks[0])
    if len(nicks) == 1:
        return [first, Piece(did)]
    if len(nicks) == 2:
        return [first, Piece(" and "), name(nicks[1]), Piece(did)]
    return [first, Piece(f" and {len(nicks) - 1} others{did}")]


class Comings:
    """The lines of one conversation, each by the ``order`` of the message that it stands below."""

    def __init__(self, window: Window, tell: Callable[[ChatChange], None]) -> None:
        self._window, self._tell = window, tell
        self._passages: dict[int, Passage] = {}

    def after(self, order: int) -> list[Piece]:
        """The line below a message, or nothing."""
        passage = self._passages.get(order)
        return passage.pieces if passage is not None else []

    def pass_by(self, traffic: Traffic) -> None:
        """Some came, some left, now."""
        if traffic.came or traffic.left:
            self._change(lambda passage: passage.pass_by(traffic))

    def explain(self, sentence: list[Piece], *nicks: str) -> None:
        """Something happened with these, now."""
        self._change(lambda passage: passage.explain(sentence, nicks))

    def _change(self, change: Callable[[Passage], None]) -> None:
        order = self._newest()
        if order is None:  # nothing is written here that it could stand below
            return
        change(self._passages.setdefault(order, Passage()))
        if len(self._passages) > MOST_LINES:
            del self._passages[next(iter(self._passages))]
        position = self._window.at(order)
        if position < self._window.end:
            self._tell(ChatChange(What.UPDATED, position, position + 1))

    def _newest(self) -> int | None:
        """The order of the newest message, in memory or not."""
        if self._window.newer:
            return self._window.newer[0].last
        return self._window.newest.order if self._window.newest is not None else None
