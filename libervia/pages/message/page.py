"""One message: what it said before, who reacted to it, and what can be done with it without scripts."""

from __future__ import annotations

from urllib.parse import unquote

from libervia.server.live import Conversation
from libervia.server.page import Answer, Html, Page, Redirect, Visit, not_found
from libervia.server.render import page_with
from libervia.server.view import author, file_items, name, reaction_item
from sat_frontends.quick_frontend.amending import can_correct, can_react
from sat_frontends.quick_frontend.emojis import find_emojis
from sat_frontends.quick_frontend.hidden import cover
from sat_frontends.quick_frontend.moderating import TAKING_BACK, can_take_back
from sat_frontends.quick_frontend.translations import NAMELESS, translations

REASON_AT_MOST = 500
NAMED = 100
"""People that are named for each reaction."""


class Message(Page):
    """``/message/<id>``, with emojis whose name has ``?q=``; its forms, and those of conversations, go to
    ``/message``."""

    title = "Message"
    argument = True
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The message, its earlier versions, its reactions."""
        if not visit.argument:
            raise not_found()
        desk = await visit.desk()
        message = await desk.apis.messages.get_message(visit.argument)
        text = visit.query.get("q", "").strip()[:50]
        values: dict[str, object] = {
            "live": desk.live,
            "message": message,
            "author": author(desk.live, message),
            "name": name(desk.live, message),
            "hidden": cover(message),
            "files": file_items(message),
            "versions": await desk.apis.messages.get_versions(message.id) if message.edited else [],
            "reactions": [reaction_item(desk.live, each, NAMED) for each in message.reactions],
            "can_react": can_react(message),
            "can_correct": can_correct(message),
            "can_take_back": can_take_back(desk.live.contacts.room(message.peer), message),
            "taking_back": TAKING_BACK,
            "translations": translations(message),
            "nameless": NAMELESS,
            "q": text,
            "found": find_emojis(text),
        }
        return Html("message/message.html", values)

    async def post(self, visit: Visit) -> Answer:
        """``react`` and ``unreact`` hold the message's id and the emoji; ``retract`` and ``moderate`` hold the id."""
        desk = await visit.desk()
        form = visit.form
        on = "react" in form
        if "moderate" in form:
            message = await desk.apis.messages.get_message(form["moderate"])
            await desk.apis.rooms.moderate(message.id, form.get("text", "").strip()[:REASON_AT_MOST])
            return Redirect(page_with(message))
        id, _, emoji = form.get("react", form.get("unreact", "")).rpartition(" ")
        message = await desk.apis.messages.get_message(form.get("retract", id))
        conversation = Conversation(desk, message.peer)
        if "retract" in form:
            await conversation.retract(message.id)
        else:
            await conversation.react(message.id, unquote(emoji), on)
        return Redirect(await conversation.place(message))
