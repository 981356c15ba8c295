"""Conversations: contacts on the left, one conversation beside them."""

from __future__ import annotations

from contextlib import suppress
from time import time

from libervia.server.desk import Desk
from libervia.server.live import HINT_AT_MOST, Conversation, meant
from libervia.server.moving import goes_direct
from libervia.server.page import Answer, Html, Page, Redirect, Visit
from libervia.server.render import chat_end
from libervia.server.room_view import BESIDE, there
from libervia.server.view import composing_item, contact_items
from sat.api import JID, SatError
from sat.api.errors import InvalidAddress, MessageTooLong
from sat.api.messages import PLAIN
from sat.plugins.messages.api import LONGEST
from sat_frontends.quick_frontend.amending import NEW, Composing, Purpose
from sat_frontends.quick_frontend.room_words import kind


class Chat(Page):
    """``/chat`` and ``/chat/<address>``"""

    title = "Chat"
    menu = 1
    argument = True
    live = True
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The contacts, and the conversation's newest messages or those ``?before=`` a place. ``?to=`` a message leads
        to the page that shows it; ``?answer=`` and ``?correct=`` one say what is going to be written."""
        desk = await visit.desk()
        values = _list(desk)
        if visit.argument:
            try:
                peer = desk.peer(visit.argument)
            except InvalidAddress as error:
                return Html("chat/chat.html", values | {"error": error}, error.http_status)
            conversation = Conversation(desk, peer)
            if visit.query.get("to"):
                return Redirect(await conversation.place(await conversation.message(visit.query["to"])))
            composing = NEW
            for purpose, name in ((Purpose.ANSWER, "answer"), (Purpose.CORRECTION, "correct")):
                if visit.query.get(name):
                    composing = await conversation.composing(purpose, visit.query[name])
            values |= await self._conversation(visit, peer, composing)
        return Html("chat/chat.html", values)

    async def post(self, visit: Visit) -> Answer:
        """Send a message, or keep it as a draft; send one again, ask for attention, mark all as read, or go
        online."""
        desk = await visit.desk()
        what = "keep" if "keep" in visit.form else visit.form.get("do", "send")
        if what == "connect":
            visit.app.tasks.spawn(desk.connect())
            return Redirect("/chat")
        peer = desk.peer(visit.argument)
        conversation, body = Conversation(desk, peer), visit.form.get("body", "")
        purpose, about = visit.form.get("for", Purpose.NEW), visit.form.get("about", "")
        try:
            if "attention" in visit.form:
                await desk.apis.attention.ask_attention(peer)
            elif what == "retry":
                await desk.apis.messages.retry(visit.form.get("id", ""))
            elif what == "read":
                await desk.apis.messages.mark_read(peer)
            elif what == "keep":
                await conversation.draft(body.replace("\r\n", "\n"))
            elif what == "draft":
                await conversation.add_draft(body)
            else:
                entered = await conversation.enter(body, purpose, about, meant(visit.form))
                if entered.where:
                    return Redirect(entered.where)
                if entered.answer:
                    more = {"answer": entered.answer}
                    return Html("chat/chat.html", _list(desk) | await self._conversation(visit, peer, NEW) | more)
                await desk.apis.messages.mark_read(peer)
        except SatError as error:
            composing = NEW
            with suppress(SatError):  # what it is about cannot be had: then it is a text of its own
                composing = await conversation.composing(purpose, about)
            values = _list(desk) | await self._conversation(visit, peer, composing) | {"error": error, "draft": body}
            values["how"] = meant(visit.form)
            return Html("chat/chat.html", values, error.http_status)
        return Redirect(chat_end(peer))

    async def _conversation(self, visit: Visit, peer: JID, composing: Composing) -> dict[str, object]:
        desk = await visit.desk()
        before = visit.number("before")
        chat = await desk.chat(peer)
        corrected = composing.message if composing.purpose is Purpose.CORRECTION else None
        values: dict[str, object] = {
            "peer": peer,
            "chat": chat,
            "draft": corrected.body if corrected else chat.draft,
            "composing": composing_item(desk.live, composing),
            "nothing": composing_item(desk.live, NEW),
            "how": PLAIN,
            "answer": "",
            "before": 0,
            "direct": goes_direct(desk.live, peer),
        }
        room = values["room"] = desk.live.contacts.room(peer)
        if room is not None:
            await desk.live.rooms.look(peer)
            values |= {"kind": kind(room), "there": there(desk.live.contacts, peer, BESIDE)}
        if before:
            page = await Conversation(desk, peer).page(before)
            log = desk.draw("chat/parts.html:messages", peer, page, page.older)
            return values | {"before": before, "log": log}
        return values | {"log": desk.chat_html(chat)}


def _list(desk: Desk) -> dict[str, object]:
    """What the contact list and the frame of the page show."""
    return {
        "desk": desk,
        "seq": desk.feed.seq,  # before anything is looked at: what comes meanwhile is told again, rather than missed
        "live": desk.live,
        "contacts": contact_items(desk.live),
        "peer": None,
        "room": None,
        "error": None,
        "now": int(time() * 1000),
        "limit": LONGEST,
        "hint_limit": HINT_AT_MOST,
        "too_long": str(MessageTooLong(size="SIZE", limit=LONGEST)),
    }
