"""Message reactions (XEP-0444)."""

from __future__ import annotations

from sat.core.emojis import check_emojis, is_emoji
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Plugin, needs, on_message
from sat.plugins.messages.plugin import Messages
from sat.plugins.reactions.api import ReactionsApi
from sat.storage.edit_values import EMOJIS, emojis_of
from sat.storage.messages import Edit, EditKind
from sat.xmpp.stanzas import Message
from sat.xmpp.xml import add, elements, text_of

NS = "urn:xmpp:reactions:0"


class Reactions(Plugin, ReactionsApi):
    """Message reactions (XEP-0444)."""

    xeps = ("0334", "0444")
    features = (NS,)
    messages = needs(Messages)

    async def load(self) -> None:
        self.undo(self.messages.edits.carry(EditKind.REACT, self._write))

    async def react(self, id: str, emojis: list[str]) -> None:
        check_emojis(emojis)
        await self.messages.edits.change(id, EditKind.REACT, " ".join(emojis))

    def _write(self, message: Message, edit: Edit) -> None:
        reactions = message.add("reactions", NS, id=edit.target)
        for emoji in emojis_of(edit.value):
            add(reactions, "reaction", NS, emoji)
        message.add("store", "urn:xmpp:hints")

    @on_message(Stage.CORRECT, NS)
    def _heard(self, arrival: Arrival) -> None:
        reactions = arrival.message.child("reactions", NS)
        if reactions is None:
            return
        found = [text_of(each).strip() for each in elements(reactions, "reaction", NS)[: 2 * EMOJIS]]
        emojis = [each for each in found if is_emoji(each)]
        self.messages.edits.take(arrival, EditKind.REACT, str(reactions.attributes.get("id", "")), " ".join(emojis))
