"""Messages: stored first, then sent; stored first, then shown (promises P1–P3, docs/architecture.md)."""

from __future__ import annotations

import secrets
from typing import Any

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import InvalidArgument, MessageTooLong, NotFound
from sat.api.values import ANYBODY
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Offline, Online, Plugin, on_event, on_message
from sat.core.session import Acknowledged
from sat.plugins.messages.api import (
    LONGEST,
    Conversation,
    Message,
    MessageChange,
    MessageKind,
    MessagesApi,
    MessageState,
    Unread,
)
from sat.plugins.messages.insist import Insistence
from sat.storage.messages import Added, NewMessage
from sat.storage.rows import Missed
from sat.xmpp import stanzas
from sat.xmpp.times import delay_of

NS_SID = "urn:xmpp:sid:0"
LONG_NAME = 1000  # characters of an id or a thread that others choose
DOUBT = 10.0  # seconds for the archive to tell which of our messages had arrived
SENDABLE = (MessageKind.CHAT, MessageKind.NORMAL, MessageKind.HEADLINE)


class CaughtUp:
    """An event: the archive has told what it has, if there is one. Our own messages that it has are known as SENT."""


class Messages(Plugin, MessagesApi):
    """Messages with contacts, in one stored history (RFC 6121 §5)."""

    xeps = ("0359", "0203")
    features = (NS_SID,)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._kept = session.messages
        self._insistence = Insistence(self.tasks, self.log)
        self._own: JID = session.account.jid.bare
        self._unread: dict[JID, int] = {}
        self._outbox_open = False  # False: what is pending is sent by _empty_outbox, in order
        self._handed_over: set[str] = set()  # what this connection carries
        self._taken: set[str] = set()  # what the server has, until that is stored
        self._connections = 0
        self.archived = False  # whether somebody will say CaughtUp after each connection
        self._doubtful = False  # whether the server may have something that it has not acknowledged
        self._new: list[Message] = []
        self._changed: list[MessageChange] = []
        self._recounted: set[JID] = set()

    async def load(self) -> None:
        self._unread = await self._kept.unread()
        self.unread.value = sum(self._unread.values())
        self._doubtful = bool(await self._kept.pending())

    # -- out ---------------------------------------------------------------------------------------------------

    async def send(self, peer: JID, body: str, kind: MessageKind = MessageKind.CHAT, subject: str = "") -> str:
        if kind not in SENDABLE:
            raise InvalidArgument(reason=f"A message of the kind {kind} cannot be sent to a contact.")
        if not body.strip() and not subject:
            raise InvalidArgument(reason="The message is empty.")
        if (size := len(body.encode("utf-8", "replace"))) > LONGEST:
            raise MessageTooLong(size=size, limit=LONGEST)
        body = body.encode("utf-8", "replace").decode()  # half a character (a lone surrogate) cannot be carried
        wire_id = secrets.token_urlsafe(16)
        new = NewMessage(
            peer=peer.bare,
            sender=self._own,
            outgoing=True,
            body=body,
            time=self.session.now(),
            state=MessageState.PENDING,
            kind=kind,
            subject=subject,
            stanza_id=wire_id,
            origin_id=wire_id,
        )
        (message,) = await self._kept.add([new])  # P1: nothing leaves, and no id is told, before it is stored
        assert message is not None, "the id is new"
        self._announce(message)
        self._transmit(message, wire_id)
        return message.id

    async def retry(self, id: str) -> None:
        change = await self._kept.retry(id)
        if change is None:
            raise NotFound(what=f"message {id} that had failed")
        self._tell([change])
        self._handed_over.discard(id)
        if self._outbox_open:
            await self._empty_outbox()

    @property
    def awaits_acknowledgement(self) -> bool:
        """Whether something is on its way of which we do not know if the server has it."""
        return bool(self._handed_over)

    def _has_left(self, id: str) -> bool:
        return id in self._handed_over or id in self._taken

    def _transmit(self, message: Message, wire_id: str) -> None:
        if not self._outbox_open or self._has_left(message.id):
            return
        stanza = stanzas.Message.to(message.peer, message.kind, wire_id)
        stanza.subject = message.subject
        stanza.body = message.body
        stanza.add("origin-id", NS_SID, id=wire_id)
        if self.session.depart(Departure(stanza, message.peer, message.id)):
            self._handed_over.add(message.id)

    @on_event(Online)
    def _connected(self, event: Online) -> None:
        self.spawn(self._kept.begin_catch_up())
        if not event.resumed:  # else the stream itself sends again what was lost
            self._connections += 1
            self._outbox_open = False
            self._doubtful = self._doubtful or bool(self._handed_over)
            self._handed_over.clear()
        if self._doubtful and self.archived:
            self.after(DOUBT, self._start_sending, key="doubt")  # the archive knows what had arrived
        elif not event.resumed:
            self._start_sending()

    @on_event(Offline)
    def _disconnected(self, event: Offline) -> None:
        self.tasks.cancel("doubt")  # what is in doubt stays so until there is somebody to ask

    @on_event(CaughtUp)
    def _caught_up(self, event: CaughtUp) -> None:
        if self.tasks.waits("doubt"):
            self._start_sending()

    def _start_sending(self) -> None:
        self.tasks.cancel("doubt")
        self._doubtful = False
        self.spawn(self._empty_outbox())

    async def _empty_outbox(self) -> None:
        """Send what is pending, in order and with its old ids (P2); what is written meanwhile comes behind it."""
        connection = self._connections
        while True:
            pending = await self._kept.pending()
            if connection != self._connections:
                return  # another connection has come meanwhile, and begins again
            waiting = [each for each in pending if not self._has_left(each[0].id)]
            self._outbox_open = True
            if not waiting:
                return
            before = len(self._handed_over)
            for message, wire_id in waiting:
                self._transmit(message, wire_id)
            self._outbox_open = False
            if len(self._handed_over) == before:
                return  # the connection has gone; the next one begins again

    @on_event(Acknowledged)
    def _acknowledged(self, event: Acknowledged) -> None:
        self._handed_over.difference_update(event.ids)
        self._taken.update(event.ids)
        self._note(event.ids, MessageState.SENT).addCallback(lambda _: self._taken.difference_update(event.ids))

    # -- in ----------------------------------------------------------------------------------------------------

    @on_message(Stage.ARCHIVE)
    def _arrived(self, arrival: Arrival) -> None:
        message = arrival.message
        kind = _KINDS[message.kind]
        if kind is MessageKind.ERROR:
            arrival.stored = self._failed(arrival)
            return
        body = message.body
        if not (body or message.subject) or kind is MessageKind.GROUPCHAT:
            return
        now = self.session.now()
        stamp = arrival.time if arrival.time is not None else self._delay(message, now)
        new = NewMessage(
            peer=arrival.peer,
            sender=arrival.sender,
            outgoing=arrival.outgoing,
            body=body,
            time=now if stamp is None else stamp,
            state=_first_state(arrival),
            kind=kind,
            subject=message.subject,
            thread=message.thread[:LONG_NAME],
            delayed=stamp is not None,
            encrypted=arrival.encrypted,
            stanza_id=message.id[:LONG_NAME],
            origin_id=self._origin_id(message),
            archive=self._own,
            archive_id=arrival.archive_id or self.archive_id(message),
            below=arrival.below,
            missed=Missed.QUEUED if stamp is not None and not arrival.archived else arrival.missed,
        )
        # Not told and not counted before it is on the disk, however long that takes: the server keeps it (P3).
        arrival.stored = self._insistence.write(lambda: self._kept.add([new])).addCallback(self._stored, arrival)

    def _delay(self, message: stanzas.Message, now: float) -> float | None:
        """When our own server says that it kept the message (XEP-0203); others could say what they like."""
        return delay_of(message.element, now, self._own.domain, self._own)

    def _stored(self, added: Added, arrival: Arrival) -> None:
        self._tell(added.changes)
        (message,) = added
        if message is None:
            arrival.stop()  # known already
            return
        self._announce(message)
        if message.state is MessageState.UNREAD:
            self._set_unread(message.peer, self._unread.get(message.peer, 0) + 1)

    def _failed(self, arrival: Arrival) -> Deferred[Any] | None:
        """An error came back for a message of ours; only who it went to can say so."""
        if arrival.outgoing or not arrival.message.id:  # outgoing: another device of ours says so to them
            return None
        error = stanzas.stanza_error(arrival.message.element)
        return self._note_outgoing(arrival.message.id, arrival.peer, MessageState.FAILED, str(error))

    def delivered(self, wire_id: str, peer: JID) -> Deferred[Any]:
        """The contact's program has our message (the receipts plugin says so)."""
        return self._note_outgoing(wire_id, peer, MessageState.DELIVERED)

    def _origin_id(self, message: stanzas.Message) -> str:
        child = message.child("origin-id", NS_SID)
        return str(child.attributes.get("id", ""))[:200] if child is not None else ""

    def archive_id(self, message: stanzas.Message) -> str:
        """The id under which our own server keeps this message (XEP-0359); no one else is believed."""
        for child in message.children(NS_SID):
            if child.name == "stanza-id" and child.attributes.get("by") == self._own:
                return str(child.attributes.get("id", ""))[:200]
        return ""

    # -- telling the frontends, a batch a turn -----------------------------------------------------------------

    def _announce(self, message: Message) -> None:
        self._new.append(message)
        self._soon()

    def _note(self, ids: list[str], state: MessageState, error: str = "") -> Deferred[None]:
        """Messages of ours have come further: store it, then tell it."""
        return self._insistence.write(lambda: self._kept.set_state(ids, state, error)).addCallback(self._tell)

    def _note_outgoing(self, wire_id: str, peer: JID, state: MessageState, error: str = "") -> Deferred[None]:
        """The same, as a contact tells it who knows only the id on the wire."""
        move = self._kept.set_state_of_outgoing
        return self._insistence.write(lambda: move(wire_id, peer, state, error)).addCallback(self._tell)

    def _tell(self, changes: list[MessageChange]) -> None:
        if changes:
            self._changed += changes
            self._soon()

    def _soon(self) -> None:
        if not self.tasks.waits("tell"):
            self.after(0, self._flush, key="tell")

    def _flush(self) -> None:
        new, self._new = self._new, []
        changed, self._changed = self._changed, []
        if new:
            self.added.emit(new)
        if changed:
            self.updated.emit(changed)
        counts = [Unread(peer, self._unread.get(peer, 0)) for peer in self._recounted]
        self._recounted.clear()
        if counts:
            self.unread.set(sum(self._unread.values()))
            self.unread_changed.emit(counts)

    def _set_unread(self, peer: JID, count: int) -> None:
        if count:
            self._unread[peer] = count
        else:
            self._unread.pop(peer, None)
        self._recounted.add(peer)
        self._soon()

    # -- looking back ------------------------------------------------------------------------------------------

    async def get_message(self, id: str) -> Message:
        return await self._kept.get(id)

    async def get_history(self, peer: JID, before: int = 0, limit: int = 50) -> list[Message]:
        return await self._kept.history(peer.bare, before, limit)

    async def search(self, text: str, peer: JID = ANYBODY, before: int = 0, limit: int = 50) -> list[Message]:
        return await self._kept.search(text, peer.bare if peer else peer, before, limit)

    async def get_conversations(self, limit: int = 100) -> list[Conversation]:
        found = await self._kept.conversations(limit)
        return [Conversation(*each) for each in found]

    async def mark_read(self, peer: JID, order: int = 0) -> None:
        self._marked(peer.bare, *await self._kept.mark_read(peer.bare, order))

    async def mark_unread(self, peer: JID, order: int = 0) -> None:
        self._marked(peer.bare, *await self._kept.mark_unread(peer.bare, order))

    def _marked(self, peer: JID, changes: list[MessageChange], unread: int) -> None:
        self._tell(changes)
        if changes:
            self._set_unread(peer, unread)


_KINDS = {kind.value: kind for kind in MessageKind}


def _first_state(arrival: Arrival) -> MessageState:
    if arrival.outgoing:
        return MessageState.SENT  # written on another device of ours
    return MessageState.READ if arrival.old else MessageState.UNREAD
