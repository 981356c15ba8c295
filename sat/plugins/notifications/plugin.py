"""The desktop tells of what nobody has read (org.freedesktop.Notifications).

A frontend that shows a conversation to somebody marks what comes there as read at once. So what is still unread a
moment later is what nobody looks at, whichever frontends there are; and what is read anywhere, on any device, is told
no longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple

from sat.api import JID
from sat.api.messages import Message, MessageKind, MessageState
from sat.api.settings import Tab
from sat.core.plugin import Plugin, configured, needs, wants
from sat.core.settings import Help
from sat.plugins.messages.api import Unread
from sat.plugins.messages.plugin import Messages
from sat.plugins.notify_settings.api import Notify
from sat.plugins.notify_settings.plugin import NotifySettings
from sat.plugins.presence.api import PresenceApi, Show
from sat.plugins.rooms.api import RoomsApi
from sat.plugins.roster.plugin import Roster

LOOK = 1.0  # seconds that a frontend has to mark a message as read
AT_ONCE = 3  # conversations that are told one by one; more come as one
MOST = 200  # conversations that are counted
KEPT = 50  # conversations whose notifications can be taken away
LONG = 300  # characters of a text
SHORT = 80  # characters of a name


@dataclass
class Options:
    """What the desktop tells."""

    tab: ClassVar[Tab] = Tab.NOTIFICATIONS
    chats: Annotated[bool, "Show messages of contacts on the desktop", Help("While nobody looks at them.")] = True
    rooms: Annotated[
        bool, "Show messages in rooms on the desktop", Help("Of each room what is chosen for it; else what names you.")
    ] = True
    text: Annotated[bool, "Show what was written", Help("Else only who has written.")] = True


class Waiting(NamedTuple):
    """How many messages of a conversation are not told yet, who in a room has written the last one, and how it
    begins."""

    number: int
    who: str
    text: str


class Notifications(Plugin):
    """The desktop tells of messages that nobody has read (org.freedesktop.Notifications)."""

    options = configured(Options)
    messages = needs(Messages)
    roster = needs(Roster)
    chosen = needs(NotifySettings)
    rooms = wants(RoomsApi)
    presence = wants(PresenceApi)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._unread: dict[JID, Waiting] = {}  # not told yet
        self._shown: dict[JID, int] = {}
        self._telling = False
        if session.desktop is not None:
            self.undo(self.messages.added.connect(self._added))
            self.undo(self.messages.unread_changed.connect(self._read))

    def _added(self, messages: list[Message]) -> None:
        for message in messages:
            if self._wanted(message):
                self._note(message)
        if self._unread and not self.tasks.waits("tell"):
            self.after(LOOK, lambda: self.spawn(self._tell()), key="tell")

    def _note(self, message: Message) -> None:
        """Remember what will be said: a flood of large messages is not to be held."""
        known = self._unread.get(message.peer)
        if known is None and len(self._unread) >= MOST:
            return  # there is one notification for so many, and it counts enough
        who = message.sender.resource if message.kind is MessageKind.GROUPCHAT else ""
        text = _said(message)[: 4 * LONG] if self.options.text else ""
        self._unread[message.peer] = Waiting(known.number + 1 if known else 1, who, text)

    def _wanted(self, message: Message) -> bool:
        if message.outgoing or message.state is not MessageState.UNREAD or message.kind is MessageKind.ERROR:
            return False
        if not (self.options.rooms if message.kind is MessageKind.GROUPCHAT else self.options.chats):
            return False
        wanted = self.chosen.wanted(message.peer)
        return wanted is Notify.ALWAYS or (wanted is Notify.MENTION and message.mention)

    def _read(self, changes: list[Unread]) -> None:
        for change in changes:
            if change.unread:
                continue
            self._unread.pop(change.peer, None)
            number, desktop = self._shown.pop(change.peer, 0), self.session.desktop
            if number and desktop is not None:
                self.spawn(desktop.close(number))

    async def _tell(self) -> None:
        if self._telling:  # the desktop is slow: what comes meanwhile is told after that
            self.after(LOOK, lambda: self.spawn(self._tell()), key="tell")
            return
        self._telling = True
        try:
            unread, self._unread = self._unread, {}
            if self.presence is not None and self.presence.own.value.show is Show.DND:
                return
            if len(unread) > AT_ONCE:
                count = sum(each.number for each in unread.values())
                names = ", ".join([await self._called(peer) for peer in list(unread)[:AT_ONCE]])
                more = f" and {len(unread) - AT_ONCE} more"
                await self._show(self.session.account.jid.bare, f"{count} new messages", f"{names}{more}")
                return
            for peer, waiting in unread.items():
                await self._show(peer, await self._called(peer), _body(waiting))
        finally:
            self._telling = False

    async def _show(self, peer: JID, summary: str, body: str) -> None:
        desktop = self.session.desktop
        assert desktop is not None
        number = await desktop.notify(self._shown.pop(peer, 0), summary, body)
        if number:
            self._shown[peer] = number
            while len(self._shown) > KEPT:
                del self._shown[next(iter(self._shown))]

    async def _called(self, peer: JID) -> str:
        contact = self.roster.find(peer.bare)
        if contact is not None:
            return _line(contact.label, SHORT)
        if self.rooms is not None:
            for room in await self.rooms.get_rooms():
                if room.jid == peer.bare:
                    inside = f"{_line(peer.resource, SHORT)} in " if peer.resource else ""
                    return f"{inside}{_line(room.name or room.jid, SHORT)}"
        return _line(peer, SHORT)


def _body(waiting: Waiting) -> str:
    count = f"{waiting.number} new messages"
    if not waiting.text:
        return count if waiting.number > 1 else "A new message"
    who = f"{_line(waiting.who, SHORT)}: " if waiting.who else ""
    text = f"{who}{_line(waiting.text, LONG)}"
    return f"{count}. {text}" if waiting.number > 1 else text


def _said(message: Message) -> str:
    """What a message says, without what it hides."""
    if message.extra.spoiler:
        return f"Spoiler: {message.extra.hint}" if message.extra.hint else "Spoiler"
    if said := message.text or message.subject:
        return said
    files = ", ".join(each.name or "a file" for each in message.attachments)
    return files or ("asks for your attention" if message.extra.attention else "")


def _line(text: str, length: int) -> str:
    """A text as one line without anything that moves a cursor or turns letters around."""
    clean = " ".join("".join(each if each.isprintable() else " " for each in text[: 4 * length]).split())
    return clean if len(clean) <= length else f"{clean[: length - 1]}…"
