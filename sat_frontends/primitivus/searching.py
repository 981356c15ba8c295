"""Search the history: what is found is listed, Enter jumps to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from textwrap import wrap
from typing import TYPE_CHECKING

from sat.api import JID, SatError
from sat.api.errors import InvalidArgument
from sat.api.messages import Message, MessageKind
from sat_frontends.primitivus.dialogs import Choice, Picker
from sat_frontends.quick_frontend.hidden import preview
from sat_frontends.quick_frontend.searching import FILTERS
from sat_frontends.quick_frontend.text import clean_line, moment, short

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

WAIT = 0.2  # seconds without a key before the daemon is asked
FOUND_AT_MOST = 100
WIDE = 90  # columns


class Search:
    """The list of what was found, renewed while the person types."""

    def __init__(self, app: App, peer: JID | None) -> None:
        self.app, self.peer = app, peer
        self._found = _help()
        self._cancel: Callable[[], object] | None = None
        self._turn = 0
        where = f"Search in {clean_line(app.live.contacts.label(peer))}" if peer else "Search all conversations"
        self.picker = Picker(
            where,
            lambda _text: self._found,
            self._take,
            kit=app.kit,
            cancel=lambda: app.close_dialog(self.picker),
            typed=self._typed,
        )

    @classmethod
    def open(cls, app: App, text: str, peer: JID | None) -> None:
        """Show the search, with a text already in it."""
        if app.session.live is None:
            return
        search = cls(app, peer)
        app.open_dialog(search.picker, WIDE, min(26, app.limit()))
        if text:
            search.picker.edit.set_edit_text(text)
            search.picker.edit.set_edit_pos(len(text))

    def _typed(self, text: str) -> None:
        if self._cancel is not None:
            self._cancel()
        self._turn += 1
        if text.strip():
            self._cancel = self.app.loop.later(WAIT, lambda: self.app.loop.spawn(self._look(text, self._turn)))
        else:
            self._found, self._cancel = _help(), None

    async def _look(self, text: str, turn: int) -> None:
        link, live = self.app.session.link, self.app.session.live
        if link is None or live is None:
            return
        try:
            found = await link.profile(live.name).messages.search(text, self.peer or JID(""), 0, FOUND_AT_MOST)
        except InvalidArgument as error:  # a filter that is not typed to its end, or is none
            self._show(turn, [Choice(str(error), attribute="hint"), *_help()])
        except SatError as error:
            self.app.failed(error)
        else:
            nothing = [Choice("Nothing was found.", attribute="hint"), *_help()]
            self._show(turn, [self._choice(message) for message in found] or nothing)

    def _show(self, turn: int, found: list[Choice]) -> None:
        if turn == self._turn:  # the person has not typed on
            self._found = found
            self.picker.refresh()

    def _choice(self, message: Message) -> Choice:
        contacts = self.app.live.contacts
        label, in_room = clean_line(contacts.label(message.peer)), message.kind is MessageKind.GROUPCHAT
        nick = clean_line(message.sender.resource) if in_room else ""
        who = "me" if message.outgoing else nick or label
        where = f" {self.app.symbols.to} {label}" if who != label and self.peer is None else ""
        heading = f"{moment(message.time, time.time())} {who}{where}"
        return Choice(
            heading, short(clean_line(preview(message)[:300]), 200, self.app.symbols.ellipsis), message, "prompt"
        )

    def _take(self, choice: Choice) -> None:
        if isinstance(choice.value, Message):
            self.app.close_dialog(self.picker)
            self.app.loop.spawn(self.app.conversations.go_to_message(choice.value.peer, choice.value.order))


def _help() -> list[Choice]:
    return [Choice(line, attribute="hint") for line in wrap(FILTERS, WIDE - 4)]
