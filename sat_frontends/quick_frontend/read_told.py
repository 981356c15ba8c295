"""Telling the daemon what was read."""

from __future__ import annotations

from collections.abc import Callable

from sat.api import JID, SatError
from sat.api.messages import Message
from sat.plugins.messages.api import MessagesApi
from sat_frontends.quick_frontend.loop import Spawn


class ReadTold:
    """Of one conversation, once for all that comes while it is being told. ``newest`` gives the newest message that
    the person looks at now, None where they look at none; ``failed`` hears why it could not be told."""

    def __init__(
        self,
        peer: JID,
        messages: MessagesApi,
        spawn: Spawn,
        newest: Callable[[], Message | None],
        failed: Callable[[SatError], object],
    ) -> None:
        self._peer, self._messages, self._spawn = peer, messages, spawn
        self._newest, self._failed = newest, failed
        self._telling = self._again = False

    def tell(self) -> None:
        """Something was read."""
        if self._telling:
            self._again = True
            return
        self._telling = True
        self._spawn(self._tell())

    def forget(self) -> None:
        """The daemon went away while it was being told."""
        self._telling = self._again = False

    async def _tell(self) -> None:
        again = True
        while again and (newest := self._newest()) is not None:
            self._again = False
            try:  # not simply all: what we have not heard of was not read
                await self._messages.mark_read(self._peer, newest.order)
            except SatError as error:
                self._failed(error)
                break
            again = self._again
        self._telling = False
