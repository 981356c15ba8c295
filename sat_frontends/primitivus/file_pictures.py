"""The pictures among the files that have come, and small ones of those that are offered, kept as they are drawn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from io import BytesIO
from typing import Any

from sat.api import SatError
from sat.api.messages import Attachment
from sat.api.transfers import Direction, Transfer, TransferState
from sat_frontends.primitivus.gallery import Drawn, Gallery
from sat_frontends.primitivus.loop import Loop
from sat_frontends.quick_frontend.apis import ProfileApis
from sat_frontends.quick_frontend.attachments import looks_like_picture

KEPT = 30
LARGEST = 20 * 1024 * 1024  # bytes of a file that is looked into


class FilePictures:
    """Those of the profile that ``apis`` gives; ``drawn`` is called with the id of a transfer when its picture is
    there."""

    def __init__(
        self, loop: Loop, gallery: Gallery, apis: Callable[[], ProfileApis], drawn: Callable[[str], object]
    ) -> None:
        self._loop, self._gallery, self._apis, self._drawn = loop, gallery, apis, drawn
        self._known: OrderedDict[tuple[str, str], Drawn | None] = OrderedDict()

    def find(self, transfer: Transfer) -> Drawn | None:
        """The picture of one that is here, whole, else the small one that its sender has told of. It is read when it
        is asked for."""
        here = _is_here(transfer)
        if not (here or transfer.is_pictured) or not self._gallery.can_show:
            return None
        key = transfer.id, transfer.path if here else ""
        if key not in self._known:
            self._known[key] = None
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            reading = self._gallery.make(transfer.path) if here else self._small(transfer.id)
            self._loop.spawn(self._read(key, reading))
        return self._known[key]

    async def _read(self, key: tuple[str, str], reading: Coroutine[Any, Any, Drawn | None]) -> None:
        self._known[key] = await reading
        if self._known[key] is not None:
            self._drawn(key[0])

    async def _small(self, id: str) -> Drawn | None:
        try:
            thumbnail = await self._apis().files.get_thumbnail(id)
        except SatError:  # it was forgotten meanwhile
            return None
        return await self._gallery.make(BytesIO(thumbnail.data))


def _is_here(transfer: Transfer) -> bool:
    """Whether a person here has taken it, and it may be a picture."""
    taken = transfer.state is TransferState.DONE and transfer.direction is Direction.RECEIVE
    fits = 0 < transfer.size <= LARGEST and not (transfer.quarantined or transfer.folder) and bool(transfer.path)
    return taken and fits and looks_like_picture(Attachment("", transfer.name, transfer.type))
