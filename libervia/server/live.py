"""What can be done in one conversation, by a form or by the live connection alike."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import NamedTuple

from libervia.server import zones
from libervia.server.commanding import WebShell, check, may
from libervia.server.desk import PAGE, Desk
from libervia.server.render import chat_path, page_with
from libervia.server.view import MessageItem, message_items
from sat.api import JID, SatError
from sat.api.errors import InvalidArgument, NotEditable, NotFound
from sat.api.messages import PLAIN, Extra, Message, may_go_on
from sat_frontends.quick_frontend import commands
from sat_frontends.quick_frontend.amending import NEW, Composing, Purpose, can_correct, can_react, toggled
from sat_frontends.quick_frontend.chat import Row
from sat_frontends.quick_frontend.commands import Completion
from sat_frontends.quick_frontend.rows import starts_day, starts_group


class Page(list[MessageItem]):
    """A part of a conversation; ``older`` is the ``order`` before which there is more, or 0."""

    older: int = 0


class Entered(NamedTuple):
    """What came of a text: the id of the message, or what a command answers and the page that it leads to."""

    id: str
    answer: str = ""
    where: str = ""


HINT_AT_MOST = 200
"""Characters that say what a hidden text is about."""


def meant(form: Mapping[str, object]) -> Extra:
    """How a text is to be shown, by the fields beside the composer. A hint hides it, too."""
    hint = str(form.get("hint") or "").strip()[:HINT_AT_MOST]
    return Extra(unstyled=bool(form.get("plain")), spoiler=bool(form.get("spoiler") or hint), hint=hint)


class Conversation:
    """A conversation of a profile."""

    def __init__(self, desk: Desk, peer: JID) -> None:
        self._desk, self.peer = desk, peer

    async def enter(self, body: str, purpose: str = Purpose.NEW, about: str = "", extra: Extra = PLAIN) -> Entered:
        """Do what was written: send a message, an answer to the message ``about`` or its correction, or carry out a
        command. How it is shown, ``extra``, is for messages and answers: a correction leaves that as it was. Errors:
        those of sending, of correcting and of the command."""
        body = body.replace("\r\n", "\n").strip("\n")
        if not body.strip():
            raise InvalidArgument(reason="There is nothing to send.")
        composing = await self.composing(purpose, about)
        if composing.purpose is Purpose.CORRECTION:
            await self._desk.apis.correction.correct(composing.id, body)
            return Entered(composing.id)
        chat = await self._desk.chat(self.peer)
        line = commands.parse(body)
        if line.command is None:
            chat.entered()
            return Entered(await self._desk.live.send(self.peer, line.text, composing.id, extra))
        check(line.command)
        shell = WebShell(self._desk.live, self.peer)
        await commands.run(shell, line)
        chat.entered()
        return Entered("", shell.text, shell.where)

    def completions(self, line: str) -> list[Completion]:
        """What a command may become, as far as it is typed."""
        if not line.startswith("/") or not may(line):
            return []
        return [each for each in commands.complete(self._desk.live, line, self.peer) if may(each.text)]

    async def composing(self, purpose: str, about: str) -> Composing:
        """What a text is for, by the names of a form. A correction of no certain message is one of our last. The page
        knows it, not the model: each has a composer of its own. Errors: NotFound, NotEditable, InvalidArgument."""
        if purpose not in list(Purpose):
            raise InvalidArgument(reason="Nobody knows what this text is for.")
        if purpose == Purpose.NEW:
            return NEW
        if purpose == Purpose.CORRECTION and not about:
            message = (await self._desk.chat(self.peer)).last_own
            if message is None:
                raise NotFound(what="message of yours to correct")
        else:
            message = await self.message(about)
        if message.retracted:
            raise NotEditable(reason="it was taken back")
        if purpose == Purpose.CORRECTION and not can_correct(message):
            raise NotEditable(reason="it was written by somebody else")
        if not can_react(message):
            raise NotEditable(reason="it is an error that came back")
        return Composing(Purpose(purpose), message)

    async def place(self, message: Message) -> str:
        """The page that shows a message of this conversation, with it in view."""
        chat = await self._desk.chat(self.peer)
        position = chat.find(message.id)
        if position is not None and position >= chat.end - PAGE:
            return f"{chat_path(self.peer)}#m{message.order}"
        return page_with(message)

    async def message(self, id: str) -> Message:
        """A message of this conversation. Errors: NotFound."""
        message = await self._desk.apis.messages.get_message(id)
        if message.peer != self.peer:
            raise NotFound(what=f"message {id}")
        return message

    async def react(self, id: str, emoji: str, on: bool) -> None:
        """Put a reaction on a message, or take ours away. Errors: NotFound, NotEditable, InvalidArgument."""
        message = await self.message(id)
        if any(each.emoji == emoji and each.own for each in message.reactions) is not on:
            await self._desk.apis.reactions.react(id, toggled(message, emoji))

    async def retract(self, id: str) -> None:
        """Take back a message of ours. Errors: NotFound, NotEditable."""
        await self._desk.apis.retraction.retract((await self.message(id)).id)

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
        chat = await self._desk.chat(self.peer)
        rows = [row._replace(in_clear=chat.in_clear.holds(row.message)) for row in _rows(messages)]
        page = Page(message_items(self._desk.live, rows))
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
