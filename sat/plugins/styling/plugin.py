"""Texts that are not to be styled (XEP-0393 §7); the styling itself is done by frontends."""

from __future__ import annotations

from sat.api.messages import Extra
from sat.core.pipeline import Arrival
from sat.core.plugin import Plugin, needs
from sat.plugins.messages.plugin import Messages
from sat.xmpp.stanzas import Message

NS = "urn:xmpp:styling:0"


class Styling(Plugin):
    """Message styling (XEP-0393)."""

    xeps = ("0393",)
    features = (NS,)
    messages = needs(Messages)

    async def load(self) -> None:
        self.undo(self.messages.extras.add(NS, self._read, self._write))

    def _read(self, arrival: Arrival, extra: Extra) -> Extra:
        return extra._replace(unstyled=True) if arrival.message.child("unstyled", NS) is not None else extra

    def _write(self, message: Message, extra: Extra) -> None:
        if extra.unstyled:
            message.add("unstyled", NS)
