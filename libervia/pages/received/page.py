"""A file that somebody sent directly, from where the daemon has put it."""

from __future__ import annotations

from libervia.server.moving import is_here, shown_type
from libervia.server.page import Answer, Download, HttpError, Page, Visit
from sat.api.errors import NotFound
from sat_frontends.quick_frontend.transfer_words import title


class Received(Page):
    """``/received/<transfer>``: to be kept, whatever it is; with ``?show=1`` a picture, to be looked at."""

    title = "Received file"
    argument = True

    async def get(self, visit: Visit) -> Answer:
        """Its bytes. Which file they are of, the daemon says: nothing of the address is a path."""
        transfer = (await visit.desk()).live.transfers.find(visit.argument)
        if transfer is not None and transfer.partial:
            raise HttpError(409, "Only a part of this file is here.", "“Go on” in Files fetches the rest.")
        if transfer is None or not is_here(transfer):
            raise NotFound(what="such file here")
        size = transfer.size or None
        if not visit.query.get("show"):
            return Download(transfer.path, "application/octet-stream", title(transfer), False, size)
        kind = shown_type(transfer)
        if not kind:
            raise HttpError(403, "This file is not shown.", "It can be downloaded.")
        return Download(transfer.path, kind, title(transfer), True, size)
