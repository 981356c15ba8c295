"""Invitations, through a room (XEP-0045 §7.8) or by somebody themselves (XEP-0249)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import NotConnected, NotFound
from sat.core.pipeline import Arrival
from sat.plugins.rooms import muc
from sat.plugins.rooms.api import Invitation, RoomEvent, RoomEventKind
from sat.xmpp import xml
from sat.xmpp.stanzas import Message

if TYPE_CHECKING:
    from sat.plugins.rooms.plugin import Rooms

MOST = 100
"""Rooms whose invitations wait for an answer."""


class Invitations:
    """Those that have no answer, one for each room. Who comes later into a room that is invited to already changes
    nothing: a flood of them is one."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._waiting: dict[JID, Invitation] = {}
        self._passwords: dict[JID, str] = {}

    def all(self) -> list[Invitation]:
        """Those without an answer."""
        return list(self._waiting.values())

    def has(self, room: JID) -> bool:
        """Whether there is one to that room."""
        return room in self._waiting

    # -- theirs --------------------------------------------------------------------------------------------------

    def mediated(self, arrival: Arrival) -> None:
        """A room says that somebody invites us, or does not follow our invitation."""
        x = arrival.message.child("x", muc.NS_USER)
        if x is None or arrival.outgoing or arrival.sender.resource or arrival.message.kind in ("groupchat", "error"):
            return
        room = arrival.sender
        decline = xml.child(x, "decline")
        if decline is not None:
            arrival.stop()
            if room in self._rooms.stays and not arrival.archived:
                actor, reason = str(decline.attributes.get("from", "")), muc.text(xml.child(decline, "reason"))
                event = RoomEvent(room, RoomEventKind.DECLINED, actor=actor[: muc.LONGEST], reason=reason)
                self._rooms.telling.event(event)
            return
        invite = xml.child(x, "invite")
        if invite is not None:
            arrival.stop()
            sender = muc.address(invite.attributes.get("from"))
            password = xml.text_of(xml.child(x, "password"))[: muc.LONGEST]
            reason = muc.text(xml.child(invite, "reason"))
            self._take(arrival, Invitation(room, sender, reason, False, bool(password)), password)

    def direct(self, arrival: Arrival) -> None:
        """Somebody invites us."""
        x = arrival.message.child("x", muc.NS_DIRECT)
        if x is None or arrival.outgoing or arrival.message.kind in ("groupchat", "error"):
            return
        if arrival.message.child("x", muc.NS_USER) is not None:  # the same one, as old programs understand it
            return
        room = muc.address(x.attributes.get("jid")).bare
        if not room.local:
            return
        arrival.stop()
        password = str(x.attributes.get("password", ""))[: muc.LONGEST]
        reason = str(x.attributes.get("reason", ""))[: muc.LONGEST]
        self._take(arrival, Invitation(room, arrival.sender.bare, reason, True, bool(password)), password)

    def _take(self, arrival: Arrival, invitation: Invitation, password: str) -> None:
        stay = self._rooms.stays.get(invitation.room)
        known = invitation.room in self._waiting or (stay is not None and stay.inside)
        if arrival.old or known or len(self._waiting) >= MOST:
            return
        self._waiting[invitation.room] = invitation
        if password:
            self._passwords[invitation.room] = password
        self._rooms.telling.invite(invitation)

    def password(self, room: JID) -> str:
        """The password that came with the invitation to a room."""
        return self._passwords.get(room, "")

    def settle(self, room: JID) -> None:
        """It has an answer."""
        self._passwords.pop(room, None)
        if self._waiting.pop(room, None) is not None:
            self._rooms.telling.settle(room)

    # -- ours ----------------------------------------------------------------------------------------------------

    def send(self, room: JID, jid: JID, reason: str, direct: bool, password: str) -> None:
        """Invite somebody to a room that we are in. Errors: NotConnected."""
        if direct:
            message = Message.to(jid, "normal")
            message.add("x", muc.NS_DIRECT, jid=room, reason=reason or None, password=password or None)
        else:
            message = muc.mediated(room, "invite", jid, reason)
        self._transmit(message)

    def decline(self, room: JID, reason: str) -> None:
        """Do not follow one. Who said so directly is not told: there is no answer to that. Errors: NotFound."""
        invitation = self._waiting.get(room)
        if invitation is None:
            raise NotFound(what=f"invitation to {room}")
        if not invitation.direct and invitation.sender:
            self._transmit(muc.mediated(room, "decline", invitation.sender.bare, reason))
        self.settle(room)

    def _transmit(self, message: Message) -> None:
        if not self._rooms.session.send(message.element):
            raise NotConnected(profile=self._rooms.session.name)
