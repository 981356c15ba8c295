"""Message correction (XEP-0308), of any message of its author, not only the last one."""

from __future__ import annotations

from sat.api.errors import InvalidArgument
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Plugin, needs, on_message
from sat.plugins.correction.api import CorrectionApi
from sat.plugins.messages.plugin import Messages
from sat.plugins.messages.texts import sendable
from sat.storage.messages import Edit, EditKind
from sat.xmpp import fallback
from sat.xmpp.stanzas import Message

NS = "urn:xmpp:message-correct:0"
NS_REPLY = "urn:xmpp:reply:0"


class Correction(Plugin, CorrectionApi):
    """Message correction (XEP-0308)."""

    xeps = ("0308",)
    features = (NS,)
    messages = needs(Messages)

    async def load(self) -> None:
        self.undo(self.messages.edits.carry(EditKind.CORRECT, self._write))

    async def correct(self, id: str, body: str) -> None:
        if not body.strip():
            raise InvalidArgument(reason="The message is empty. A message can be taken back instead.")
        before = await self.messages.get_message(id)
        body = sendable(body)
        extra = self.messages.own_extra(before.peer, body, before.extra)._replace(attention=False)  # once
        await self.messages.edits.change(id, EditKind.CORRECT, body, extra)

    def _write(self, message: Message, edit: Edit) -> None:
        message.body = edit.value
        message.add("replace", NS, id=edit.target)

    @on_message(Stage.CORRECT, NS)
    def _heard(self, arrival: Arrival) -> None:
        replace = arrival.message.child("replace", NS)
        if replace is not None and arrival.message.body:
            fallback.take_out(arrival.message, NS_REPLY)  # the quotation above an answer is no part of the text
            self.messages.edits.take(
                arrival, EditKind.CORRECT, str(replace.attributes.get("id", "")), arrival.message.body
            )
