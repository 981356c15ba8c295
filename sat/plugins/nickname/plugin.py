"""Nicknames, published by those who have them (XEP-0172)."""

from __future__ import annotations

from typing import Any

from sat.api.errors import InvalidArgument
from sat.core.plugin import Plugin, needs
from sat.plugins.nickname.api import NicknameApi
from sat.plugins.pubsub.plugin import Event, Pubsub, payload_of
from sat.plugins.roster.plugin import Roster
from sat.xmpp import xml

NS = "http://jabber.org/protocol/nick"
LONGEST = 100  # characters


class Nickname(Plugin, NicknameApi):
    """What people call themselves (XEP-0172)."""

    xeps = ("0172",)
    roster = needs(Roster)
    pubsub = needs(Pubsub)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.undo(self.pubsub.listen(NS, self._told, self.name()))

    async def load(self) -> None:
        self.own.value = str(await self.store.get("own", ""))[:LONGEST]

    def _told(self, event: Event) -> None:
        name = ""
        if not event.news.gone and not event.news.retracted:
            nick = payload_of(event, "nick", NS)
            if nick is None:
                return
            name = " ".join(xml.text_of(nick).split())[:LONGEST].rstrip()
        if event.owner == self.session.account.jid.bare:
            self._own(name)
        else:
            self.roster.introduce(event.owner, name)

    def _own(self, name: str) -> None:
        if name != self.own.value:
            self.own.set(name)
            self.spawn(self.store.set("own", name))

    async def set_own(self, name: str) -> None:
        name = " ".join(name.split())
        if len(name) > LONGEST:
            raise InvalidArgument(reason=f"A nickname has at most {LONGEST} characters.")
        nick = xml.element("nick", NS)
        xml.set_text(nick, name)
        await self.pubsub.publish(None, NS, nick, id="current")
        self._own(name)
