"""Displayed markers: the contact has seen a message, and we tell that we have (XEP-0333)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from sat.api import JID
from sat.api.messages import MessageKind
from sat.api.settings import Tab
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Online, Plugin, configured, needs, on_event, on_message, on_sending
from sat.plugins.messages.asides import Aside
from sat.plugins.messages.events import Seen
from sat.plugins.messages.plugin import Messages
from sat.plugins.roster.plugin import Roster
from sat.xmpp import stanzas

NS = "urn:xmpp:chat-markers:0"
OWED = 1000  # conversations that were read while there was no connection


@dataclass
class Options:
    """What we tell about reading."""

    tab: ClassVar[Tab] = Tab.COMPOSITION
    send: Annotated[bool, "Tell contacts when you have read their messages"] = True


class Markers(Plugin):
    """Displayed markers (XEP-0333)."""

    xeps = ("0333", "0334")
    features = (NS,)
    messages = needs(Messages)
    roster = needs(Roster)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._owed: dict[JID, str] = {}

    @on_sending(Stage.ANNOUNCE)
    def _ask(self, departure: Departure) -> None:
        message = departure.message
        if message.kind == MessageKind.CHAT and message.body:
            message.add("markable", NS)

    @on_message(Stage.CORRECT, NS)
    def _heard(self, arrival: Arrival) -> None:
        message = arrival.message
        if message.kind not in (MessageKind.CHAT, MessageKind.NORMAL):
            return
        arrival.markable = message.child("markable", NS) is not None and not arrival.outgoing
        # Only who it was sent to can have it, or have seen it: the history looks in that conversation alone.
        if wire_id := _id(message, "displayed"):
            tell = self.messages.read_elsewhere if arrival.outgoing else self.messages.displayed
            arrival.wait_for(tell(wire_id, arrival.peer))
        elif not arrival.outgoing and (wire_id := _id(message, "received")):  # some use it for a receipt
            arrival.wait_for(self.messages.delivered(wire_id, arrival.peer))

    @on_event(Seen)
    def _seen(self, event: Seen) -> None:
        if not self.options.send:
            return
        if self.session.online:
            self._tell(event.peer, event.wire_id)
        elif event.peer in self._owed or len(self._owed) < OWED:
            self._owed[event.peer] = event.wire_id

    @on_event(Online)
    def _online(self, event: Online) -> None:
        owed, self._owed = self._owed, {}
        for peer, wire_id in owed.items():
            self._tell(peer, wire_id)

    def _tell(self, peer: JID, wire_id: str) -> None:
        """Only who may see that we are there hears it (§9)."""
        contact = self.roster.find(peer)
        if contact is None or not contact.sees_presence:
            return
        marker = stanzas.Message.to(peer, MessageKind.CHAT)
        marker.add("displayed", NS, id=wire_id)
        marker.add("store", "urn:xmpp:hints")  # our other devices learn it from the archive
        self.messages.asides.send(Aside(marker, peer))


def _id(message: stanzas.Message, name: str) -> str:
    marker = message.child(name, NS)
    return "" if marker is None else str(marker.attributes.get("id", ""))
