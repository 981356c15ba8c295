"""Of which messages the person wants to be told: with a room's bookmark, or here (XEP-0492)."""

from __future__ import annotations

from typing import Any

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.core.plugin import Plugin, needs
from sat.plugins.notify_settings.api import Choice, Notify, NotifySettingsApi
from sat.plugins.rooms.plugin import Rooms

MOST = 2_000  # conversations that are no rooms


class NotifySettings(Plugin, NotifySettingsApi):
    """Of which messages to be told (XEP-0492)."""

    xeps = ("0492",)
    rooms = needs(Rooms)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._chosen: dict[JID, Notify] = {}  # of those that are no rooms
        self._told: dict[JID, Notify] = {}  # of rooms
        self.undo(self.rooms.bookmarks.changed.connect(self._bookmarks_changed))

    async def load(self) -> None:
        self._chosen.update(await self.store.rows("chosen", lambda row: (JID.parse(row[0]), Notify(row[1]))))
        self._told = {each.room: Notify(each.notify) for each in self.rooms.bookmarks.all() if each.notify}

    def wanted(self, jid: JID) -> Notify:
        """Of which messages of a conversation to tell: ALWAYS, MENTION or NEVER. Of a message in a room it is the
        room's address that counts, of one from somebody in a room theirs."""
        stay = None if jid.resource else self.rooms.stays.get(jid)
        found = self._told.get(jid) or self._chosen.get(jid, Notify.DEFAULT)
        if found is not Notify.DEFAULT:
            return found
        return Notify.MENTION if stay is not None and not stay.value.private else Notify.ALWAYS

    def _bookmarks_changed(self, rooms: list[JID]) -> None:
        changed = []
        for room in rooms:
            bookmark = self.rooms.bookmarks.find(room)
            notify = Notify(bookmark.notify or Notify.DEFAULT) if bookmark is not None else Notify.DEFAULT
            if notify is not self._told.get(room, Notify.DEFAULT):
                changed.append(Choice(room, notify))
                if notify is Notify.DEFAULT:
                    del self._told[room]
                else:
                    self._told[room] = notify
        if changed:
            self.chosen.emit(changed)

    async def get_choices(self) -> list[Choice]:
        return [Choice(*each) for each in {**self._chosen, **self._told}.items()]

    async def choose(self, jid: JID, notify: Notify) -> None:
        bookmark = None if jid.resource else self.rooms.bookmarks.find(jid)
        if bookmark is not None:
            await self.rooms.bookmarks.keep(
                bookmark._replace(notify="" if notify is Notify.DEFAULT else notify.value), made=True
            )
            return
        if notify is Notify.DEFAULT:
            self._chosen.pop(jid, None)
        elif jid not in self._chosen and len(self._chosen) >= MOST:
            raise InvalidArgument(reason=f"That can be chosen for {MOST} conversations at most.")
        else:
            self._chosen[jid] = notify
        await self.store.set("chosen", [[each, chosen.value] for each, chosen in self._chosen.items()])
        self.chosen.emit([Choice(jid, notify)])
