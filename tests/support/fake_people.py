"""What people tell of themselves, in memory."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import PeerError
from sat.plugins.entity_time.api import EntityTime, EntityTimeApi
from sat.plugins.last_activity.api import Activity, LastActivityApi
from sat.plugins.room_avatars.api import RoomAvatarsApi
from sat.plugins.vcard.api import Card, VcardApi
from sat.plugins.version.api import Software, VersionApi
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


class EntityTimes(EntityTimeApi):
    """It is 14:03 in Verona."""

    async def get_time(self, jid: JID) -> EntityTime:
        return EntityTime(1_763_816_580.0, 7_200)


class Versions(VersionApi):
    async def get_version(self, jid: JID) -> Software:
        return Software("Prosody \x1b[31m", "0.12.3", "Linux")


class LastActivities(LastActivityApi):
    """Everybody has gone two hours ago, but carol does not say."""

    async def get_last(self, jid: JID) -> Activity:
        if jid.local == "carol":
            raise PeerError(peer=jid, reason="this is not allowed")
        return Activity(7_300, "good \x1b[31mnight")


class RoomAvatars(Failing, RoomAvatarsApi):
    async def set_room_picture(self, room: JID, data: bytes) -> None:
        await self.called("set_room_picture", room, data)
