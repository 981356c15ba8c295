"""What people tell of themselves, in memory."""

from __future__ import annotations

from sat.api import JID
from sat.plugins.vcard.api import Card, VcardApi
from support.fakes import Failing

HOSTILE = Card(
    "Bob \x1b[31mred\u202e",
    organisation="<script>alert(1)</script>",
    emails=["bob@example.org"],
    urls=["javascript:alert(1)", "https://bob.example/"],
    note="two\nlines \x1b]0;title\x07",
)


class Vcard(Failing, VcardApi):
    """Somebody who is called bob tells something; others tell nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.own = Card("Alice", phones=["1", "2"])

    async def get_card(self, jid: JID) -> Card:
        await self.called("get_card", jid)
        if jid.local == "bob":
            return HOSTILE
        return self.own if jid.local == "alice" else Card()

    async def set_own(self, card: Card) -> None:
        await self.called("set_own", card)
        self.own = card
