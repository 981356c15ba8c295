"""What a room answers without an IQ: to another nick, to another subject (XEP-0045 §7.6, §8.1), and to what it does not
accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, TimeoutError

from sat.api import JID
from sat.api.errors import NickTaken, NotConnected, PeerError, RequestTimeout
from sat.core.tasks import in_time
from sat.plugins.rooms.stay import Stay
from sat.plugins.rooms.talk import LONGEST_SUBJECT
from sat.xmpp.stanzas import Message, Presence, Stanza

if TYPE_CHECKING:
    from sat.plugins.rooms.plugin import Rooms

PATIENCE = 30.0  # seconds for a room to answer
REFUSES = 2.0  # seconds for a room to refuse what it does not answer otherwise


class Answers:
    """Those that are waited for."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._renaming: dict[JID, tuple[str, Deferred[None]]] = {}
        self._sent: dict[str, tuple[JID, Deferred[None]]] = {}

    def stop(self) -> None:
        """Wait no longer."""
        for _, answer in [*self._renaming.values(), *self._sent.values()]:
            answer.cancel()

    async def set_nick(self, stay: Stay, nick: str) -> None:
        """Be called otherwise in a room. Errors: NickTaken, NotConnected, PeerError, RequestTimeout."""
        if nick == stay.value.nick:
            return
        presence = Presence.to(stay.jid.with_resource(nick))
        self._rooms.presence.complete(presence.element)
        answer: Deferred[None] = Deferred()
        self._renaming[stay.jid] = nick, answer  # an earlier one waits for its time
        try:
            await self._answered(presence, answer, stay.jid)
        finally:
            if self._renaming.get(stay.jid) == (nick, answer):
                del self._renaming[stay.jid]
        await self._rooms.entering.keep(stay)

    def nick_settled(self, stay: Stay) -> None:
        """The room has us under a nick, perhaps the new one."""
        nick, answer = self._renaming.get(stay.jid, ("", None))
        if answer is not None and not answer.called and nick == stay.value.nick:
            answer.callback(None)

    def nick_refused(self, stay: Stay, error: PeerError) -> None:
        """The room does not call us so."""
        nick, answer = self._renaming.get(stay.jid, ("", None))
        if answer is not None and not answer.called:
            taken = error.details.get("condition") == "conflict"
            answer.errback(NickTaken(room=stay.jid, nick=nick) if taken else error)

    async def set_subject(self, stay: Stay, subject: str) -> None:
        """Say what a room is about. Errors: NotConnected, PeerError, RequestTimeout."""
        message = Message.to(stay.jid, "groupchat")
        message.add("subject", "jabber:client", subject[:LONGEST_SUBJECT])
        answer: Deferred[None] = Deferred()
        self._sent[message.id] = stay.jid, answer
        try:
            await self._answered(message, answer, stay.jid)
        finally:
            del self._sent[message.id]

    async def sent(self, stay: Stay, message: Message) -> None:
        """Send what a room answers only by refusing it; it has so long to do that. Errors: NotConnected, PeerError."""
        answer: Deferred[None] = Deferred()
        self._sent[message.id] = stay.jid, answer
        try:
            await self._answered(message, answer, stay.jid, REFUSES)
        except RequestTimeout:
            return
        finally:
            del self._sent[message.id]

    def subject_settled(self, room: JID, id: str = "", error: PeerError | None = None) -> bool:
        """We have changed the subject of a room, or the room does not accept what we have sent; whether somebody waits
        for that."""
        found = [answer for key, (jid, answer) in self._sent.items() if jid == room and id in ("", key)]
        for answer in found:
            if not answer.called:
                answer.callback(None) if error is None else answer.errback(error)
        return bool(found)

    async def _answered(self, stanza: Stanza, answer: Deferred[None], room: JID, seconds: float = PATIENCE) -> None:
        """Send what is answered by no IQ. Errors: NotConnected, RequestTimeout, and that of the answer."""
        session = self._rooms.session
        if not session.send(stanza.element):
            raise NotConnected(profile=session.name)
        try:
            await in_time(answer, seconds, session.clock)
        except TimeoutError:
            raise RequestTimeout(peer=room, seconds=f"{seconds:g}") from None
