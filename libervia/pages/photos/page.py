"""The pictures of a conversation, the newest first. Which ones are shown unasked, the settings say, as there."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from libervia.server.desk import Desk
from libervia.server.moving import in_conversation, shown_type
from libervia.server.page import Answer, Html, Page, Visit, not_found
from libervia.server.render import chat_path, file_path, photos_path, received_path, segment
from sat.api import JID
from sat.api.messages import may_go_on
from sat_frontends.quick_frontend.attachments import described, looks_like_picture
from sat_frontends.quick_frontend.text import clean_line
from sat_frontends.quick_frontend.transfer_words import title

SHOWN = 24
READ = 200
"""Messages that are read at once, so many times at most: who wants more goes on from there."""
TIMES = 10


class Photo(NamedTuple):
    """A picture: where it is had and shown, and the page with its message, if there is one."""

    label: str
    path: str
    source: str
    where: str
    time: float


class Photos(Page):
    """``/photos/<address>``, ``?before=`` the order of a message"""

    title = "Pictures"
    argument = True

    async def get(self, visit: Visit) -> Answer:
        """So many of them."""
        if not visit.argument:
            raise not_found()
        desk = await visit.desk()
        peer, before = desk.peer(visit.argument), visit.number("before")
        photos, older = await _told(desk, peer, before)
        if not before:
            photos = await asyncio.to_thread(_received, desk, peer) + photos
        values = {
            "live": desk.live,
            "peer": peer,
            "label": desk.live.contacts.label(peer),
            "photos": photos,
            "before": before,
            "older": f"{photos_path(peer)}?before={older}" if older else "",
        }
        return Html("photos/photos.html", values)


async def _told(desk: Desk, peer: JID, before: int) -> tuple[list[Photo], int]:
    """Those of messages, and the order before which there may be more. What was hidden or taken back is not shown."""
    found: list[Photo] = []
    for _ in range(TIMES):
        messages = await desk.apis.messages.get_history(peer, before, READ)
        for message in reversed(messages):
            if len(found) >= SHOWN:
                return found, before
            before = message.order
            if not message.retracted and not message.extra.spoiler:
                where = f"{chat_path(peer)}?to={segment(message.id)}"
                for number, each in enumerate(message.attachments):
                    if looks_like_picture(each):
                        path = file_path(message.id, number)
                        found.append(Photo(clean_line(described(each)), path, f"{path}&show=1", where, message.time))
        if not may_go_on(messages, READ):
            return found, 0
    return found, before


def _received(desk: Desk, peer: JID) -> list[Photo]:
    """Those that were sent directly, as long as the daemon tells of them. Blocks for a moment."""
    live = desk.live
    ours = [each for each in live.transfers if in_conversation(live, each) == peer and shown_type(each)]
    paths = [(each, received_path(each.id)) for each in reversed(ours)]
    return [Photo(title(each), path, f"{path}?show=1", "", each.ended) for each, path in paths]
