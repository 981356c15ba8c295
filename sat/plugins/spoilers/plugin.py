"""Texts that are hidden until somebody wants to see them (XEP-0382); the hiding itself is done by frontends."""

from __future__ import annotations

from sat.api.messages import Extra
from sat.core.pipeline import Arrival
from sat.core.plugin import Plugin, needs
from sat.plugins.messages.plugin import Messages
from sat.xmpp.stanzas import Message
from sat.xmpp.xml import LANG, text_of

NS = "urn:xmpp:spoiler:0"
LONGEST_HINT = 300  # characters


class Spoilers(Plugin):
    """Spoiler messages (XEP-0382)."""

    xeps = ("0382",)
    features = (NS,)
    messages = needs(Messages)

    async def load(self) -> None:
        self.undo(self.messages.extras.add(NS, self._read, self._write))

    def _read(self, arrival: Arrival, extra: Extra) -> Extra:
        found = [each for each in arrival.message.children(NS) if each.name == "spoiler"]
        if not found:
            return extra
        # In the language of the text that is shown, else in none, else the first.
        wanted = (extra.lang, "", str(found[0].attributes.get(LANG, "")))
        by_language = {str(each.attributes.get(LANG, "")): each for each in reversed(found)}
        hint = next(by_language[lang] for lang in wanted if lang in by_language)
        return extra._replace(spoiler=True, hint=" ".join(text_of(hint).split())[:LONGEST_HINT])

    def _write(self, message: Message, extra: Extra) -> None:
        if extra.spoiler:
            message.add("spoiler", NS, extra.hint[:LONGEST_HINT] or None)
