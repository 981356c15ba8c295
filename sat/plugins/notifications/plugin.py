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
from sat.api.posts import Place, Post
from sat.api.settings import Tab
from sat.core.plugin import Plugin, configured, needs, on_event, wants
from sat.core.settings import Help
from sat.plugins.blog_drafts.events import NotPublished
from sat.plugins.client_state.api import ClientStateApi
from sat.plugins.http_auth.api import HttpAuthApi
from sat.plugins.messages.api import Unread
from sat.plugins.messages.plugin import Messages
from sat.plugins.notifications import answers
from sat.plugins.notifications.requests import Asking, Requests
from sat.plugins.notify_settings.api import Notify
from sat.plugins.notify_settings.plugin import NotifySettings
from sat.plugins.presence.api import PresenceApi, Show
from sat.plugins.rooms.api import RoomsApi
from sat.plugins.roster.plugin import Roster
from sat.plugins.timeline.events import Answered, Mentioned
from sat.plugins.transfers.api import Transfer, TransfersApi

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
    posts: Annotated[
        bool,
        "Show answers to your posts on the desktop",
        Help("Comments, that somebody likes one, and that one could not be published when it was due."),
    ] = True
    requests: Annotated[
        bool,
        "Show on the desktop who waits for an answer",
        Help("Contacts, invitations to rooms, and web sites that ask whether it is you."),
    ] = True
    files: Annotated[bool, "Show offered files on the desktop", Help("While no frontend is looked at.")] = True
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
    transfers = wants(TransfersApi)
    http_auth = wants(HttpAuthApi)
    client_state = wants(ClientStateApi)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._unread: dict[JID, Waiting] = {}  # not told yet
        self._answers: dict[Place, answers.Waiting] = {}  # to posts of ours, not told yet
        self._mentions: dict[Place, Post] = {}  # posts that name us, not told yet
        self._offers: dict[str, Transfer] = {}  # files that wait for a person, not told yet
        self._shown: dict[str | Place, int] = {}  # by address, by place, by the id of a transfer
        self._telling = False
        self._requests = Requests(self._asked, self._take_away)
        if session.desktop is not None:
            for undo in self._requests.listen(self.presence, self.rooms, self.http_auth):
                self.undo(undo)
            self.undo(self.messages.added.connect(self._added))
            self.undo(self.messages.unread_changed.connect(self._read))
            if self.transfers is not None:
                self.undo(self.transfers.changed.connect(self._moved))

    def _added(self, messages: list[Message]) -> None:
        for message in messages:
            if self._wanted(message):
                self._note(message)
        self._tell_soon()

    @on_event(Answered)
    def _answered(self, event: Answered) -> None:
        place = event.post.place
        if self.session.desktop is None or not self.options.posts or not event.comments:
            return
        if place in self._answers or len(self._answers) < MOST:
            self._answers[place] = answers.waiting(event, self._answers.get(place))
        self._tell_soon()

    @on_event(Mentioned)
    def _mentioned(self, event: Mentioned) -> None:
        if self.session.desktop is None or not self.options.posts:
            return
        for post in event.posts[: MOST - len(self._mentions)]:
            self._mentions[post.place] = post
        self._tell_soon()

    @on_event(NotPublished)
    def _not_published(self, event: NotPublished) -> None:
        if self.session.desktop is not None and self.options.posts:
            draft = event.kept.draft
            begin = _line(draft.title or draft.body, SHORT)
            title = f"“{begin}” was not published" if self.options.text and begin else "A post was not published"
            self.spawn(self._show(event.kept.node._replace(id=event.kept.id), title, _line(event.reason, LONG)))

    def _asked(self) -> None:
        """Somebody wants to know something of us."""
        if not self.options.requests:
            self._requests.waiting.clear()
        self._tell_soon()

    def _moved(self, transfer: Transfer) -> None:
        """A file is offered, or is no longer."""
        if not transfer.asks:
            self._offers.pop(transfer.id, None)
            self._take_away(transfer.id)
        elif self.options.files and len(self._offers) < MOST and transfer.id not in self._shown:
            self._offers[transfer.id] = transfer
            self._tell_soon()

    def _tell_soon(self) -> None:
        anything = self._unread or self._answers or self._mentions or self._offers or self._requests.waiting
        if anything and not self.tasks.waits("tell"):
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
            self._take_away(change.peer)

    def _take_away(self, what: str) -> None:
        number, desktop = self._shown.pop(what, 0), self.session.desktop
        if number and desktop is not None:
            self.spawn(desktop.close(number))

    async def _tell(self) -> None:
        if self._telling:  # the desktop is slow: what comes meanwhile is told after that
            self.after(LOOK, lambda: self.spawn(self._tell()), key="tell")
            return
        self._telling = True
        try:
            unread, self._unread = self._unread, {}
            answered, self._answers = self._answers, {}
            mentions, self._mentions = self._mentions, {}
            offers, self._offers = self._offers, {}
            requests, self._requests.waiting = self._requests.waiting, {}
            if self.presence is not None and self.presence.own.value.show is Show.DND:
                return
            await self._tell_answers(answered)
            await self._tell_mentions(mentions)
            await self._tell_offers(offers)
            await self._tell_requests(requests)
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

    async def _tell_answers(self, answered: dict[Place, answers.Waiting]) -> None:
        if len(answered) > AT_ONCE:
            count = sum(each.number for each in answered.values())
            await self._show(Place(self.session.account.jid.bare), f"{count} answers to your posts", "")
            return
        for place, each in answered.items():
            if self.options.text:
                body = _line(answers.body(each, _line(each.title, SHORT)), LONG)
                await self._show(place, await self._called(each.last.author), body)
            else:
                await self._show(place, "An answer to your post", "")

    async def _tell_mentions(self, mentions: dict[Place, Post]) -> None:
        if len(mentions) > AT_ONCE:
            await self._show(Place(self.session.account.jid.bare, "mentions"), f"{len(mentions)} posts mention you", "")
            return
        for place, post in mentions.items():
            if self.options.text:
                begin = _line(post.title or post.text, SHORT)
                await self._show(place, await self._called(post.author), f"mentions you in “{begin}”")
            else:
                await self._show(place, "A post mentions you", "")

    async def _tell_requests(self, requests: dict[str, Asking]) -> None:
        if len(requests) > AT_ONCE:
            await self._show(f"{self.session.account.jid.bare}/requests", f"{len(requests)} wait for an answer", "")
            return
        for name, each in requests.items():
            await self._show(name, await self._called(each.who), _line(each.what, LONG))

    async def _tell_offers(self, offers: dict[str, Transfer]) -> None:
        if self.client_state is not None and self.client_state.active.value:
            return  # a frontend tells it, to who looks at it
        wanted = [each for each in offers.values() if self.chosen.wanted(each.peer.bare) is not Notify.NEVER]
        if len(wanted) > AT_ONCE:
            await self._show(f"{self.session.account.jid.bare}/files", f"{len(wanted)} files are offered to you", "")
            return
        for each in wanted:
            body = f"offers {_line(each.name, SHORT)}" if self.options.text else "offers a file"
            await self._show(each.id, await self._called(each.peer.bare), body)

    async def _show(self, what: str | Place, summary: str, body: str) -> None:
        desktop = self.session.desktop
        assert desktop is not None
        number = await desktop.notify(self._shown.pop(what, 0), summary, body)
        if number:
            self._shown[what] = number
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
