"""The program: the screen, the session and the open conversations put together."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import urwid

from sat.api import JID, SatError
from sat.api.errors import NoBus, NotFound, ProfileNotFound
from sat.api.messages import Message
from sat_frontends.primitivus.actions import Actions
from sat_frontends.primitivus.browse import Browse
from sat_frontends.primitivus.contact_pane import ContactPane
from sat_frontends.primitivus.conversation import Conversation
from sat_frontends.primitivus.dialogs import Answer, Dialog, Reading
from sat_frontends.primitivus.frame import Frame, hint
from sat_frontends.primitivus.keys import Where
from sat_frontends.primitivus.message_row import Style
from sat_frontends.primitivus.people import People
from sat_frontends.primitivus.session import Connect, Session, own_name
from sat_frontends.primitivus.standing import Standing
from sat_frontends.primitivus.status import Status
from sat_frontends.primitivus.view import Zone
from sat_frontends.primitivus.windows import Windows
from sat_frontends.quick_frontend import commands
from sat_frontends.quick_frontend.chat import What
from sat_frontends.quick_frontend.live import LiveChange, LiveProfile
from sat_frontends.quick_frontend.profiles import ProfileRow
from sat_frontends.quick_frontend.text import clean_line

MOST_WINDOWS = 20  # that open by themselves


class App:
    """Everything that is on the screen, and what happens on it. It is the ``Shell`` of the user commands."""

    def __init__(self, frame: Frame, connect: Connect, profile: str = "") -> None:
        self.frame, self.config, self.keymap, self.symbols = frame, frame.config, frame.keymap, frame.symbols
        self.loop, self.view, self.root, self.input = frame.loop, frame.view, frame.root, frame.input
        self.exit_error: SatError | None = None
        self.focused = True  # whether the terminal has the focus, where it tells
        self.status, self.windows = Status(self), Windows()
        self.conversations: dict[JID, Conversation] = {}
        self.histories: dict[JID | None, list[str]] = {}
        self.pane: ContactPane | None = None
        self.found = ""  # the word looked for in browse mode
        self.standing = Standing(self)
        self.actions, self.browse_actions, self.people = Actions(self), Browse(self), People(self)
        self.session = Session(connect, profile, self.loop, self)
        self.loop.faulted = self._faulted
        self.loop.interrupted = lambda: self.notice(f"{self.keymap.shown('quit')} leaves primitivus.")
        frame.title.draw, frame.banner.draw, frame.bar.draw = self.status.title, self.status.banner, self.status.bar
        frame.input.events, frame.input.completer = self, self._complete
        frame.root.app = self

    async def begin(self) -> None:
        """Connect to the daemon and show the profile."""
        for problem in self.frame.problems:
            self.notice(problem, error=True)
        await self.session.open()

    def close(self) -> None:
        """Let go of the daemon."""
        self.session.close()

    # -- keys ----------------------------------------------------------------------------------------------------

    def set_focused(self, focused: bool) -> None:
        """The terminal got the focus, or lost it."""
        self.focused = focused
        self.look()

    def key(self, size: tuple[int, int], key: str) -> str | None:
        """A key that no dialog took."""
        action = "" if key in ("begin paste", "end paste") else self.keymap.action(Where.GLOBAL, key)
        if action:
            self.act(action)
            return None
        if self.view.zone is Zone.BROWSE:
            return self.browse_actions.key(size, key)
        left = self.view.keypress(size, key)
        return left if left != "esc" else None

    def act(self, action: str) -> None:
        """Do a global action of the key table."""
        handler: Callable[[], object] = getattr(self.actions, f"do_{action}")
        handler()
        self.loop.redraw()

    # -- what the input tells ------------------------------------------------------------------------------------

    def submitted(self, text: str) -> None:
        """A line was entered: a command, or a message."""
        self.loop.spawn(self._enter(text))

    async def _enter(self, text: str) -> None:
        try:
            await commands.enter(self, text)
        except SatError as error:
            self.failed(error)
            if not self.input.text:
                self.input.set_text(text)

    def typed(self, text: str) -> None:
        """The line changed: it is the draft of this conversation."""
        conversation = self.conversation
        if conversation is not None:
            conversation.chat.write(text)

    def browse(self) -> None:
        """Go from the input to the messages."""
        if self.conversation is not None:
            self.view.enter(Zone.BROWSE)

    def _complete(self, line: str) -> list[commands.Completion]:
        return commands.complete(self.session.live, line)

    # -- conversations -------------------------------------------------------------------------------------------

    @property
    def conversation(self) -> Conversation | None:
        """The conversation that is shown."""
        peer = self.windows.current
        return self.conversations.get(peer) if peer is not None else None

    @property
    def live(self) -> LiveProfile:
        """The profile that is shown. Errors: ProfileNotFound when there is none."""
        if self.session.live is None:
            raise ProfileNotFound(profile=self.session.wanted)
        return self.session.live

    @property
    def peer(self) -> JID | None:
        """Who is written with now."""
        return self.windows.current

    def open_chat(self, peer: JID) -> None:
        """Show a conversation and give the input the focus."""
        peer = peer.bare
        self._make(peer)
        self.windows.show(peer)
        self._show_window()

    def _make(self, peer: JID) -> Conversation:
        found = self.conversations.get(peer)
        if found is None:
            chat = self.live.chat(peer)
            found = self.conversations[peer] = Conversation(chat, self._style(peer), self.loop.spawn)
            chat.changed.connect(lambda change: self._chat_changed(peer, change.what))
        return found

    def _style(self, peer: JID) -> Style:
        name = clean_line(self.live.contacts.label(peer))
        return Style(self.symbols, own_name(self.session.live), name, self.config.nick_colours, self.found)

    def _chat_changed(self, peer: JID, what: What) -> None:
        conversation = self.conversations.get(peer)
        if conversation is None:
            return
        if peer == self.windows.current:
            if what is What.DRAFT:
                self.input.set_text(conversation.chat.draft)
            self.look()
        if what is What.ERROR and conversation.chat.error is not None:
            self.failed(conversation.chat.error)
        self.refresh()

    def close_chat(self, peer: JID) -> None:
        """Close a conversation; nothing is deleted."""
        conversation = self.conversations.pop(peer, None)
        self.windows.close(peer)
        if conversation is not None:
            conversation.close()
            self.live.close_chat(peer)
        self._show_window()

    def _show_window(self) -> None:
        """Draw the current window: its messages, its draft, its input history."""
        peer = self.windows.current
        self.view.zone = Zone.INPUT
        self.input.close_popup()
        self.input.take_history(self.histories.setdefault(peer, []))
        if peer is None:
            self.view.set(conversation=self._welcome(), details=urwid.SolidFill(" "))
            self.input.set_text("")
        else:
            conversation = self._make(peer)
            self.view.set(conversation=conversation, details=self.status.details_widget())
            self.input.set_text(conversation.chat.draft)
        if self.pane is not None:
            self.pane.show_current(peer)
        self.look()
        self.refresh()

    def _welcome(self) -> urwid.Widget:
        shown = self.keymap.shown
        return hint(
            "No conversation is open.",
            "",
            f"{shown('contacts')} contacts · {shown('goto')} go to somebody · {shown('help')} help",
        )

    def look(self) -> None:
        """Tell each conversation whether its newest message is being looked at."""
        for peer, conversation in self.conversations.items():
            shown = peer == self.windows.current and self.focused and not self.root.depth
            conversation.chat.look(shown and conversation.at_end)

    def refresh(self) -> None:
        """Draw the lines around the conversation again."""
        for line in (self.frame.title, self.frame.bar):
            line.refresh()
        if hasattr(self.loop.screen, "set_title"):
            self.loop.screen.set_title(self.status.terminal_title())
        self.loop.redraw()

    # -- what the session tells ----------------------------------------------------------------------------------

    def profile_opened(self, live: LiveProfile) -> None:
        """Show a profile: its contacts, no conversation yet."""
        for conversation in self.conversations.values():
            conversation.close()
        if self.pane is not None:
            self.pane.close()
        self.conversations, self.windows = {}, Windows()
        self.standing.requests(live, tell=False)
        live.changed.connect(self._live_changed)
        live.arrived.connect(self._arrived)
        live.contacts.changed.connect(self._contacts_changed)
        self.pane = ContactPane(
            live.contacts, self.keymap, self.symbols, self.open_chat, self.people.act, self.leave_contacts
        )
        self.view.set(contacts=self.pane)
        self._show_window()
        self.standing.connection(live)

    def _live_changed(self, what: LiveChange) -> None:
        live = self.session.live
        if live is None:
            return
        if what is LiveChange.CONNECTION:
            self.standing.connection(live)
        elif what is LiveChange.ERROR and live.error is not None:
            self.failed(live.error)
        elif what is LiveChange.REQUESTS:
            self.standing.requests(live)
        self.refresh()

    def _contacts_changed(self, jids: frozenset[JID]) -> None:
        peer = self.windows.current
        for each in self.conversations if not jids else jids & self.conversations.keys():
            self.conversations[each].restyle(self._style(each))
        if peer is not None and (not jids or peer in jids):
            self.view.set(details=self.status.details_widget())
        self.refresh()

    def _arrived(self, messages: list[Message]) -> None:
        """Messages nobody is looking at: open their windows, and ring. What was written while we were away is only
        counted, and strangers do not fill the bar."""
        fresh = [message for message in messages if not message.delayed]
        for message in fresh:
            if len(self.windows.peers) < MOST_WINDOWS and self.windows.add(message.peer):
                self._make(message.peer)
        if fresh and self.config.bell and hasattr(self.loop.screen, "write"):
            self.loop.screen.write("\a")
        self.refresh()

    def daemon_state(self, there: bool) -> None:
        """The daemon stopped, or is back."""
        self.view.banner_shown = not there
        self.view.refresh()
        if there:
            self.standing.forget()
            self.notice("The daemon is back; everything was loaded again.")

    def daemon_noticed(self, errors: list[SatError]) -> None:
        """Tell what is new, and no longer what has passed."""
        self.standing.daemon(errors)

    def no_daemon(self, error: SatError) -> None:
        """Say so, and offer to start it."""
        from sat_frontends.primitivus.starting import offer_start

        self.exit_error = error
        offer_start(self, error, can_start=not isinstance(error, NoBus))

    def no_profile(self) -> None:
        """The first run."""
        from sat_frontends.primitivus.wizard import WizardScreen

        if self.session.live is None:
            self.view.set(conversation=urwid.SolidFill(" "))
        WizardScreen.open(self)

    def profile_closed(self, row: ProfileRow, obstacle: SatError) -> None:
        """Ask for the profile's own password, or say what else is missing."""
        from sat_frontends.primitivus.starting import ask_lock, offer_again

        (ask_lock if row.locked else offer_again)(self, row.name, obstacle)

    # -- telling the person --------------------------------------------------------------------------------------

    def notice(self, text: str, error: bool = False) -> urwid.Notification:
        """Show a sentence above the window bar for some seconds."""
        severity = urwid.Severity.ERROR if error else urwid.Severity.INFO
        shown = next((each for each in self.frame.notices.notifications if each.widget.text == text), None)
        self.loop.redraw()
        return shown or self.frame.notices.notify(text, severity=severity, timeout=15.0 if error else 8.0)

    def failed(self, error: SatError) -> urwid.Notification:
        """Show what went wrong, and what can be done."""
        return self.notice(clean_line(f"{error} {error.advice}".strip()), error=True)

    def _faulted(self, error: BaseException) -> None:
        if isinstance(error, SatError):
            self.failed(error)
        else:
            self.notice("Something unexpected went wrong in primitivus; its log tells more.", error=True)

    def show(self, text: str) -> None:
        """Show lines of text that are no message."""
        if "\n" not in text and len(text) <= 200:
            self.notice(text)
        else:
            self.read("primitivus", text.split("\n"))

    # -- dialogs -------------------------------------------------------------------------------------------------

    def limit(self) -> int:
        """How many rows a dialog may have."""
        return max(3, self.loop.size[1] - 2)

    def open_dialog(self, dialog: urwid.Widget, width: int = 64, rows: int | None = None) -> None:
        """Put a dialog over everything."""
        columns = self.loop.size[0]
        relative = (urwid.RELATIVE, 100) if columns < width + 4 else width
        self.root.open(dialog, width=relative, height=urwid.PACK if rows is None else rows, min_width=20)
        self.look()
        self.loop.redraw()

    def close_dialog(self, dialog: urwid.Widget | None = None) -> None:
        """Take a dialog away, the top one if none is named."""
        self.root.close(widget=dialog)
        self.look()
        self.loop.redraw()

    def read(self, title: str, lines: list[str | urwid.Widget], width: int = 72) -> None:
        """Show a text to read."""
        self.open_dialog(Reading(title, lines, limit=self.limit, cancel=self.close_dialog), width)

    def ask(self, title: str, question: str, yes: str, do: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Ask before doing something."""

        def go() -> None:
            self.close_dialog()
            self.loop.spawn(do())

        answers = [Answer("Cancel", self.close_dialog), Answer(yes, go)]
        self.open_dialog(Dialog(title, [question], answers, limit=self.limit, cancel=self.close_dialog))

    # -- the rest of what commands want --------------------------------------------------------------------------

    def leave_contacts(self) -> None:
        """Back to the input."""
        self.view.enter(Zone.INPUT)

    def open_search(self, text: str, peer: JID | None) -> None:
        """Search in all conversations, or in one."""
        from sat_frontends.primitivus.searching import Search

        Search.open(self, text, peer)

    def open_settings(self) -> None:
        """The settings."""
        from sat_frontends.primitivus.settings import SettingsScreen

        self.loop.spawn(SettingsScreen.open(self))

    async def go_to_message(self, peer: JID, order: int) -> None:
        """Show one message of a conversation, in browse mode."""
        self.open_chat(peer)
        conversation = self._make(peer)
        await conversation.chat.load()
        position = await conversation.chat.reach(order)
        if position is None:
            self.failed(NotFound(what="message like that any more"))
            return
        conversation.to(position)
        self.view.enter(Zone.BROWSE)

    def quit(self) -> None:
        """Leave; the daemon stays online."""
        self.loop.quit()
