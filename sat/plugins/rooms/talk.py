"""What is written in rooms: whose it is, whether it is told by the room, and what it says of the room itself."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import CannotEncrypt, NotInRoom
from sat.api.messages import Mention, MessageKind
from sat.api.values import ANYBODY
from sat.core.pipeline import Arrival, InRoom
from sat.plugins.rooms import muc
from sat.plugins.rooms.api import RoomEvent, RoomEventKind, RoomState
from sat.plugins.rooms.muc import Status
from sat.plugins.rooms.naming import named
from sat.plugins.rooms.stay import Stay
from sat.storage.edit_values import EditKind
from sat.xmpp import xml
from sat.xmpp.times import delay_of
from sat.xmpp.xml import NS_CLIENT

if TYPE_CHECKING:
    from sat.plugins.rooms.plugin import Rooms

LONGEST_SUBJECT = 5000  # characters


class Talk:
    """Messages of rooms on their way in, and which conversations are rooms (``sat.plugins.messages.rooms.Rooms``)."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self.remembered: set[JID] = set()  # rooms of which there are messages

    # -- what the messages want to know --------------------------------------------------------------------------

    def knows(self, jid: JID) -> bool:
        """Whether a bare address is a room that we are or were in."""
        return jid in self._rooms.stays or jid in self.remembered

    def own(self, peer: JID) -> JID:
        """Our address in the room of that address; ANYBODY where it is none."""
        stay = self._rooms.stays.get(peer.bare)
        return stay.address if stay else ANYBODY

    def named(self, peer: JID, text: str) -> list[Mention]:
        """Who of a room is named in a text for it. By their address in the room: who they are otherwise is not for all
        others to know."""
        stay = self._rooms.stays.get(peer)
        if stay is None:
            return []
        others = (nick for nick in stay.occupants if nick != stay.value.nick)
        return [Mention(begin, end, peer.with_resource(nick)) for begin, end, nick in named(others, text)]

    def names(self) -> list[tuple[JID, str]]:
        """The rooms that we are in or want to be in, and what they are called."""
        return [(room, stay.value.name) for room, stay in self._rooms.stays.items()]

    def archives(self, room: JID) -> bool:
        """Whether that room keeps its messages, and can be asked for them now."""
        stay = self._rooms.stays.get(room)
        return stay is not None and stay.inside and stay.value.archived

    def check(self, peer: JID) -> None:
        """Whether something can be written there. Before the room has let us in again, it waits. Errors: NotInRoom."""
        stay = self._rooms.stays.get(peer.bare)
        if stay is None or stay.value.state not in (RoomState.JOINED, RoomState.JOINING):
            raise NotInRoom(room=peer.bare)

    async def readers(self, room: JID) -> list[JID]:
        """Everybody but us who can read what is written there: its members, and who is there now.
        Errors: NotInRoom, CannotEncrypt."""
        stay = self._rooms.inside(room)
        if stay.value.anonymous or not stay.value.private:
            what = "hides who is in it" if stay.value.anonymous else "is open for everybody"
            raise CannotEncrypt(who=room, reason=f"the room {what}, so nobody knows who reads along")
        found = {each.jid.bare for each in stay.occupants.values() if each.jid}
        found |= await self._rooms.admin.members(stay)
        return sorted(found - {self._rooms.session.account.jid.bare, ANYBODY})

    def holds_back(self, peer: JID) -> bool:
        """Whether what is for that conversation has to wait until the room has told us what it has."""
        stay = self._rooms.stays.get(peer.bare)
        return not stay.ready if stay else peer.bare in self.remembered

    # -- in ------------------------------------------------------------------------------------------------------

    def place(self, arrival: Arrival) -> Awaitable[None] | None:
        """Find out whether a message belongs to a room."""
        message, sender = arrival.message, arrival.sender
        if message.kind == MessageKind.GROUPCHAT:
            stay = self._rooms.stays.get(sender.bare)
            if stay is None or arrival.carbon or not (stay.inside or arrival.archived):
                arrival.stop()  # nobody but a room that we are in writes to a room
                return None
            stay.heard = self._rooms.session.clock.seconds()
            return self._said(arrival, stay)
        if message.kind == MessageKind.ERROR and not sender.resource and not arrival.outgoing and message.error:
            if self._rooms.answers.subject_settled(sender, message.id or "?", message.error):
                arrival.stop()
            stay = self._rooms.stays.get(sender)
            if stay is not None and stay.inside and message.error.details.get("condition") == "not-acceptable":
                self._rooms.entering.doubt(stay)  # §7.4: that is said to who is not in
            return None
        other = message.recipient if arrival.outgoing else sender
        if other is None or not other.resource or not self.knows(other.bare):
            return None
        stay = self._rooms.stays.get(other.bare)
        told_later = arrival.archived or arrival.carbon or message.kind == MessageKind.ERROR
        if not told_later and (stay is None or not stay.inside):
            arrival.stop()
            return None
        arrival.peer = other  # somebody in a room: no contact, and each has a conversation of their own
        return None

    def _said(self, arrival: Arrival, stay: Stay) -> Awaitable[None] | None:
        message, nick = arrival.message, arrival.sender.resource
        occupant = muc.occupant_id(message) if stay.has_ids else ""
        arrival.room = InRoom(stay.trusted, occupant, author=_author(arrival, stay))
        if not nick and self._of_the_room_itself(arrival, stay):
            return None
        body = xml.child(message.element, "body", NS_CLIENT)
        if body is None and xml.child(message.element, "subject", NS_CLIENT) is not None and not message.thread:
            if not arrival.archived:
                stay.set(subject=message.subject[:LONGEST_SUBJECT])
                self._rooms.telling.touch(stay.jid)
                self._rooms.history.subject_came(stay)
                if nick == stay.value.nick:
                    self._rooms.answers.subject_settled(stay.jid)
            arrival.stop()
            return None
        delayed = delay_of(message.element, self._rooms.session.now(), stay.jid) is not None
        arrival.old = arrival.old or (delayed and stay.first)
        return self._whose(arrival, stay, nick, live=not (delayed or arrival.archived))

    def _whose(self, arrival: Arrival, stay: Stay, nick: str, *, live: bool) -> Awaitable[None] | None:
        """Whether we wrote it ourselves: now the room knows us by our nick; before, another may have had it."""
        assert arrival.room is not None
        occupant = arrival.room.occupant
        told = muc.told(arrival.message)
        own = False
        if live:
            own = bool(nick) and nick == stay.value.nick
        elif occupant and stay.own_id:
            own = occupant == stay.own_id
        elif told is not None and told.jid:
            own = told.jid == self._rooms.session.account.jid.bare
        elif nick and nick in (stay.value.nick, stay.wanted):
            return self._look(arrival, stay)
        self._settle(arrival, stay, own=own)
        return None

    async def _look(self, arrival: Arrival, stay: Stay) -> None:
        """Nothing but its id tells whether it is one of those that were written here."""
        origin = arrival.message.child("origin-id", "urn:xmpp:sid:0")
        ids = [arrival.message.id, str(origin.attributes.get("id", "")) if origin is not None else ""]
        kept = self._rooms.session.messages
        self._settle(arrival, stay, own=await kept.has_own(stay.jid, [each for each in ids if each] or [""]))

    def _settle(self, arrival: Arrival, stay: Stay, *, own: bool) -> None:
        assert arrival.room is not None
        arrival.outgoing = own
        if not own:
            arrival.room = arrival.room._replace(mention=stay.mentions(arrival.message.body))

    def _of_the_room_itself(self, arrival: Arrival, stay: Stay) -> bool:
        """What the room says of itself, or of a message; whether that was all."""
        message = arrival.message
        told = muc.told(message)
        if told is not None and told.codes and not arrival.archived:
            stay.flags(told.codes)
            if Status.CONFIGURED in told.codes:
                self._rooms.telling.event(RoomEvent(stay.jid, RoomEventKind.CONFIGURED))
                self._rooms.spawn(self._rooms.entering.describe(stay))
            self._rooms.telling.touch(stay.jid)
        retract = message.child("retract", muc.NS_RETRACT)
        if retract is not None and xml.child(retract, "moderated", muc.NS_MODERATE) is not None:
            edits = self._rooms.messages.edits
            edits.take(arrival, EditKind.RETRACT, str(retract.attributes.get("id", "")), by_room=True)
            return True
        return False


def _author(arrival: Arrival, stay: Stay) -> JID:
    """Who somebody in a room is: those who are there have been announced by it, and its archive says it of others."""
    if stay.value.anonymous:
        return ANYBODY
    if not arrival.archived:
        there = stay.occupants.get(arrival.sender.resource)
        if there is not None:
            return there.jid.bare
    told = muc.told(arrival.message)
    return ANYBODY if told is None else told.jid
