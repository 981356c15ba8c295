"""Messages: stored first, then sent; stored first, then shown (promises P1–P3, docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import InvalidArgument, NotFound, SatError
from sat.api.messages import IN_CLEAR, Attachment, Secured, Trust
from sat.api.settings import Tab
from sat.api.values import ANYBODY
from sat.core.pipeline import Answered, Arrival, Departure, Stage
from sat.core.plugin import Offline, Online, Plugin, configured, on_event, on_message, wants
from sat.core.session import Acknowledged
from sat.plugins.messages import languages
from sat.plugins.messages.api import (
    PLAIN,
    Conversation,
    Extra,
    Message,
    MessageKind,
    MessagesApi,
    MessageState,
    Version,
)
from sat.plugins.messages.arriving import KINDS, archive_id, in_clear, time_of, written
from sat.plugins.messages.asides import Asides
from sat.plugins.messages.edits import MARK, NS_SID, Edits
from sat.plugins.messages.events import CaughtUp, ReadTo, Seen
from sat.plugins.messages.extras import Extras
from sat.plugins.messages.insist import Insistence
from sat.plugins.messages.outbox import Outbox, Waiting
from sat.plugins.messages.query import Named, meant, read_query
from sat.plugins.messages.rooms import NO_ROOMS, Rooms
from sat.plugins.messages.telling import Telling
from sat.plugins.messages.texts import sendable
from sat.plugins.roster.api import RosterApi
from sat.storage.messages import Added, NewMessage, Pending, Read
from sat.storage.places import SECOND
from sat.xmpp import stanzas, xhtml

T = TypeVar("T")
_MOST_KNOWN = 1000  # conversations with others than contacts that can be named in a search
SENDABLE = (MessageKind.CHAT, MessageKind.NORMAL, MessageKind.HEADLINE)


@dataclass
class Options:
    """What is read."""

    tab: ClassVar[Tab] = Tab.GENERAL
    languages: languages.Setting = ""


class Messages(Plugin, MessagesApi):
    """Messages with contacts, in one stored history (RFC 6121 §5)."""

    xeps = ("0071", "0203", "0359")
    options = configured(Options)
    roster = wants(RosterApi)
    features = (NS_SID,)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._kept = session.messages
        self._insistence = Insistence(self.tasks, self.log)
        self._own: JID = session.account.jid.bare
        self.rooms: Rooms = NO_ROOMS
        self.secures: Callable[[JID, str], Awaitable[str]] = in_clear
        """The method by which what is written to somebody now is to be encrypted, or none; fails where it has to be,
        by the one that is given or by any, and cannot."""
        self.keeps: Callable[[str], bool] = lambda method: True  # whether what is encrypted so stays in the history
        self.outbox = Outbox(self, self._pending, self.refused)
        self.edits = Edits(self)
        self.extras = Extras(self.log)
        self.asides = Asides(self)
        self._telling = Telling(self)

    async def load(self) -> None:
        await self._kept.forget_unkept()
        self._telling.load(await self._kept.unread())
        await self.outbox.load()

    # -- out ---------------------------------------------------------------------------------------------------

    async def send(
        self,
        peer: JID,
        body: str,
        kind: MessageKind = MessageKind.CHAT,
        subject: str = "",
        reply: str = "",
        extra: Extra = PLAIN,
        encrypt: str = "",
        attachments: Sequence[Attachment] = (),
    ) -> str:
        peer = self.conversation(peer)
        kind = self._kind(peer, kind)
        if not body.strip() and not subject and not extra.attention and not attachments:
            raise InvalidArgument(reason="The message is empty.")
        body = sendable(body)
        bodies, subjects = languages.own(extra, body, subject, bool(reply))
        method = encrypt if any(each.is_encrypted for each in attachments) else await self.secures(peer, encrypt)
        wire_id = stanzas.new_id()
        new = NewMessage(
            peer=peer,
            sender=self.rooms.own(peer) or self._own,
            outgoing=True,
            body=body,
            time=self.session.now(),
            state=MessageState.PENDING,
            kind=kind,
            subject=subject,
            encrypted=Secured(method, Trust.VERIFIED) if method else IN_CLEAR,
            stanza_id=wire_id,
            origin_id=wire_id,
            reply=reply,
            attachments=list(attachments),
            extra=self.own_extra(peer, body, extra)._replace(bodies=bodies, subjects=subjects),
            kept=self.keeps(method),
        )
        (message,) = await self._kept.add([new])  # P1: nothing leaves, and no id is told, before it is stored
        assert message is not None, "the id is new"
        self._telling.added(message)
        reply_wire = await self._kept.reply_wire(message.id) if reply else ""
        self.outbox.transmit(self._waiting(Pending(message, wire_id, reply_wire)))
        return message.id

    def own_extra(self, peer: JID, body: str, extra: Extra) -> Extra:
        """What can go with a text of ours: who is named in it is found here, what others tell of theirs is not told.
        Errors: InvalidArgument."""
        languages.checked(extra.lang)
        return extra._replace(mentions=self.rooms.named(peer, body), bodies={}, subjects={}, links=[], marks=[])

    def conversation(self, peer: JID) -> JID:
        """Where it is written with somebody: an occupant of a room has one of their own, a contact has one."""
        return peer if peer.resource and self.rooms.knows(peer.bare) else peer.bare

    def _kind(self, peer: JID, kind: MessageKind) -> MessageKind:
        """The kind of a message to a conversation; to a room, all that is written is for the room."""
        if self.rooms.knows(peer.bare):
            self.rooms.check(peer)
            return MessageKind.CHAT if peer.resource else MessageKind.GROUPCHAT
        if kind is MessageKind.GROUPCHAT:
            self.rooms.check(peer)
        if kind not in SENDABLE:
            raise InvalidArgument(reason=f"A message of the kind {kind} cannot be sent to a contact.")
        return kind

    async def retry(self, id: str) -> None:
        change = await self._kept.retry(id)
        if change is None:
            raise NotFound(what=f"message {id} that had failed")
        self._telling.moved([change])
        self.outbox.take_back(id)
        await self.outbox.leave_again()

    async def _pending(self) -> list[Waiting]:
        """What has to leave, messages and changes to them, in the order in which they were written."""
        pending = await self._kept.pending()
        messages = [(each.message.order / SECOND, self._waiting(each)) for each in pending.messages]
        edits = [(each.time, self.edits.waiting(each)) for each in pending.edits if self.edits.carries(each)]
        return [waiting for _, waiting in sorted([*messages, *edits], key=lambda each: each[0])]

    def _waiting(self, pending: Pending) -> Waiting:
        return Waiting(pending.message.id, pending.message.peer, lambda: self._departure(pending))

    def _departure(self, pending: Pending) -> Departure:
        message = pending.message
        stanza = stanzas.Message.to(message.peer, message.kind, pending.stanza_id)
        stanza.subject = message.subject
        stanza.body = message.body
        languages.write(stanza, message.extra)
        self.extras.write(stanza, message.extra)
        stanza.add("origin-id", NS_SID, id=pending.stanza_id)
        answers = Answered(message.reply_to, pending.reply_wire, message.quote) if pending.reply_wire else None
        return Departure(stanza, message.peer, message.id, answers, message.attachments, message.encrypted.method)

    async def refused(self, id: str, error: SatError) -> None:
        """What was to leave, a message or a change, cannot be encrypted."""
        note = self._note_edits if id.startswith(MARK) else self._note
        await note([id.removeprefix(MARK)], MessageState.FAILED, f"{error} {error.advice}".strip())

    @on_event(Online)
    def _connected(self, event: Online) -> None:
        self.spawn(self._kept.begin_catch_up())
        self.outbox.connected(event)

    @on_event(Offline)
    def _disconnected(self, event: Offline) -> None:
        self.outbox.disconnected()

    @on_event(CaughtUp)
    def _caught_up(self, event: CaughtUp) -> None:
        self.outbox.caught_up()

    @on_event(Acknowledged)
    def _acknowledged(self, event: Acknowledged) -> None:
        self.outbox.acknowledged(event.ids)
        ids = [id for id in event.ids if not id.startswith(MARK)]
        edits = [id.removeprefix(MARK) for id in event.ids if id.startswith(MARK)]
        if ids:
            self._note(ids, MessageState.SENT).addCallback(lambda _: self.outbox.stored(event.ids))
        if edits:
            self._note_edits(edits, MessageState.SENT).addCallback(lambda _: self.outbox.stored(event.ids))

    # -- in ----------------------------------------------------------------------------------------------------

    @on_message(Stage.CORRECT)
    def _settle(self, arrival: Arrival) -> None:
        """Before others look at the text: which one it is."""
        message = arrival.message
        if not message.body and (text := xhtml.plain_text(message)):
            message.body = text
        arrival.extra = languages.settle(message, self.options.languages)

    @on_message(Stage.ARCHIVE)
    def _arrived(self, arrival: Arrival) -> None:
        message = arrival.message
        kind = KINDS[message.kind]
        if kind is MessageKind.ERROR:
            arrival.stored = self._failed(arrival)
            return
        if arrival.copy and arrival.outgoing and message.id:
            self._note_edits([message.id], MessageState.SENT)  # it may be a change of ours
        if arrival.again and arrival.copy:
            return
        said = message.body or message.subject or arrival.attachments or arrival.extra.attention
        if not (said or arrival.unreadable or arrival.copy) or (kind is MessageKind.GROUPCHAT and arrival.room is None):
            return
        # Not told and not counted before it is on the disk, however long that takes: the server keeps it (P3).
        arrival.stored = self.keep(arrival)

    def keep(self, arrival: Arrival) -> Deferred[None]:
        """Store what was written, then tell it."""
        extra, kept = self.extras.read(arrival), self.keeps(arrival.encrypted.method)
        archive_id = arrival.archive_id or self.archive_id(arrival)
        new = written(arrival, self._own, self.time_of(arrival), self.session.now(), archive_id, extra, kept)
        if arrival.again:
            arrival.id = arrival.again
            return self.insist(lambda: self._kept.reveal(arrival.again, new)).addCallback(self._revealed)
        return self.insist(lambda: self._kept.add([new])).addCallback(self._stored, arrival)

    def insist(self, work: Callable[[], Deferred[T]]) -> Deferred[T]:
        """Store what must not be lost, however long the disk refuses (see :class:`Insistence`)."""
        return self._insistence.write(work)

    def time_of(self, arrival: Arrival) -> float | None:
        """When a message that was kept for us was written, as the archive, our own server or the room says (XEP-0203);
        others could say what they like. None: now."""
        return time_of(arrival, self._own, self.session.now())

    def _stored(self, added: Added, arrival: Arrival) -> None:
        self._telling.moved(added.changes)
        self.tell_edited(added.revealed)
        (message,) = added
        if message is None:
            arrival.stop()  # known already
            return
        arrival.id = message.id
        self._telling.added(message)

    def _revealed(self, message: Message | None) -> None:
        if message is not None:
            self.tell_edited([message])

    async def explain(self, id: str, error: str) -> None:
        """Say something else of a message that cannot be read."""
        now = await self._kept.get(id)
        new = NewMessage(now.peer, now.sender, now.outgoing, "", now.time, now.state, error=error)
        self._revealed(await self._kept.reveal(id, new))

    def _failed(self, arrival: Arrival) -> Deferred[Any] | None:
        """An error came back for a message of ours; only who it went to can say so."""
        if arrival.outgoing or not arrival.message.id:  # outgoing: another device of ours says so to them
            return None
        error = str(stanzas.stanza_error(arrival.message.element))
        wire_id, peer = arrival.message.id, arrival.peer
        self._note_edits([wire_id], MessageState.FAILED, error, peer)
        return self._note_outgoing(wire_id, peer, MessageState.FAILED, error)

    def displayed(self, wire_id: str, peer: JID) -> Deferred[Any]:
        """The contact has seen our messages up to this one (the markers plugin says so)."""
        return self.insist(lambda: self._kept.mark_displayed(peer, wire_id)).addCallback(self._telling.moved)

    async def give_up(self, room: JID, error: str) -> None:
        """What waits for a room will not leave any more, as this sentence says."""
        changes, messages = await self._kept.fail_pending(room, error)
        self._telling.moved(changes)
        self.tell_edited(messages)

    def delivered(self, wire_id: str, peer: JID) -> Deferred[Any]:
        """The contact's program has our message (the receipts plugin says so)."""
        return self._note_outgoing(wire_id, peer, MessageState.DELIVERED)

    def archive_id(self, arrival: Arrival) -> str:
        """The id under which our own server keeps this message, or the room that it is written to (XEP-0359); no one
        else is believed."""
        return archive_id(arrival, self._own)

    # -- what has come further: stored, then told ----------------------------------------------------------------

    def _note(self, ids: list[str], state: MessageState, error: str = "") -> Deferred[None]:
        """Messages of ours have come further: store it, then tell it."""
        return self.insist(lambda: self._kept.set_state(ids, state, error)).addCallback(self._telling.moved)

    def _note_edits(self, ids: list[str], state: MessageState, error: str = "", peer: JID | None = None) -> Any:
        """Changes of ours have come further."""
        set_state = self._kept.set_edit_state
        return self.insist(lambda: set_state(ids, state, error, peer)).addCallback(self.tell_edited)

    def _note_outgoing(self, wire_id: str, peer: JID, state: MessageState, error: str = "") -> Deferred[None]:
        """The same, as a contact tells it who knows only the id on the wire."""
        move = self._kept.set_state_of_outgoing
        return self.insist(lambda: move(wire_id, peer, state, error)).addCallback(self._telling.moved)

    def tell_edited(self, messages: list[Message]) -> None:
        """Tell the frontends what these look like now."""
        self._telling.edited(messages)

    # -- looking back ------------------------------------------------------------------------------------------

    async def get_message(self, id: str) -> Message:
        return await self._kept.get(id)

    async def get_versions(self, id: str) -> list[Version]:
        return await self._kept.versions(id)

    async def get_history(self, peer: JID, before: int = 0, limit: int = 50) -> list[Message]:
        return await self._kept.history(self.conversation(peer), before, limit)

    async def search(self, text: str, peer: JID = ANYBODY, before: int = 0, limit: int = 50) -> list[Message]:
        query = read_query(text, self.session.now())
        places, narrow = meant(query, await self._known() if query.senders or query.places else [])
        if peer:
            place = self.conversation(peer)
            if places and place not in places:
                return []
            places = [place]
        return await self._kept.search(query.words, places, before, limit, narrow)

    async def _known(self) -> list[Named]:
        """Whom and what a person can mean by a name."""
        contacts = await self.roster.get_contacts() if self.roster is not None else []
        rooms = self.rooms.names()
        known = [*(Named(each.jid, each.name) for each in contacts), *(Named(*each, room=True) for each in rooms)]
        listed = {each.jid for each in known}
        others = (each[0] for each in await self._kept.conversations(_MOST_KNOWN))
        return [*known, *(Named(each, room=self.rooms.knows(each)) for each in others if each.bare not in listed)]

    async def get_conversations(self, limit: int = 100) -> list[Conversation]:
        found = await self._kept.conversations(limit)
        return [Conversation(*each) for each in found]

    async def mark_read(self, peer: JID, order: int = 0) -> None:
        peer = self.conversation(peer)
        read = await self._kept.mark_read(peer, order)
        self._marked(peer, read)
        if read.marker:
            self.session.emit(Seen(peer, read.marker))
        if read.archived[0]:
            self.session.emit(ReadTo(peer, *read.archived))

    def read_elsewhere(self, wire_id: str, peer: JID) -> Deferred[None]:
        """Another program of ours has shown the conversation up to a message of the contact."""

        async def work() -> None:
            await self._read_there(peer, await self._kept.place_of_incoming(peer, wire_id))

        return Deferred.fromCoroutine(work())

    async def read_up_to(self, peer: JID, archive: JID, archive_id: str) -> bool:
        """Another program of ours has shown the conversation up to the message that this archive calls so; whether we
        have it."""
        order = await self._kept.place_in_archive(peer, archive, archive_id)
        await self._read_there(peer, order)
        return bool(order)

    async def _read_there(self, peer: JID, order: int) -> None:
        if order:
            self._marked(peer, await self.insist(lambda: self._kept.mark_read(peer, order)))

    def unread_of(self, peer: JID) -> int:
        """How many messages of a conversation are unread."""
        return self._telling.unread_of(peer)

    async def mark_unread(self, peer: JID, order: int = 0) -> None:
        peer = self.conversation(peer)
        self._marked(peer, await self._kept.mark_unread(peer, order))

    def _marked(self, peer: JID, read: Read) -> None:
        self._telling.moved(read.changes)
        if read.changes:
            self._telling.unread(peer, read.unread, read.mentions)
