"""Delivery receipts: the contact's program has the message (XEP-0184)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sat.api.messages import MessageKind
from sat.api.settings import Tab
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Plugin, configured, needs, on_message, on_sending
from sat.plugins.messages.asides import Aside
from sat.plugins.messages.plugin import Messages
from sat.plugins.roster.plugin import Roster
from sat.xmpp import stanzas

NS = "urn:xmpp:receipts"
KINDS = (MessageKind.CHAT, MessageKind.NORMAL)


@dataclass
class Options:
    """Asking for receipts and giving them."""

    tab: ClassVar[Tab] = Tab.COMPOSITION
    ask: Annotated[bool, "Ask contacts' programs whether a message has arrived"] = True
    answer: Annotated[bool, "Tell contacts that their message has arrived"] = True


class Receipts(Plugin):
    """Delivery receipts (XEP-0184)."""

    xeps = ("0184", "0334")
    features = (NS,)
    messages = needs(Messages)
    roster = needs(Roster)
    options = configured(Options)

    @on_sending(Stage.ANNOUNCE)
    def _ask(self, departure: Departure) -> None:
        if self.options.ask and departure.message.kind in KINDS:
            departure.message.add("request", NS)

    @on_message(Stage.ARCHIVE, NS)
    def _received(self, arrival: Arrival) -> None:
        """A receipt; only who the message went to can give it (§8), which the history knows."""
        receipt = arrival.message.child("received", NS)
        if receipt is None or arrival.outgoing or arrival.message.kind not in KINDS:
            return
        if wire_id := receipt.attributes.get("id"):
            arrival.wait_for(self.messages.delivered(str(wire_id), arrival.peer))

    @on_message(Stage.ANNOUNCE, NS)
    def _answer(self, arrival: Arrival) -> None:
        """Give one, for a message that is stored, to who may see that we are there (§8)."""
        message = arrival.message
        if message.child("request", NS) is None or not message.id or not self.options.answer:
            return
        if arrival.outgoing or arrival.carbon or message.kind not in KINDS:
            return
        contact = self.roster.find(arrival.sender)
        if contact is None or not contact.sees_presence:
            return
        receipt = stanzas.Message.to(arrival.sender, message.kind)
        receipt.add("received", NS, id=message.id)
        receipt.add("store", "urn:xmpp:hints")  # XEP-0334: our contact's archive wants it
        self.messages.asides.send(Aside(receipt, arrival.peer, arrival.encrypted.method))
