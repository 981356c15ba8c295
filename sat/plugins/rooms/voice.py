"""Visitors ask to write in a room, and its moderators say so or not (XEP-0045 §7.13, §8.6)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import InvalidArgument, NotConnected, NotFound
from sat.core.pipeline import Arrival
from sat.plugins.rooms import muc
from sat.plugins.rooms.api import Role, VoiceRequest
from sat.xmpp import forms, xml
from sat.xmpp.stanzas import Message
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.rooms.plugin import Rooms

NS = "http://jabber.org/protocol/muc#request"
OPEN = 50  # requests without an answer; more are not shown
FIELDS = 20  # of a form that are looked at


class Voice:
    """Requests that wait for our answer, and our own."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._open: dict[str, VoiceRequest] = {}

    def all(self) -> list[VoiceRequest]:
        """Those without an answer."""
        return list(self._open.values())

    async def ask(self, room: JID) -> None:
        """Ask to write in a room. Errors: NotInRoom, InvalidArgument, NotConnected, PeerError."""
        stay = self._rooms.inside(room)
        if stay.value.role is not Role.VISITOR:
            raise InvalidArgument(reason="You may write in this room already.")
        await self._rooms.answers.sent(stay, _form(stay.jid, {"muc#role": Role.PARTICIPANT.value}))

    def answer(self, number: str, allow: bool) -> None:
        """Let somebody write, or not. Errors: NotFound, NotInRoom, NotConnected."""
        asked = self._open.get(number)
        if asked is None:
            raise NotFound(what="request to write with that number")
        said = {"muc#role": Role.PARTICIPANT.value, "muc#jid": asked.jid, "muc#roomnick": asked.nick}
        said["muc#request_allow"] = "true" if allow else "false"
        session = self._rooms.session
        if not session.send(_form(self._rooms.inside(asked.room).jid, said).element):
            raise NotConnected(profile=session.name)
        self._settle([number])

    def heard(self, arrival: Arrival) -> None:
        """A form came: perhaps a room asks us whether somebody may write there."""
        message, room = arrival.message, arrival.sender
        form = message.child("x", forms.NS)
        if form is None or room.resource or arrival.outgoing or arrival.archived or arrival.carbon:
            return
        said = _said(form)
        if room not in self._rooms.stays or said.get("FORM_TYPE") != NS:
            return
        arrival.stop()
        asked = VoiceRequest(secrets.token_hex(6), room, said.get("muc#roomnick", ""), muc.address(said.get("muc#jid")))
        if not self._waits(asked) or len(self._open) >= OPEN:
            return
        if all((each.room, each.nick) != (asked.room, asked.nick) for each in self._open.values()):
            self._open[asked.number] = asked
            self._rooms.voice_asked.emit([asked])

    def look(self) -> None:
        """Who has gone, may write now, or is not for us to decide about, waits no longer."""
        self._settle([number for number, asked in self._open.items() if not self._waits(asked)])

    def _waits(self, asked: VoiceRequest) -> bool:
        stay = self._rooms.stays.get(asked.room)
        there = stay.occupants.get(asked.nick) if stay is not None else None
        return (
            stay is not None
            and stay.inside
            and stay.value.role is Role.MODERATOR
            and there is not None
            and there.role is Role.VISITOR
        )

    def _settle(self, numbers: list[str]) -> None:
        for number in numbers:
            del self._open[number]
        if numbers:
            self._rooms.voice_settled.emit(numbers)


def _form(room: JID, said: dict[str, str]) -> Message:
    message = Message.to(room, "normal")
    form = message.add("x", forms.NS, type="submit")
    for name, value in {"FORM_TYPE": NS, **said}.items():
        xml.add(xml.add(form, "field", forms.NS, var=name), "value", forms.NS, value)
    return message


def _said(form: Element) -> dict[str, str]:
    fields = xml.elements(form, "field", forms.NS)[:FIELDS]
    values = ((str(each.attributes.get("var", "")), xml.child(each, "value", forms.NS)) for each in fields)
    return {name: xml.text_of(value)[: 2 * muc.LONGEST] for name, value in values}
