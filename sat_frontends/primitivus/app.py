"""The program: the screen, the session and the open conversations put together."""

from __future__ import annotations

from collections.abc import Callable

import urwid

from sat.api import JID, SatError
from sat.api.errors import NoBus
from sat.api.messages import Message
from sat.plugins.timeline.api import Response
from sat_frontends.primitivus import own_commands  # noqa: F401 - declares them
from sat_frontends.primitivus.actions import Actions
from sat_frontends.primitivus.browse import Browse
from sat_frontends.primitivus.contact_pane import ContactPane
from sat_frontends.primitivus.conversation import Conversation
from sat_frontends.primitivus.conversations import Conversations
from sat_frontends.primitivus.dialogs import Kit
from sat_frontends.primitivus.frame import Frame
from sat_frontends.primitivus.keys import Where
from sat_frontends.primitivus.opening import Opening
from sat_frontends.primitivus.people import People
from sat_frontends.primitivus.posts import Posts
from sat_frontends.primitivus.ringing import ring
from sat_frontends.primitivus.rooms import Rooms
from sat_frontends.primitivus.session import Connect, Session
from sat_frontends.primitivus.standing import Standing
from sat_frontends.primitivus.status import Status
from sat_frontends.primitivus.telling import Telling
from sat_frontends.primitivus.terminal import PASTED
from sat_frontends.primitivus.transfer_acts import TransferActs
from sat_frontends.primitivus.view import Zone
from sat_frontends.primitivus.windows import Windows
from sat_frontends.primitivus.writing import Writing
from sat_frontends.quick_frontend.amending import NEW
from sat_frontends.quick_frontend.live import LiveChange, LiveProfile
from sat_frontends.quick_frontend.offering import dropped
from sat_frontends.quick_frontend.post_words import responded
from sat_frontends.quick_frontend.profiles import ProfileRow
from sat_frontends.quick_frontend.transfer_words import goes_on

FIRST_NOTICE = 60.0  # seconds; whoever asked for it wants it to be read


