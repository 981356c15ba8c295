"""The pictures of conversations, fetched when their row is drawn, and kept as cells."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from sat.api import SatError
from sat.api.messages import Message
from sat.plugins.attachments.api import Fetched
from sat_frontends.primitivus.half_blocks import RICH, Cells, half_blocks
from sat_frontends.primitivus.loop import Loop
from sat_frontends.quick_frontend.apis import ProfileApis
from sat_frontends.quick_frontend.attachments import looks_like_picture

KEPT = 100


class Shown(NamedTuple):
    """A picture that is there; ``colours`` are those of the terminal."""

    fetched: Fetched
    cells: Cells
    colours: int


def can_show(loop: Loop, sign: str) -> bool:
    """Whether this terminal can show pictures; ``sign`` is that of a file: it tells whether it shows more than
    ASCII."""
    return not sign.isascii() and getattr(loop.screen, "colors", 0) >= RICH


class Pictures:
    """Those of the profile that ``apis`` gives; ``drawn`` is called when there is another one. ``sign`` is that of a
    file: it tells whether the terminal shows more than ASCII."""

    def __init__(
        self, loop: Loop, apis: Callable[[], ProfileApis], sign: Callable[[], str], drawn: Callable[[], object]
    ) -> None:
        self._loop, self._apis, self._sign, self._drawn = loop, apis, sign, drawn
        self._known: OrderedDict[tuple[str, int], Shown | None] = OrderedDict()

    def find(self, message: Message, number: int) -> Shown | None:
        """A picture of a message. Where it is not there yet, it is fetched, if this terminal can show it."""
        key = (message.id, number)
        if key in self._known:
            self._known.move_to_end(key)
        elif can_show(self._loop, self._sign()) and looks_like_picture(message.attachments[number]):
            self._known[key] = None
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            self._loop.spawn(self._fetch(key))
        return self._known.get(key)

    async def _fetch(self, key: tuple[str, int]) -> None:
        try:
            fetched = await self._apis().attachments.get_picture(*key)
        except SatError:  # the settings say no, or it is not there: its line is
            return
        cells = await asyncio.to_thread(half_blocks, fetched.path)
        if cells is not None:
            self._known[key] = Shown(fetched, cells, self._loop.screen.colors)
            self._drawn()
