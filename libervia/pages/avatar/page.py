"""The picture that a contact shows, as the daemon keeps it."""

from __future__ import annotations

from libervia.server.page import RASTER, Answer, File, Page, Visit, not_found
from sat.api import JID
from sat.api.errors import InvalidAddress, NotFound


class Avatar(Page):
    """``/avatar/id?of=address``: another picture has another address, so a browser keeps it."""

    title = "Picture"
    argument = True

    async def get(self, visit: Visit) -> Answer:
        """Its bytes."""
        desk = await visit.desk()
        try:
            picture = await desk.apis.avatars.get_picture(JID.parse(visit.query.get("of", "")).bare)
        except (InvalidAddress, NotFound):
            raise not_found() from None
        if picture.id != visit.argument or picture.type not in RASTER:
            raise not_found()
        return File(picture.type, picture.data)