class App(Opening):
    """Everything that is on the screen, and what happens on it. It is the ``Shell`` of the user commands."""

    def __init__(self, frame: Frame, connect: Connect, profile: str = "") -> None:
        self.app = self
        self.frame, self.config, self.keymap, self.symbols = frame, frame.config, frame.keymap, frame.symbols
        self.loop, self.view, self.root, self.input = frame.loop, frame.view, frame.root, frame.input
        self.exit_error: SatError | None = None
        self.exit_notice = ""  # what is said when the terminal is given back
        self.exit_to: list[str] = []  # the program that takes the terminal over
        self.focused = True  # whether the terminal has the focus, where it tells
        self.kit = Kit(self.keymap, self.symbols, self.limit)
        self.telling = Telling(frame.notices, self.loop.redraw)
        self.status = Status(self)
        self.conversations = Conversations(self, draft=self.input.text)
        self.pane: ContactPane | None = None
        self.found = ""  # the word looked for in browse mode
        self.standing = Standing(self)
        self.asking: set[str] = set()  # dialogs about the session that are open, so that none opens twice
        self._heard: list[Callable[[], object]] = []  # of the profile that is shown
        self.actions, self.browse_actions = Actions(self), Browse(self)
        self.people, self.rooms, self.posts = People(self), Rooms(self), Posts(self)
        self.transfer_acts = TransferActs(self)
        self.session = Session(connect, profile, self.loop, self)
        self.loop.faulted = self._faulted
        self.loop.interrupted = lambda: self.notice(f"{self.keymap.shown('quit')} leaves primitivus.")
        frame.title.draw, frame.banner.draw, frame.bar.draw = self.status.title, self.status.banner, self.status.bar
        frame.purpose.draw = self.status.purpose
        writing = Writing(self)
        frame.input.events, frame.input.completer = writing, writing.complete
        frame.root.app = self

    async def begin(self, notice: str = "") -> None:
        """Connect to the daemon and show the profile; ``notice`` is said first."""
        self.telling.problems(self.frame.problems, "/keys shows them.")
        if notice:
            self.telling.notice(notice, seconds=FIRST_NOTICE)
        await self.session.open()

    def close(self) -> None:
        """Let go of the daemon."""
        self.session.close()

    # -- keys ----------------------------------------------------------------------------------------------------

    def set_focused(self, focused: bool) -> None:
        """The terminal got the focus, or lost it."""
        self.focused = focused
        self.look()
        if focused:
            self.attend()

    def attend(self) -> None:
        """Somebody is at the terminal."""
        if self.session.live is not None:
            self.session.live.attend()

    def key(self, size: tuple[int, int], key: str) -> str | None:
        """A key that no dialog took."""
        action = self.keymap.action(Where.GLOBAL, key)
        if action:
            self.act(action)
            return None
        if key.startswith(PASTED):  # into the input, wherever the person is
            self.view.enter(Zone.INPUT)
        if self.view.zone is Zone.BROWSE:
            return self.browse_actions.key(size, key)
        if self.view.zone is Zone.POSTS:
            return self.posts.key(size, key)
        left = self.view.keypress(size, key)
        if key.startswith(PASTED) and dropped(key.removeprefix(PASTED)):
            self.notice(f"This is a file; {self.keymap.shown('attach')} sends it.")
        return left if left != "esc" else None

    def act(self, action: str) -> None:
        """Do a global action of the key table."""
        handler: Callable[[], object] = getattr(self.actions, f"do_{action}")
        handler()
        self.look()
        self.loop.redraw()

    # -- conversations -------------------------------------------------------------------------------------------

    @property
    def windows(self) -> Windows:
        """Which conversations are open."""
        return self.conversations.windows

    @property
    def conversation(self) -> Conversation | None:
        """The conversation that is shown."""
        return self.conversations.current

    @property
    def live(self) -> LiveProfile:
        """The profile that is shown. Errors: why there is none."""
        if self.session.live is None:
            raise self.session.absent
        return self.session.live

    @property
    def peer(self) -> JID | None:
        """Who is written with now."""
        return self.windows.current

    def open_chat(self, peer: JID) -> None:
        """Show a conversation and give the input the focus."""
        self.conversations.show(self.live.contacts.conversation(peer))

    def close_chat(self, peer: JID) -> None:
        """Close a conversation; nothing is deleted."""
        self.conversations.close(peer)

    def look(self) -> None:
        """Tell each conversation whether its newest message is being looked at."""
        self.conversations.look(not self.root.depth and self.view.conversation_shown(self.loop.size[0]))

    def refresh(self) -> None:
        """Draw the lines around the conversation again."""
        composing = self.conversation.chat.composing if self.conversation is not None else NEW
        self.view.show_purpose(composing.message is not None)
        for line in (self.frame.title, self.frame.banner, self.frame.bar, self.frame.purpose):
            line.refresh()
        if hasattr(self.loop.screen, "set_title"):
            self.loop.screen.set_title(self.status.terminal_title())
        self.loop.redraw()

    # -- what the session tells ----------------------------------------------------------------------------------

    def profile_opened(self, live: LiveProfile) -> None:
        """Show a profile: its contacts, and its conversations as they were left."""
        self._leave_profile()
        live.attend()
        self.standing.requests(live, tell=False)
        self.standing.invitations(live, tell=False)
        self._heard = [
            live.changed.connect(self._live_changed),
            live.arrived.connect(self._arrived),
            live.following.answered.connect(self._answered),
            live.contacts.changed.connect(self._contacts_changed),
            live.transfers.changed.connect(self.transfer_acts.changed),
            live.transfers.offered.connect(self.transfer_acts.offered),
        ]
        people = self.people
        self.pane = ContactPane(
            live.contacts, self.keymap, self.symbols, self.open_chat, people.act, people.open_menu, self.leave_contacts
        )
        self.view.set(contacts=self.pane)
        self.conversations.open_profile(live.name)
        self.standing.connection(live)

    def profile_closed(self, name: str, deleted: bool) -> None:
        """Show nothing of a profile any more."""
        self._leave_profile(forget=name if deleted else "")
        self.view.set(contacts=urwid.SolidFill(" "))
        self.conversations.show_window()
        if deleted:
            self.notice(f"The profile {name} was deleted.")

    def _leave_profile(self, forget: str = "") -> None:
        for disconnect in self._heard:
            disconnect()
        self._heard = []
        if self.pane is not None:
            self.pane.close()
            self.pane = None
        self.posts.close()
        self.conversations.close_profile(forget)

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
        elif what is LiveChange.INVITATIONS:
            self.standing.invitations(live)
        self.refresh()

    def _contacts_changed(self, jids: frozenset[JID]) -> None:
        peer = self.windows.current
        self.conversations.restyle(jids)
        if peer is not None and (not jids or peer in jids):
            self.conversations.show_details()
        self.refresh()

    def _arrived(self, messages: list[Message]) -> None:
        """Messages nobody is looking at: open their windows, and ring. What was written while we were away is only
        counted, and strangers do not fill the bar."""
        fresh = [message for message in messages if not message.delayed]
        self.conversations.arrived(fresh)
        ring(self, fresh)
        self.refresh()

    def daemon_gone(self) -> None:
        """The daemon stopped."""
        self._show_banner(True)

    def daemon_back(self) -> None:
        """The daemon is there again."""
        self._show_banner(False)
        self.standing.forget()  # what failed meanwhile is no longer true

    def reloaded(self) -> None:
        """Everything that is shown is true again."""
        self.posts.reload()
        self.notice("The daemon is back; everything was loaded again.")

    def _show_banner(self, shown: bool) -> None:
        self.view.banner_shown = shown
        self.view.refresh()
        self.refresh()

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
            self.conversations.show_window()
        WizardScreen.open(self)

    def profile_not_open(self, row: ProfileRow, obstacle: SatError) -> None:
        """Ask for the profile's own password, or say what else is missing."""
        from sat_frontends.primitivus.starting import ask_lock, offer_again

        (ask_lock if row.locked else offer_again)(self, row.name, obstacle)

    # -- telling the person --------------------------------------------------------------------------------------

    def _answered(self, responses: list[Response]) -> None:
        for sentence in responded(responses):
            self.notice(sentence)

    def notice(self, text: str, error: bool = False) -> None:
        """Show a sentence for some seconds."""
        self.telling.notice(text, error)

    def failed(self, error: SatError) -> None:
        """Show what went wrong, and what can be done."""
        self.telling.failed(error)

    def _faulted(self, error: BaseException) -> None:
        if isinstance(error, SatError):
            self.failed(error)
        else:
            self.notice("Something unexpected went wrong in primitivus; its log tells more.", error=True)

    def show(self, text: str) -> None:
        """Show lines of text that are no message."""
        if "\n" not in text and len(text) <= 200:
            self.telling.answer(text)
        else:
            self.read("primitivus", text.split("\n"))

    # -- the rest of what commands want --------------------------------------------------------------------------

    def leave_contacts(self) -> None:
        """Back to the input."""
        self.view.enter(Zone.INPUT)
        self.look()

    def quit(self) -> None:
        """Leave; the daemon stays online, and goes on with what is on its way."""
        under_way = len(self.session.live.transfers.under_way) if self.session.live is not None else 0
        self.exit_notice = goes_on(under_way)
        self.loop.quit()
