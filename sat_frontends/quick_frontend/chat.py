"""One conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic

from sat.api import JID, SatError, Signal
from sat.api.messages import PLAIN, Extra, Message, MessageChange, MessageState
from sat.plugins.archive.api import ArchiveApi
from sat.plugins.chat_states.api import ChatStatesApi
from sat.plugins.messages.api import MessagesApi
from sat_frontends.quick_frontend.amending import NEW, Amenders, Amending, Composing, Purpose, can_correct, can_react
from sat_frontends.quick_frontend.comings import Comings
from sat_frontends.quick_frontend.history import KEEP, LARGEST_PAGE, PAGE, ChatChange, History, Row, What
from sat_frontends.quick_frontend.in_clear import InClear
from sat_frontends.quick_frontend.loop import Spawn
from sat_frontends.quick_frontend.read_told import ReadTold
from sat_frontends.quick_frontend.rows import starts_day, starts_group
from sat_frontends.quick_frontend.times import no_offset
from sat_frontends.quick_frontend.typing_told import TypingTold, is_command

__all__ = ["Chat", "ChatChange", "Row", "What"]


class Chat:
    """One conversation: its history as far as looked at, what is written now, what is unread.

    Rows are asked for by position, see ``Window``: ``chat.row(p)`` for ``chat.first <= p < chat.end``. What the
    daemon tells comes by the ``hear_…`` methods; ``LiveProfile`` calls them.
    """

    def __init__(
        self,
        peer: JID,
        messages: MessagesApi,
        chat_states: ChatStatesApi | None = None,
        archive: ArchiveApi | None = None,
        amenders: Amenders | None = None,
        *,
        spawn: Spawn,
        offset: Callable[[float], int] = no_offset,
        clock: Callable[[], float] = monotonic,
        keep: int = KEEP,
    ) -> None:
        self.changed: Signal[ChatChange] = Signal()
        self.peer = peer
        self.unread = 0
        """How many of their messages are unread."""
        self.typists: tuple[str, ...] = ()
        """Who types now, by nick; a contact has none."""
        """What the contact does (XEP-0085)."""
        self.draft = ""
        """What stands in the input line. Set it with ``write`` or ``entered``."""
        self.begun: Signal[None] = Signal()
        """``own_draft`` may be another."""
        self.error: SatError | None = None
        """What went wrong last; None when something went well since."""
        self.watched = False
        """Whether the person looks at the newest message now, see ``look``."""
        self._messages = messages
        self.amending = Amending(amenders, self._set_error)
        """Corrections, retractions and reactions."""
        self.composing = NEW
        """What the text being written is for: set it with ``answer``, ``correct`` and ``write_new``."""
        self._aside = ""  # what was being written before a correction
        self._spawn, self._offset = spawn, offset
        self._history = History(peer, messages, archive, self._tell, keep)
        self.comings = Comings(self._history.window, self._tell)
        """Who came and went in the room that this is."""
        self.in_clear = InClear(self._history.window, self._tell)
        self._shown = False  # and was watched, so that the line above the unread was seen
        self._line = 0  # the order of the first unread message, when they were not looked at
        self._line_count = 0
        self._typing = TypingTold(peer, chat_states, spawn, clock)
        self._read_told = ReadTold(peer, messages, spawn, self._seen, self._set_error)
        self._kept_unread = False  # by a person, for when they come back

    # -- looking --------------------------------------------------------------------------------------------------

    @property
    def first(self) -> int:
        """The lowest position with a row."""
        return self._history.window.first

    @property
    def end(self) -> int:
        """One more than the highest position with a row."""
        return self._history.window.end

    @property
    def loading(self) -> bool:
        """Whether history is being loaded now."""
        return self._history.loading

    @property
    def has_older(self) -> bool:
        """Whether there may be messages older than ``first``: in the local store, or in the server's archive."""
        return self._history.has_older

    @property
    def has_newer(self) -> bool:
        """Whether messages newer than ``end`` were dropped from memory; ``load_newer`` brings them back."""
        return bool(self._history.window.newer)

    @property
    def typing(self) -> bool:
        """Whether anybody else is typing now."""
        return bool(self.typists)

    def row(self, position: int) -> Row:
        """The row at a position; IndexError outside of ``first <= position < end``."""
        message = (window := self._history.window)[position]
        before = window[position - 1] if position > window.first else None
        return Row(
            message,
            starts_day(before, message, self._offset),
            message.order == self._line or starts_group(before, message, self._offset),
            self._line_count if message.order == self._line else 0,
            self.comings.after(message.order),
            self.in_clear.holds(message),
        )

    def rows(self) -> list[Row]:
        """All rows in memory, oldest first."""
        return [self.row(position) for position in range(self.first, self.end)]

    @property
    def last_own(self) -> Message | None:
        """The last of our messages in memory that can be corrected."""
        return next((each for each in reversed(list(self._history.window)) if can_correct(each)), None)

    def find(self, id: str) -> int | None:
        """The position of a message, if it is in memory."""
        return self._history.window.find(id)

    def look(self, watched: bool, shown: bool = False) -> None:
        """The person looks at the newest message of this conversation (the frontend has the focus, the end is in
        view), or no longer. While watched, what comes is read at once. Leaving removes the line above the unread;
        who has only laid something over a conversation that stays ``shown`` has not left it."""
        shown = shown or watched
        if self._shown and not shown:
            self._remove_line()
            self._kept_unread = False
        self._shown, self.watched = shown, watched
        self._read()

    # -- loading --------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Load the newest messages, once; what is unread is in it."""
        await self._history.load(min(max(PAGE, self.unread + 10), LARGEST_PAGE))
        self._after_loading()

    async def load_older(self) -> None:
        """Load a page of older messages, from the local store, then from the server's archive. Does nothing while
        one is being loaded. What is too much in memory then is dropped at the newest end."""
        await self._history.load_older()

    async def load_newer(self) -> None:
        """Load again a page of newer messages that were dropped."""
        await self._history.load_newer()
        self._read()

    async def show_newest(self) -> None:
        """Come back to the newest messages at once, if they were dropped."""
        if self.has_newer:
            await self._history.show_newest()
            self._after_loading()

    async def reach(self, order: int) -> int | None:
        """Load older messages until the one with this ``order`` (of a search result) is there; its position."""
        return await self._history.reach(order)

    async def resync(self) -> None:
        """Load again what is shown: the daemon was away and signals were missed."""
        self._typing.forget()
        self._read_told.forget()
        await self._history.resync()
        self._after_loading()

    def _after_loading(self) -> None:
        # Also when watched: these came before the person looked. One that came while loading may have set the line.
        unread = self._unread_here()
        if unread and (not self._line or unread[0].order < self._line):
            self._set_line(unread[0].order, max(len(unread), self.unread))
        self._read()

    def _unread_here(self) -> list[Message]:
        return [each for each in self._history.window if each.state is MessageState.UNREAD]

    async def mark_unread(self, order: int) -> None:
        """What the contact wrote from ``order`` on is unread again, until the person leaves and comes back. Errors:
        NotFound where they have written nothing, those of storing."""
        self._kept_unread = True
        try:
            await self._messages.mark_unread(self.peer, order)
        except SatError:
            self._kept_unread = False
            raise

    # -- writing --------------------------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """The person changed the text in the input line: it is kept as the draft, and the contact hears that we
        type. A command (``/away``) is no typing."""
        if text == self.draft:
            return
        self.draft = text
        self.begun.emit(None)
        self._typing.written(bool(text.strip()) and not is_command(text))

    def stop_typing(self) -> None:
        """The conversation is closed: the contact hears that we type no more."""
        self._typing.written(False)

    @property
    def own_draft(self) -> str:
        """What is begun and not sent; a correction is no such thing, nor is a command."""
        text = self._aside if self.composing.purpose is Purpose.CORRECTION else self.draft
        return "" if is_command(text) else text

    def take_draft(self, text: str) -> bool:
        """It was gone on with elsewhere, or sent; whether that is taken. Where somebody looks at what stands here, only
        that it was sent is: they see it."""
        if text == self.own_draft:
            return True
        if self.composing.purpose is Purpose.CORRECTION or (self.watched and self.draft and text):
            return False
        self.draft = text
        self._tell(ChatChange(What.DRAFT))
        return True

    def answer(self, id: str) -> bool:
        """The text being written is an answer to a message in memory; whether that can be."""
        message = self._message(id)
        if message is None or not can_react(message):
            return False
        self.write_new()
        self._compose(Composing(Purpose.ANSWER, message))
        return True

    def correct(self, id: str = "") -> bool:
        """The text being written corrects one of our messages in memory, the last one if none is named; whether there
        is such a one. What was being written comes back afterwards."""
        message = self._message(id) if id else self.last_own
        if message is None or not can_correct(message):
            return False
        self.write_new()
        self._aside, self.draft = self.draft, message.body
        self._compose(Composing(Purpose.CORRECTION, message))
        self._tell(ChatChange(What.DRAFT))
        return True

    def write_new(self) -> None:
        """The text being written is a message of its own again."""
        if self.composing is NEW:
            return
        corrected = self.composing.purpose is Purpose.CORRECTION
        self._compose(NEW)
        if corrected:
            self.draft, self._aside = self._aside, ""
            self._tell(ChatChange(What.DRAFT))

    def _compose(self, composing: Composing) -> None:
        self.composing = composing
        self._tell(ChatChange(What.COMPOSING))

    def _message(self, id: str) -> Message | None:
        position = self.find(id)
        return None if position is None else self._history.window[position]

    def entered(self) -> None:
        """What stood in the input line is on its way: the line is empty. The contact need not hear that we stopped
        typing: the message itself says so (XEP-0085 §5.5)."""
        self.draft = ""
        self._typing.forget()
        self.begun.emit(None)

    async def send(self, text: str, reply: str = "", extra: Extra = PLAIN) -> str:
        """Send a text, for what it was written (``composing``, or as an answer to ``reply``); the message's row comes
        with the ``added`` signal. Returns its id. On failure the text goes back into ``draft``, ``error`` says why, and
        nothing is returned. Who sends what stood in the input line calls ``entered`` first."""
        if not text.strip():
            return ""
        composing = self.composing
        self.write_new()
        if composing.purpose is Purpose.CORRECTION:
            if await self.amending.correct(composing.id, text):
                return composing.id
            if self.correct(composing.id):
                self.draft = text
                self._tell(ChatChange(What.DRAFT))
            return ""
        self._remove_line()
        self._kept_unread = False
        self._tell(ChatChange(What.SENDING))
        reply = reply or composing.id
        try:
            id = await self._messages.send(self.peer, text, reply=reply, extra=extra)
        except SatError as error:
            if composing.id:
                self._compose(composing)
            # What was begun meanwhile stays behind it.
            self.draft = f"{text}\n{self.draft}" if self.draft else text
            self._tell(ChatChange(What.DRAFT))
            self.begun.emit(None)
            self._set_error(error)
            return ""
        self._set_error(None)
        return id

    async def retry(self, id: str) -> None:
        """Send a message again that had failed."""
        try:
            await self._messages.retry(id)
        except SatError as error:
            self._set_error(error)
        else:
            self._set_error(None)

    # -- what the daemon tells ------------------------------------------------------------------------------------

    def hear_messages(self, messages: Iterable[Message]) -> None:
        """Messages of this conversation are new in the store."""
        messages = list(messages)
        unread = [each for each in messages if each.state is MessageState.UNREAD]
        self._history.hear(messages, self.watched)
        if unread and not self.watched:
            first = min(each.order for each in unread)
            if self._line and self._line <= first:
                self._set_line(self._line, self._line_count + len(unread))
            else:
                self._set_line(first, self._line_count + len(unread))
        elif any(each.outgoing for each in messages):
            self._remove_line()
        self._read()

    def hear_changes(self, changes: Iterable[MessageChange]) -> None:
        """Messages of this conversation have another state. Only a person makes one unread, perhaps elsewhere: then it
        stays so, though we look at it."""
        changes = list(changes)
        self._history.apply(changes)
        if any(each.state is MessageState.UNREAD for each in changes):
            self._kept_unread = True

    def hear_edits(self, messages: Iterable[Message]) -> None:
        """Messages of this conversation say something else now."""
        messages = list(messages)
        self._history.replace(messages)
        for message in messages:
            if message.id == self.composing.id and message.retracted:
                self.write_new()

    def hear_unread(self, count: int) -> None:
        """So many messages of this conversation are unread now."""
        if count != self.unread:
            self.unread = count
            self._tell(ChatChange(What.UNREAD))
            if self._kept_unread and (unread := self._unread_here()):
                self._set_line(unread[0].order, max(len(unread), count))
            self._read()

    def hear_typists(self, typists: tuple[str, ...]) -> None:
        """These type now. That nobody does for ever is seen to by ``TypingHeard``."""
        if typists != self.typists:
            self.typists = typists
            self._tell(ChatChange(What.TYPING))

    # -- inside ---------------------------------------------------------------------------------------------------

    def _tell(self, change: ChatChange) -> None:
        if change.what is What.ERROR:
            self.error = self._history.error
        self.changed.emit(change)

    def _set_error(self, error: SatError | None) -> None:
        if error != self.error:
            self.error = error
            self.changed.emit(ChatChange(What.ERROR))

    def _set_line(self, order: int, count: int) -> None:
        before, self._line, self._line_count = self._line, order, count
        for changed in {before, order} - {0}:
            position = self._history.window.at(changed)
            if position < self.end:
                self._tell(ChatChange(What.UPDATED, position, position + 1))

    def _remove_line(self) -> None:
        if self._line:
            self._set_line(0, 0)

    def _read(self) -> None:
        """Tell the daemon what was read."""
        if self.unread and not self.has_newer and self._seen() is not None:
            self._read_told.tell()

    def _seen(self) -> Message | None:
        """The newest message, if the person looks at it and does not keep it unread."""
        return self._history.window.newest if self.watched and not self._kept_unread else None
