"""A file that came with a message, as the daemon has fetched it."""

from __future__ import annotations

from libervia.server.page import RASTER, Answer, Download, Page, Visit, not_found


class File(Page):
    """``/file/<message>``, ``?n=`` its number from 0. With ``?show=1`` a picture for the conversation, which is there
    only where the settings say so; without, whatever it is, because somebody wants it."""

    title = "File"
    argument = True

    async def get(self, visit: Visit) -> Answer:
        """Its bytes: pictures as what their first bytes say, all else to be kept."""
        if not visit.argument:
            raise not_found()
        apis = (await visit.desk()).apis
        get = apis.attachments.get_picture if visit.query.get("show") else apis.attachments.get_file
        found = await get(visit.argument, visit.number("n"))
        shows = found.is_picture and found.type in RASTER
        return Download(found.path, found.type if shows else "application/octet-stream", found.name, shows)
