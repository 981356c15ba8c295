"""Browse mode: the messages have the focus, and letters act on the one that is selected."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import urwid

from sat.api import SatError
from sat.api.messages import Message, MessageState
from sat_frontends.primitivus.dialogs import Answer, Dialog, framed
from sat_frontends.primitivus.file_acts import open_address, save_files
from sat_frontends.primitivus.keys import Where
from sat_frontends.primitivus.view import Zone
from sat_frontends.quick_frontend.amending import RETRACTING, can_correct, can_react
from sat_frontends.quick_frontend.encryption_words import message_lines
from sat_frontends.quick_frontend.moderating import can_take_back
from sat_frontends.quick_frontend.text import clean, clean_line, moment
from sat_frontends.quick_frontend.translations import NAMELESS, translations

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App
    from sat_frontends.primitivus.conversation import Conversation

NO_FILE = "No file came with this message."
STATES = {
    MessageState.PENDING: "stored here; the server has not confirmed it yet",
    MessageState.SENT: "the server has it",
    MessageState.DELIVERED: "the contact's program has it",
    MessageState.DISPLAYED: "the contact has seen it",
    MessageState.FAILED: "it was not sent",
    MessageState.UNREAD: "unread",
    MessageState.READ: "read",
}


class Browse:
    """The actions of ``Where.BROWSE``."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._size = (80, 20)

    def key(self, size: tuple[int, int], key: str) -> str | None:
        """A key in browse mode; a letter that is not bound is written into the input."""
        conversation = self.app.conversation
        if conversation is None:
            self.app.view.enter(Zone.INPUT)
            return key
        self._size = self.app.view.conversation_size(size)
        file = conversation.selected_file
        if file is not None and self.app.transfer_acts.key(file, key):
            self.app.look()
            return None
        action = self.app.keymap.action(Where.BROWSE, key)
        if action:
            handler: Callable[[Conversation], object] = getattr(self, f"do_{action}")
            handler(conversation)
            self.app.look()
            return None
        if len(key) == 1 and key.isprintable():
            self.do_back_to_input(conversation)
            return self.app.view.keypress(size, key)
        return key

    def do_older_message(self, conversation: Conversation) -> None:
        conversation.scroll(self._size, "up")

    def do_newer_message(self, conversation: Conversation) -> None:
        conversation.scroll(self._size, "down")

    def do_first_message(self, conversation: Conversation) -> None:
        conversation.to_start()

    def do_last_message(self, conversation: Conversation) -> None:
        conversation.to_end()

    def do_back_to_input(self, conversation: Conversation) -> None:
        self.app.found = ""
        self.app.view.enter(Zone.INPUT)
        conversation.restyle(conversation.walker.style._replace(found=""))

    def do_command_line(self, conversation: Conversation) -> None:
        self.do_back_to_input(conversation)
        if not self.app.input.text:
            self.app.input.set_text("/")

    def do_answer(self, conversation: Conversation) -> None:
        message = conversation.selected
        if message is not None and conversation.chat.answer(message.id):
            self.do_back_to_input(conversation)

    def do_correct(self, conversation: Conversation) -> None:
        message = conversation.selected
        if message is None:
            return
        if conversation.chat.correct(message.id):
            self.do_back_to_input(conversation)
        else:
            self.app.notice("Only a message of yours can be corrected.")

    def do_retract(self, conversation: Conversation) -> None:
        message = conversation.selected
        if message is None:
            return
        if can_take_back(self.app.live.contacts.room(message.peer), message):
            self.app.rooms.take_back(message)
            return
        if not can_correct(message):
            self.app.notice(
                "Only a message of yours can be taken back, or any in a room that you moderate, if it can do that."
            )
            return
        retract = conversation.chat.amending.retract
        self.app.ask("Take the message back", RETRACTING, "Take back", lambda: retract(message.id))

    def do_react(self, conversation: Conversation) -> None:
        message = conversation.selected
        if message is not None and can_react(message):
            from sat_frontends.primitivus.picking import open_reactions

            react = conversation.chat.amending.react
            put = {each.emoji: each.own for each in message.reactions}
            open_reactions(self.app, put, lambda emoji: self.app.loop.spawn(react(message, emoji)))

    def do_quote(self, conversation: Conversation) -> None:
        message = conversation.selected
        if message is None:
            return
        quoted = "\n".join(f"> {line}" for line in clean(message.body).split("\n"))
        self.do_back_to_input(conversation)
        self.app.input.set_text(f"{quoted}\n{self.app.input.text}")

    def do_copy(self, conversation: Conversation) -> None:
        message, screen = conversation.selected, self.app.loop.screen
        if message is None:
            return
        if hasattr(screen, "copy_to_clipboard"):
            screen.copy_to_clipboard(clean(message.body))
        self.app.notice("Copied, if the terminal allows it (OSC 52).")

    def do_info(self, conversation: Conversation) -> None:
        message = conversation.selected
        if message is None:
            return
        lines: list[str | urwid.Widget] = [
            f"From: {clean_line(message.sender)}",
            f"Written: {moment(message.time, time.time())}{' (came later)' if message.delayed else ''}",
            f"State: {STATES[message.state]}",
            *_changes(message),
            *message_lines(message),
        ]
        if message.error:
            lines.append(urwid.Text(("error", clean_line(message.error))))
        lines += ["", *clean(message.body).split("\n")]
        for each in translations(message):
            lines += ["", urwid.Text(("dialog title", f"In {clean_line(each.lang) or NAMELESS}:"))]
            lines += [clean_line(each.subject)] if each.subject else []
            lines += clean(each.body).split("\n")
        self.app.read("Message", lines)

    def do_open_file(self, conversation: Conversation) -> None:
        """By its address: what opens it fetches it itself."""
        message = conversation.selected
        url = message.attachments[0].url if message is not None and message.attachments else ""
        if message is not None and any(each.is_encrypted for each in message.attachments):
            self.app.notice("This file is encrypted, so nothing else can open its address: s saves it.")
        elif url.startswith(("https://", "http://")):
            self.app.loop.spawn(open_address(self.app, url))
        else:
            self.app.notice(NO_FILE)

    def do_save_file(self, conversation: Conversation) -> None:
        message = conversation.selected
        if message is None or not message.attachments:
            self.app.notice(NO_FILE)
            return
        get, id = self.app.live.apis.attachments.get_file, message.id
        fetches = [partial(get, id, number) for number in range(len(message.attachments))]
        self.app.loop.spawn(save_files(self.app, fetches))

    def do_spoiler(self, conversation: Conversation) -> None:
        if not conversation.turn_spoiler():
            self.app.notice("This message hides nothing.")

    def do_mark_unread(self, conversation: Conversation) -> None:
        message = conversation.selected
        if message is not None:
            self.app.loop.spawn(self._mark_unread(conversation, message.order))
            conversation.to_end()  # so that it is read when the person comes back, as any other is
            self.do_back_to_input(conversation)

    async def _mark_unread(self, conversation: Conversation, order: int) -> None:
        try:
            await conversation.chat.mark_unread(order)
        except SatError as error:
            self.app.telling.answer(error)
        else:
            self.app.telling.answer("Unread again, until you come back to this conversation.")

    def do_retry(self, conversation: Conversation) -> None:
        message = conversation.selected
        if message is not None and message.state is MessageState.FAILED:
            self.app.loop.spawn(conversation.chat.retry(message.id))
        else:
            self.app.notice("Only a message that failed can be sent again.")

    def do_find(self, conversation: Conversation) -> None:
        """Ask for a word, then go to the last message that holds it."""
        edit = self.app.kit.entry("Word:", self.app.found)

        def go() -> None:
            self.app.close_dialog(dialog)
            self.app.found = str(edit.edit_text)
            conversation.restyle(conversation.walker.style._replace(found=self.app.found))
            self.do_find_next(conversation)

        def cancel() -> None:
            self.app.close_dialog(dialog)

        answers = [Answer("Find", go), Answer("Cancel", cancel)]
        dialog = Dialog("Find in this conversation", [framed(edit)], answers, kit=self.app.kit, cancel=cancel)
        self.app.open_dialog(dialog, 50)

    def do_find_next(self, conversation: Conversation) -> None:
        self._find(conversation, -1)

    def do_find_previous(self, conversation: Conversation) -> None:
        self._find(conversation, 1)

    def _find(self, conversation: Conversation, step: int) -> None:
        if self.app.found and not conversation.find(self.app.found, step):
            key = self.app.keymap.shown("search")
            self.app.notice(f"Not found in what is loaded; {key} searches everything.")


def _changes(message: Message) -> list[str]:
    """What happened to a message after it was written, in lines."""
    lines = []
    if message.edited:
        lines.append(f"Corrected: {moment(message.edited, time.time())}")
    if message.retracted:
        lines.append("Taken back by who wrote it.")
    for each in message.reactions:
        people = [*(["you"] if each.own else []), *(clean_line(sender) for sender in each.senders)]
        lines.append(f"{clean_line(each.emoji)} {', '.join(people)}")
    return lines
