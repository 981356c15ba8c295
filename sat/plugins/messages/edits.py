"""Changes to messages: who corrects, takes back or reacts says here what it means, and how it looks on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from sat.api.errors import NotFound
from sat.api.messages import IN_CLEAR, PLAIN, Extra, Message, Secured, Trust
from sat.core.pipeline import Answered, Arrival, Departure
from sat.plugins.messages import languages
from sat.plugins.messages.outbox import Waiting
from sat.storage.messages import Edit, EditKind, NewEdit
from sat.xmpp import stanzas

if TYPE_CHECKING:
    from sat.plugins.messages.plugin import Messages

NS_SID = "urn:xmpp:sid:0"
LONG_NAME = 1000  # characters of an id that others choose
MARK = "edit:"  # tells the tokens of changes from the ids of messages

NOT_TAKEN_BACK = (
    "An encrypted message was to be taken back, but not by a key that is believed, so that servers can have made it up."
    " The message stays."
)

Carrier = Callable[[stanzas.Message, Edit], None]


class Edits:
    """The changes of one profile's messages: stored first, then sent; stored first, then shown."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._kept = messages.session.messages
        self._carriers: dict[EditKind, Carrier] = {}

    def carry(self, kind: EditKind, carrier: Carrier) -> Callable[[], object]:
        """Say how a change of that kind is written into a stanza; returns the undo."""
        self._carriers[kind] = carrier
        return lambda: self._carriers.pop(kind, None)

    async def change(self, id: str, kind: EditKind, value: str = "", extra: Extra = PLAIN) -> Message:
        """Change a message from here; what it is now. Errors: NotFound, NotEditable."""
        seal = IN_CLEAR
        if kind is not EditKind.CORRECT:  # it leaves as the message did, else as what is written there now
            method = await self._messages.secures((await self._kept.get(id)).peer, "")
            seal = Secured(method, Trust.VERIFIED) if method else IN_CLEAR
        message, edit = await self._kept.edit(id, kind, value, stanzas.new_id(), extra, seal)
        self._messages.tell_edited([message])
        self._messages.outbox.transmit(self.waiting(edit))
        return message

    def carries(self, edit: Edit) -> bool:
        """Whether somebody can write it into a stanza: its plugin may be switched off."""
        return edit.kind in self._carriers

    def waiting(self, edit: Edit) -> Waiting:
        """A change as the outbox knows it."""
        return Waiting(f"{MARK}{edit.stanza_id}", edit.peer, lambda: self._departure(edit))

    def _departure(self, edit: Edit) -> Departure:
        stanza = stanzas.Message.to(edit.peer, edit.message_kind, edit.stanza_id)
        self._carriers[edit.kind](stanza, edit)
        stanza.add("origin-id", NS_SID, id=edit.stanza_id)
        answers = None
        if edit.kind is EditKind.CORRECT:  # it takes the place of all that was sent before (XEP-0308 §3)
            languages.write(stanza, edit.extra)
            self._messages.extras.write(stanza, edit.extra)
            answers = Answered(edit.reply_to, edit.reply_wire, edit.quote) if edit.reply_wire else None
        aside = edit.kind is not EditKind.CORRECT
        return Departure(stanza, edit.peer, f"{MARK}{edit.stanza_id}", answers, method=edit.method, aside=aside)

    def take(self, arrival: Arrival, kind: EditKind, target: str, value: str = "", *, by_room: bool = False) -> None:
        """A change has come; nobody else sees the message that brought it. ``by_room``: a room changes what is in
        it."""
        if arrival.message.kind == "error":
            return  # it was refused
        arrival.stop()
        if not target:
            return
        time = self._messages.time_of(arrival)
        stanza_id = arrival.message.id or arrival.archive_id or self._messages.archive_id(arrival)
        new = NewEdit(
            peer=arrival.peer,
            kind=kind,
            target=target[:LONG_NAME],
            value=value,
            sender=arrival.sender,
            outgoing=arrival.outgoing,
            time=self._messages.session.now() if time is None else time,
            stanza_id=stanza_id[:LONG_NAME] or stanzas.new_id(),
            room=arrival.room is not None,
            occupant=arrival.room.occupant if arrival.room else "",
            by_room=by_room,
            waits=kind is not EditKind.CORRECT or arrival.old,
            extra=self._messages.extras.read(arrival) if kind is EditKind.CORRECT else PLAIN,
            encrypted=arrival.encrypted,
        )
        taking = self._messages.insist(lambda: self._kept.take_edit(new))
        arrival.stored = taking.addCallbacks(self._taken, self._not_there, errbackArgs=(arrival, kind))

    def _not_there(self, failure: Failure, arrival: Arrival, kind: EditKind) -> Deferred[None]:
        """A correction of what is not there, or of what another wrote: it is a message of its own, and not lost. What
        should take back a message, and is not believed, is told."""
        failure.trap(NotFound)
        if kind is not EditKind.CORRECT:
            if arrival.outgoing:
                return succeed(None)
            arrival.message.body, arrival.unreadable = "", NOT_TAKEN_BACK
        return self._messages.keep(arrival)

    def _taken(self, message: Message | None) -> None:
        if message is not None:
            self._messages.tell_edited([message])
