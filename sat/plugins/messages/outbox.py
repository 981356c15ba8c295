"""The outbox: what is stored leaves in its order, once, over any number of connections (promises P1, P2).

It is open while everything that was pending when the connection came has left; until then what is written waits its
turn. What a lost connection carried is in doubt: where there is an archive, it tells what had arrived.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import CannotEncrypt, NotConnected, SatError
from sat.core.pipeline import Departure
from sat.core.plugin import Online, Plugin

DOUBT = 10.0  # seconds for the archive to tell which of ours had arrived


class Waiting(NamedTuple):
    """Something that has to leave to ``peer``. ``token`` is what the acknowledgement brings back; ``make`` gives the
    stanza."""

    token: str
    peer: JID
    make: Callable[[], Departure]


class Outbox:
    """That of one profile. ``pending`` reads what is stored and has not been acknowledged, in order; ``refused`` notes
    that something cannot leave."""

    def __init__(
        self,
        plugin: Plugin,
        pending: Callable[[], Awaitable[list[Waiting]]],
        refused: Callable[[str, SatError], Awaitable[None]],
    ) -> None:
        self.archived = False
        """Whether somebody will call ``caught_up`` after each connection."""
        self.holds_back: Callable[[JID], bool] = lambda peer: False
        """Whether what is for that conversation has to wait; who says so calls ``leave_again``."""
        self._plugin, self._pending, self._refused = plugin, pending, refused
        self._open = False  # False: what is pending is sent by _empty, in order
        self._handed_over: set[str] = set()  # what this connection carries
        self._taken: set[str] = set()  # what the server has, until that is stored
        self._connections = 0
        self._doubtful = False  # whether the server may have something that it has not acknowledged

    async def load(self) -> None:
        """Look whether an earlier run has left something, which may have arrived."""
        self._doubtful = bool(await self._pending())

    @property
    def awaits_acknowledgement(self) -> bool:
        """Whether something is on its way of which we do not know if the server has it."""
        return bool(self._handed_over)

    def transmit(self, waiting: Waiting) -> None:
        """Let it leave, if it is its turn; else it leaves with the rest."""
        if not self._open or self._has_left(waiting.token) or self.holds_back(waiting.peer):
            return
        departure = self._completed(waiting)
        if departure.method:  # somebody has to wait (encryption): those behind keep their order
            self._open = False
            self._plugin.spawn(self._transmit_later(departure))
        else:
            self._hand_over(departure)

    async def _transmit_later(self, departure: Departure) -> None:
        if await self._encrypted(departure):
            await self._empty()

    def _completed(self, waiting: Waiting) -> Departure:
        departure = waiting.make()
        self._plugin.session.complete(departure)
        return departure

    def _hand_over(self, departure: Departure) -> bool:
        left = self._plugin.session.depart(departure)
        if left:
            self._handed_over.add(departure.id)
        return left

    async def _encrypted(self, departure: Departure) -> bool:
        """Let something leave when it is encrypted, or tell why it cannot be: it never leaves as it is. False: this
        connection has gone."""
        connection = self._connections
        try:
            if departure.work is None:
                raise CannotEncrypt(who=departure.peer, reason=f"nothing here knows the method “{departure.method}”")
            await departure.work
        except NotConnected:
            return False
        except SatError as error:
            await self._refused(departure.id, error)
            return connection == self._connections
        return connection == self._connections and self._hand_over(departure)

    def take_back(self, token: str) -> None:
        """It is to leave again."""
        self._handed_over.discard(token)

    async def leave_again(self) -> None:
        """Let what is pending leave, if there is a connection for it."""
        if self._open:
            await self._empty()

    def connected(self, event: Online) -> None:
        """There is a connection."""
        if not event.resumed:  # else the stream itself sends again what was lost
            self._connections += 1
            self._open = False
            self._doubtful = self._doubtful or bool(self._handed_over)
            self._handed_over.clear()
        if self._doubtful and self.archived:
            self._plugin.after(DOUBT, self._start, key="doubt")  # the archive knows what had arrived
        elif not event.resumed:
            self._start()

    def disconnected(self) -> None:
        """There is no connection: what is in doubt stays so until there is somebody to ask."""
        self._plugin.tasks.cancel("doubt")

    def caught_up(self) -> None:
        """The archive has told what it has."""
        if self._plugin.tasks.waits("doubt"):
            self._start()

    def acknowledged(self, tokens: list[str]) -> None:
        """The server has these; ``stored`` is to be called when that is on the disk."""
        self._handed_over.difference_update(tokens)
        self._taken.update(tokens)

    def stored(self, tokens: list[str]) -> None:
        """These are no longer pending."""
        self._taken.difference_update(tokens)

    def _has_left(self, token: str) -> bool:
        return token in self._handed_over or token in self._taken

    def _start(self) -> None:
        self._plugin.tasks.cancel("doubt")
        self._doubtful = False
        self._plugin.spawn(self._empty())

    async def _empty(self) -> None:
        """Send what is pending, in order and with its old ids (P2); what is written meanwhile comes behind it."""
        connection = self._connections
        while True:
            pending = await self._pending()
            if connection != self._connections:
                return  # another connection has come meanwhile, and begins again
            waiting = [each for each in pending if not self._has_left(each.token) and not self.holds_back(each.peer)]
            self._open = True
            if not waiting:
                return
            self._open = False
            for each in waiting:
                departure = self._completed(each)
                left = await self._encrypted(departure) if departure.method else self._hand_over(departure)
                if not left:
                    return  # the connection has gone; the next one begins again
