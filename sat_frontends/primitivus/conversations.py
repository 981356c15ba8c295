"""The conversations on the screen: those of the profile that is shown, and how those of the others were left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import urwid

from sat.api import JID
from sat.api.errors import NotFound
from sat.api.messages import Message
from sat.api.transfers import Transfer, TransferState, Way
from sat_frontends.primitivus.conversation import Conversation, Files
from sat_frontends.primitivus.file_pictures import FilePictures
from sat_frontends.primitivus.frame import hint
from sat_frontends.primitivus.message_row import Style
from sat_frontends.primitivus.occupant_pane import OccupantPane
from sat_frontends.primitivus.pictures import Pictures
from sat_frontends.primitivus.session import own_name
from sat_frontends.primitivus.transfer_row import Look, TransferRow
from sat_frontends.primitivus.view import Zone
from sat_frontends.primitivus.windows import Windows
from sat_frontends.quick_frontend.chat import What
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

MOST_WINDOWS = 20  # that open by themselves


class Conversations:
    """Opens, shows and closes conversations. What was written and not sent stays where it was written."""

    def __init__(self, app: App, draft: str) -> None:
        self.app = app
        self.windows = Windows(draft)  # without a profile, until one is opened
        self._of_profile: dict[str, Windows] = {}
        self._widgets: dict[JID, Conversation] = {}
        self._heard: dict[JID, Callable[[], object]] = {}
        self._pictures = Pictures(app.loop, app.frame.gallery, lambda: app.live.apis, self._redraw)
        pictures = FilePictures(app.loop, app.frame.gallery, lambda: app.live.apis, self.file_changed)
        self.look_of_files = Look(app.symbols, app.keymap, pictures.find)
        self.occupants: OccupantPane | None = None
        """Who is in the room that is shown."""

    @property
    def current(self) -> Conversation | None:
        """The conversation that is shown."""
        peer = self.windows.current
        return self._widgets.get(peer) if peer is not None else None

    # -- profiles ------------------------------------------------------------------------------------------------

    def open_profile(self, name: str) -> None:
        """A profile is shown from now on: its conversations as they were left."""
        draft = self.windows.draft  # of nobody, see ``close_profile``
        self.windows = self._of_profile.setdefault(name, Windows())
        self.windows.draft = self.windows.draft or draft
        for peer in self.windows.peers:
            self._make(peer)
        self.show_window()

    def close_profile(self, forget: str = "") -> None:
        """No profile is shown, or soon another one; ``forget`` is the name of one that is no more."""
        self.app.input.settle()
        for conversation in self._widgets.values():
            conversation.chat.look(False)
        for peer in tuple(self._widgets):
            self._drop(peer)
        if self.occupants is not None:
            self.occupants.close()
            self.occupants = None
        if self.windows in self._of_profile.values():
            self.windows = Windows()
        self._of_profile.pop(forget, None)

    # -- conversations -------------------------------------------------------------------------------------------

    def show(self, peer: JID) -> None:
        """Show a conversation and give the input the focus."""
        self.app.input.settle()
        conversation = self._make(peer)
        if self.windows.current is None and not conversation.chat.draft:
            # It was written for somebody, most likely for who is shown now. That we type is told with the next key.
            conversation.chat.draft, self.windows.draft = self.windows.draft, ""
        self.windows.show(peer)
        self.show_window()

    def close(self, peer: JID) -> None:
        """Close a conversation; nothing is deleted."""
        self.app.input.settle()
        self.windows.close(peer)
        if peer in self._widgets:
            self._drop(peer)
            self.app.live.close_chat(peer)
        self.show_window()

    def _drop(self, peer: JID) -> None:
        self._heard.pop(peer)()
        self._widgets.pop(peer).close()

    def arrived(self, messages: Iterable[Message]) -> None:
        """Open the windows of who wrote, as long as there are not too many."""
        for message in messages:
            self.open_beside(message.peer)

    def open_beside(self, peer: JID) -> None:
        """Open a window without showing it, as long as there are not too many."""
        if len(self.windows.peers) < MOST_WINDOWS and self.windows.add(peer):
            self._make(peer)

    def restyle(self, jids: frozenset[JID]) -> None:
        """Contacts are called something else, all of them if none is named."""
        for each in self._widgets if not jids else jids & self._widgets.keys():
            self._widgets[each].restyle(self._style(each))

    def look(self, seen: bool) -> None:
        """Tell each conversation whether its newest message is being looked at; ``seen``: nothing lies over it."""
        for peer, conversation in self._widgets.items():
            shown = peer == self.windows.current and self.app.focused
            conversation.chat.look(shown and seen and conversation.at_end, shown)

    async def go_to_message(self, peer: JID, order: int) -> None:
        """Show one message of a conversation, in browse mode."""
        self.app.open_chat(peer)
        conversation = self._make(peer)
        await conversation.chat.load()
        position = await conversation.chat.reach(order)
        if position is None:
            self.app.failed(NotFound(what="message like that any more"))
            return
        conversation.to(position)
        self.app.view.enter(Zone.BROWSE)

    # -- inside --------------------------------------------------------------------------------------------------

    def _make(self, peer: JID) -> Conversation:
        found = self._widgets.get(peer)
        if found is None:
            chat = self.app.live.chat(peer)
            found = self._widgets[peer] = Conversation(
                chat, self._style(peer), self.app.loop.spawn, Files(lambda: self._files(peer), self._file_row)
            )
            self._heard[peer] = chat.changed.connect(lambda change: self._chat_changed(peer, change.what))
        return found

    def _style(self, peer: JID) -> Style:
        app = self.app
        name = clean_line(app.live.contacts.label(peer))
        return Style(
            app.symbols, own_name(app.session.live), name, app.config.nick_colours, app.found, self._pictures.find
        )

    # -- files on their way --------------------------------------------------------------------------------------

    def file_changed(self, id: str) -> None:
        """One has come further, or is no longer told."""
        if self.app.session.live is None:
            return
        transfer = self.app.live.transfers.find(id)
        peers = self._widgets if transfer is None else [self.app.live.contacts.conversation(transfer.peer)]
        for peer in peers:
            if peer in self._widgets:
                self._widgets[peer].files_changed()
        self.app.loop.redraw()

    def _files(self, peer: JID) -> list[Transfer]:
        """Those of a conversation; of what has come over the web a message tells."""
        live = self.app.session.live
        if live is None:
            return []
        theirs = [each for each in live.transfers if each.peer and live.contacts.conversation(each.peer) == peer]
        told = (Way.UPLOAD, Way.DOWNLOAD)
        return [each for each in theirs if not (each.state is TransferState.DONE and each.way in told)]

    def _file_row(self, transfer: Transfer, style: Style) -> TransferRow:
        return TransferRow(transfer, self.app.live.transfers.row(transfer.id), self.look_of_files, style)

    def _redraw(self) -> None:
        for each in self._widgets.values():
            each.redraw()

    def _chat_changed(self, peer: JID, what: What) -> None:
        conversation = self._widgets.get(peer)
        if conversation is None:
            return
        if peer == self.windows.current:
            if what is What.DRAFT:
                self.app.input.set_text(conversation.chat.draft)
            self.app.look()
        if what is What.ERROR and conversation.chat.error is not None:
            self.app.failed(conversation.chat.error)
        self.app.refresh()

    def show_window(self) -> None:
        """Draw the current window: its messages, its draft, its input history."""
        app, peer = self.app, self.windows.current
        app.view.zone = Zone.INPUT
        app.input.take_history(self.windows.history)
        if peer is None:
            app.view.set(conversation=self._welcome())
            app.input.set_text(self.windows.draft)
        else:
            conversation = self._make(peer)
            app.view.set(conversation=conversation)
            app.input.set_text(conversation.chat.draft)
        self.show_details()
        if app.pane is not None:
            app.pane.show_current(peer)
        app.look()
        app.refresh()

    def show_details(self) -> None:
        """Draw what stands on the right: who is in the room that is shown, or what is known of the contact."""
        app, peer = self.app, self.windows.current
        live = app.session.live
        room = peer if live is not None and peer is not None and live.contacts.room(peer) is not None else None
        if self.occupants is not None and self.occupants.room == room:
            return
        if self.occupants is not None:
            self.occupants.close()
            self.occupants = None
            if app.view.zone is Zone.OCCUPANTS:
                app.view.enter(Zone.INPUT)
        if room is None:
            app.view.set(details=app.status.details_widget() if peer is not None else urwid.SolidFill(" "))
            return
        pane = OccupantPane(app.live.contacts, room, app.keymap, app.symbols, app.rooms.act, self.leave_occupants)
        self.occupants = pane
        app.view.set(details=pane)

    def leave_occupants(self) -> None:
        """Back from who is in the room to the input."""
        if self.occupants is not None:
            self.occupants.set_filter("")
        self.app.view.enter(Zone.INPUT)
        self.app.look()

    def _welcome(self) -> urwid.Widget:
        shown, dot = self.app.keymap.shown, f" {self.app.symbols.middot} "
        if self.app.session.live is None:
            keys = [f"{shown('profiles')} profiles", f"{shown('quit')} leaves"]
            return hint(str(self.app.session.absent), "", dot.join(keys))
        keys = [f"{shown('contacts')} contacts", f"{shown('goto')} go to somebody", f"{shown('help')} help"]
        return hint("No conversation is open.", "", dot.join(keys))
