"""What can be done in one conversation, by a form or by the live connection alike."""

from __future__ import annotations

import contextlib

from libervia.server import zones
from libervia.server.desk import PAGE, Desk
from libervia.server.view import MessageItem, message_items
from sat.api import JID, SatError
from sat.api.errors import InvalidArgument
from sat.api.messages import Message, may_go_on
from sat_frontends.quick_frontend.chat import Row
from sat_frontends.quick_frontend.rows import starts_day, starts_group


class Page(list[MessageItem]):
    """A part of a conversation; ``older`` is the ``order`` before which there is more, or 0."""

    older: int = 0


class Conversation:
    """A conversation of a profile."""

    def __init__(self, desk: Desk, peer: JID) -> None:
        self._desk, self.peer = desk, peer

    async def send(self, body: str) -> str:
        """Send a message; its id. Errors: those of sending."""
        body = body.replace("\r\n", "\n").strip("\n")
        if not body.strip():
            raise InvalidArgument(reason="There is nothing to send.")
        (await self._desk.chat(self.peer)).entered()
        return await self._desk.live.send(self.peer, body)

    async def draft(self, text: str) -> None:
        """What stands in the composer now; the contact sees that we write."""
        (await self._desk.chat(self.peer)).write(text)

    async def add_draft(self, text: str) -> None:
        """Put back what was written and not sent, behind what stands in the composer."""
        text = text.replace("\r\n", "\n")
        chat = await self._desk.chat(self.peer)
        if not f"\n{chat.draft}".endswith(f"\n{text}"):  # a form can be sent twice
            chat.write(f"{chat.draft}\n{text}" if chat.draft else text)

    async def page(self, before: int) -> Page:
        """The messages before a place in the conversation. What is not stored here is fetched from the server."""
        api = self._desk.apis
        messages = await api.messages.get_history(self.peer, before, PAGE)
        if not may_go_on(messages, PAGE):
            with contextlib.suppress(SatError):  # offline, or no archive: then this is all there is
                if await self._desk.live.archive.fetch_older(self.peer):
                    messages = await api.messages.get_history(self.peer, before, PAGE)
        page = Page(message_items(self._desk.live, _rows(messages)))
        page.older = messages[0].order if may_go_on(messages, PAGE) else 0
        return page

    async def older(self, before: int) -> str:
        """The messages before a place, drawn."""
        page = await self.page(before)
        return self._desk.draw("chat/parts.html:messages", self.peer, page, page.older)


def _rows(messages: list[Message]) -> list[Row]:
    pairs = zip([None, *messages], messages, strict=False)
    return [
        Row(message, starts_day(previous, message, zones.offset), starts_group(previous, message, zones.offset))
        for previous, message in pairs
    ]
