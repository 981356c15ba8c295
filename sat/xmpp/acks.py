"""Counting stanzas so that none is lost and none comes twice (XEP-0198 §4). No input or output here."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from sat.xmpp.xml import Element

NS_SM = "urn:xmpp:sm:3"
WRAP = 2**32


class Sent(NamedTuple):
    """A stanza that the server has not acknowledged."""

    text: str  # as XML; an element would take ten times as much memory
    token: Hashable | None
    lasting: bool = False  # the next session sends it, if this one ends first


class HandledTooHigh(ValueError):
    """The server acknowledges what was never sent (XEP-0198 §4: handled-count-too-high)."""


class Outgoing:
    """What was sent since ``<enabled/>`` and not acknowledged yet."""

    def __init__(self, handled: int = 0, waiting: Iterable[Sent] = ()) -> None:
        self.handled = handled  # the server's last h
        self.waiting: deque[Sent] = deque(waiting)

    @property
    def count(self) -> int:
        """How many were sent, as the server should have counted them (modulo 2^32)."""
        return (self.handled + len(self.waiting)) % WRAP

    def sent(self, text: str, token: Hashable | None, lasting: bool = False) -> None:
        """A stanza leaves."""
        self.waiting.append(Sent(text, token, lasting))

    def acknowledged(self, h: int) -> list[Hashable]:
        """The server has handled ``h`` stanzas in all; the tokens of those that are new in it."""
        done = (h - self.handled) % WRAP
        if done > len(self.waiting):
            raise HandledTooHigh(h)
        self.handled = h
        tokens = [self.waiting.popleft().token for _ in range(done)]
        return [token for token in tokens if token is not None]


class Incoming:
    """What came in; a stanza counts when it and all before it are done (promise P3)."""

    def __init__(self, handled: int = 0) -> None:
        self.handled = handled
        self._open: deque[list[bool]] = deque()

    def __len__(self) -> int:
        """How many came that do not count yet."""
        return len(self._open)

    def came(self) -> list[bool]:
        """A stanza came and is handled later: give what this returns to :meth:`done`."""
        ticket = [False]
        self._open.append(ticket)
        return ticket

    def handled_now(self) -> None:
        """A stanza came and is done already."""
        if self._open:
            self._open.append([True])
        else:
            self.handled = (self.handled + 1) % WRAP

    def forget(self) -> None:
        """What does not count yet will come again: the server is told ``handled`` as it is now."""
        self._open.clear()

    def done(self, ticket: list[bool]) -> None:
        """That stanza is done; what waited only for it counts now."""
        ticket[0] = True
        waiting = self._open
        while waiting and waiting[0][0]:
            waiting.popleft()
            self.handled = (self.handled + 1) % WRAP


def read_h(element: Element) -> int | None:
    """The ``h`` of an element; None where it is missing or no number of 32 bits."""
    text = str(element.attributes.get("h", ""))
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    h = int(text)
    return h if h < WRAP else None
