"""Message reactions (XEP-0444)."""

from __future__ import annotations

import unicodedata

from sat.api.errors import InvalidArgument
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Plugin, needs, on_message
from sat.plugins.messages.plugin import Messages
from sat.plugins.reactions.api import ReactionsApi
from sat.storage.edits import EMOJI_LENGTH, EMOJIS, emojis_of
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
        if len(emojis) > EMOJIS:
            raise InvalidArgument(reason=f"A message can have {EMOJIS} reactions of one person.")
        for emoji in emojis:
            if not is_emoji(emoji):
                raise InvalidArgument(reason=f"“{emoji[:EMOJI_LENGTH]}” is no emoji.")
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


def is_emoji(text: str) -> bool:
    """Whether a text may be a single emoji, as far as the character database tells: symbols, with what joins and
    changes them. No letters, so that no text is hidden in a reaction; keycaps (1️⃣) are taken."""
    if not text or len(text) > EMOJI_LENGTH:
        return False
    if text.endswith("\N{COMBINING ENCLOSING KEYCAP}"):
        return text[0] in "0123456789#*" and len(text) <= 3
    kinds = [unicodedata.category(char) for char in text]
    return kinds[0] in ("So", "Sk", "Sm", "Po") and all(
        kind in ("So", "Sk", "Mn", "Sm", "Po") or char == "\N{ZERO WIDTH JOINER}" or 0xE0020 <= ord(char) <= 0xE007F
        for char, kind in zip(text, kinds, strict=True)
    )
