"""The small picture of a file that is offered, as the daemon has made it."""

from __future__ import annotations

from libervia.server.page import RASTER, Answer, File, Page, Visit, not_found
from sat.api.errors import NotFound


class Thumbnail(Page):
    """``/thumbnail/<transfer>``"""

    title = "Small picture"
    argument = True

    async def get(self, visit: Visit) -> Answer:
        """Its bytes."""
        try:
            found = await (await visit.desk()).apis.files.get_thumbnail(visit.argument)
        except NotFound:
            raise not_found() from None
        if found.type not in RASTER:
            raise not_found()
        return File(found.type, found.data)
