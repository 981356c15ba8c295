"""What was written in rooms before we came: from their archives without a gap (XEP-0313), else as far as they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import SatError
from sat.core.pipeline import Arrival
from sat.plugins.messages.outbox import DOUBT
from sat.plugins.rooms.stay import Stay

if TYPE_CHECKING:
    from sat.plugins.rooms.plugin import Rooms

PAGE = 100
FIRST = 50  # messages of a room where we have never been
AGAIN = 60.0  # seconds until an archive that did not answer is asked again
KEEP_AFTER = 2.0  # seconds until our place is stored


class History:
    """Our place in each room's archive: all before it is stored here. It moves on only when that holds."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._places: dict[JID, str] = {}
        self._reading: set[JID] = set()

    async def begin(self, stay: Stay) -> float:
        """We are about to enter; since when the room is to tell what was said, where it has no archive."""
        kept = self._rooms.session.messages
        await kept.begin_catch_up(stay.jid)
        if stay.value.archived:
            return 0.0
        last = await kept.last_heard(stay.jid)
        stay.first = not last
        return last

    def entered(self, stay: Stay) -> None:
        """We are in: what was said comes, or is asked for."""
        self._rooms.telling.touch(stay.jid)
        self._rooms.after(DOUBT, lambda: self._ready(stay), key=("doubt", stay.jid))
        if stay.value.archived:
            self._rooms.spawn(self._catch_up(stay))

    def described(self, stay: Stay) -> None:
        """The room says what it is like now: perhaps it has an archive since then."""
        if stay.value.archived and not stay.caught_up and stay.jid not in self._reading:
            self._rooms.spawn(self._catch_up(stay))

    def subject_came(self, stay: Stay) -> None:
        """The room has told its subject: what was said before came before it (XEP-0045 §7.2.2)."""
        if stay.inside and not stay.value.archived:
            self._ready(stay)

    def _ready(self, stay: Stay) -> None:
        """What waits for the room can leave now: which of it had arrived is known."""
        if self._rooms.stays.get(stay.jid) is stay and stay.inside and not stay.ready:
            stay.ready = True
            stay.first = False
            self._rooms.spawn(self._rooms.messages.outbox.leave_again())

    async def _catch_up(self, stay: Stay) -> None:
        self._reading.add(stay.jid)
        try:
            if not await self._fetch(stay):
                return
        except SatError as error:
            self._rooms.log.warning("the archive of %s could not be read: %s", stay.jid, error)
            if stay.inside:
                self._rooms.after(AGAIN, lambda: self._retry(stay), key=("catch up", stay.jid))
        else:
            stay.caught_up = True
        finally:
            self._reading.discard(stay.jid)
        self._ready(stay)

    def _retry(self, stay: Stay) -> None:
        if stay.inside and self._rooms.session.online:
            self._rooms.spawn(self._catch_up(stay))

    async def _fetch(self, stay: Stay) -> bool:
        """Read the archive from our place to its end. False: we are not in this room any more."""
        archive = self._rooms.archive
        newest, since = await self._rooms.store.get(_key(stay.jid), ("", None))
        if since is None:  # never been here: what is in the archive is old to the reader
            page = await archive.page(room=stay.jid, most=FIRST)
            await self._keep(stay.jid, page.last, self._rooms.session.now())
            return stay.inside

        async def keep(newest: str) -> bool:
            await self._keep(stay.jid, newest, since)
            return stay.inside

        await archive.catch_up(newest, since, keep, room=stay.jid, most=PAGE)
        return stay.inside

    async def _keep(self, room: JID, newest: str, since: float) -> None:
        await self._rooms.store.set(_key(room), [newest, since])

    def told(self, arrival: Arrival) -> None:
        """A message of a room is stored that came live: the next catch-up begins behind it."""
        stay = self._rooms.stays.get(arrival.peer)
        if stay is None or not stay.caught_up:
            return
        if archive_id := self._rooms.messages.archive_id(arrival):
            self._places[stay.jid] = archive_id
            key = ("place", stay.jid)
            if not self._rooms.tasks.waits(key):
                self._rooms.after(KEEP_AFTER, lambda: self._rooms.spawn(self._move(stay.jid)), key=key)

    async def _move(self, room: JID) -> None:
        _, since = await self._rooms.store.get(_key(room), ("", None))
        if newest := self._places.pop(room, ""):
            await self._keep(room, newest, self._rooms.session.now() if since is None else since)


def _key(room: JID) -> str:
    return f"place {room}"
