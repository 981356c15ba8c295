"""Conversations: contacts on the left, one conversation beside them."""

from __future__ import annotations

from time import time

from libervia.server.desk import Desk
from libervia.server.live import Conversation
from libervia.server.page import Answer, Html, Page, Redirect, Visit
from libervia.server.render import chat_end
from libervia.server.view import contact_items
from sat.api import JID, SatError
from sat.api.errors import MessageTooLong
from sat.plugins.messages.api import LONGEST


class Chat(Page):
    """``/chat`` and ``/chat/<address>``"""

    title = "Chat"
    menu = 1
    argument = True
    live = True
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The contacts, and the conversation's newest messages or those ``?before=`` a place."""
        desk = await visit.desk()
        values = _list(desk)
        if visit.argument:
            peer = JID.parse(visit.argument).bare
            values |= await self._conversation(visit, peer)
        return Html("chat/chat.html", values)

    async def post(self, visit: Visit) -> Answer:
        """Send a message, or keep it as a draft; send one again, mark all as read, or go online."""
        desk = await visit.desk()
        what = visit.form.get("do", "send")
        if what == "connect":
            visit.app.tasks.spawn(desk.connect())
            return Redirect("/chat")
        peer = JID.parse(visit.argument).bare
        try:
            if what == "retry":
                await desk.apis.messages.retry(visit.form.get("id", ""))
            elif what == "read":
                await desk.apis.messages.mark_read(peer)
            elif what == "draft":
                await Conversation(desk, peer).add_draft(visit.form.get("body", ""))
            else:
                await Conversation(desk, peer).send(visit.form.get("body", ""))
                await desk.apis.messages.mark_read(peer)
        except SatError as error:
            values = _list(desk)
            values |= await self._conversation(visit, peer) | {"error": error, "draft": visit.form.get("body", "")}
            return Html("chat/chat.html", values, error.http_status)
        return Redirect(chat_end(peer))

    async def _conversation(self, visit: Visit, peer: JID) -> dict[str, object]:
        desk = await visit.desk()
        before = visit.number("before")
        chat = await desk.chat(peer)
        values: dict[str, object] = {"peer": peer, "chat": chat, "draft": chat.draft, "error": None, "before": 0}
        if before:
            page = await Conversation(desk, peer).page(before)
            log = desk.draw("chat/parts.html:messages", peer, page, page.older)
            return values | {"before": before, "log": log}
        return values | {"log": desk.chat_html(chat)}


def _list(desk: Desk) -> dict[str, object]:
    """What the contact list and the frame of the page show."""
    return {
        "desk": desk,
        "live": desk.live,
        "contacts": contact_items(desk.live),
        "peer": None,
        "now": int(time() * 1000),
        "limit": LONGEST,
        "too_long": str(MessageTooLong(size="SIZE", limit=LONGEST)),
    }
