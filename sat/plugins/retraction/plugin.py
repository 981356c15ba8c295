"""Message retraction (XEP-0424)."""

from __future__ import annotations

from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Plugin, needs, on_message
from sat.plugins.messages.plugin import Messages
from sat.plugins.retraction.api import RetractionApi
from sat.storage.messages import Edit, EditKind
from sat.xmpp import fallback
from sat.xmpp.stanzas import Message

NS = "urn:xmpp:message-retract:1"
FALLBACK = "/me retracted a message, which your program does not support."


class Retraction(Plugin, RetractionApi):
    """Message retraction (XEP-0424)."""

    xeps = ("0334", "0424", "0428")
    features = (NS,)
    messages = needs(Messages)

    async def load(self) -> None:
        self.undo(self.messages.edits.carry(EditKind.RETRACT, self._write))

    async def retract(self, id: str) -> None:
        await self.messages.edits.change(id, EditKind.RETRACT)

    def _write(self, message: Message, edit: Edit) -> None:
        message.body = FALLBACK
        message.add("fallback", fallback.NS, **{"for": NS})
        message.add("retract", NS, id=edit.target)
        message.add("store", "urn:xmpp:hints")

    @on_message(Stage.CORRECT, NS)
    def _heard(self, arrival: Arrival) -> None:
        retract = arrival.message.child("retract", NS)
        if retract is not None:
            self.messages.edits.take(arrival, EditKind.RETRACT, str(retract.attributes.get("id", "")))
