"""Which rooms are remembered, and which of them are entered by themselves, as this machine has it.

The list at the server (XEP-0402) is the business of another plugin. What it has still to tell there is remembered here,
so that nothing is lost that is done while we are offline."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from sat.api import JID, Secret
from sat.api.contract import Signal
from sat.api.errors import StorageError
from sat.api.values import NO_SECRET
from sat.core.tasks import Log
from sat.storage.stores import Store
from sat.storage.vault import Secrets

MOST = 500
"""Bookmarks that are taken over from elsewhere."""


class Bookmark(NamedTuple):
    """A room that is remembered. Without a nick it is the usual one; the name is what we call the room ourselves;
    ``autojoin``: we enter it after each log-in; ``notify``: of what to be told, a ``Notify`` that was chosen."""

    room: JID
    nick: str = ""
    name: str = ""
    autojoin: bool = False
    password: Secret = NO_SECRET
    notify: str = ""


FIELDS = ("nick", "name", "autojoin", "password", "notify")


class _Kept(NamedTuple):
    """``unsent``: fields that the server does not know yet. ``made``: by entering the room, and by nobody's wish."""

    bookmark: Bookmark
    unsent: frozenset[str] = frozenset()
    made: bool = False


class Bookmarks:
    """Those of this profile on this machine. What changes is on the disk when a method returns."""

    def __init__(self, store: Store, secrets: Secrets, log: Log) -> None:
        self._store, self._secrets, self._log = store, secrets, log
        self._kept: dict[JID, _Kept] = {}
        self._passwords: dict[JID, str] = {}  # as they are stored
        self.gone: set[JID] = set()
        """Rooms whose bookmarks we have removed, which the server does not know yet."""
        self.changed: Signal[list[JID]] = Signal()
        """Those of these rooms are others, are new, or are gone."""

    async def load(self) -> None:
        """Read what is stored."""
        self._passwords = await self._stored_passwords()
        for kept in await self._store.rows("bookmarks", self._from_row):
            self._kept[kept.bookmark.room] = kept
        self.gone = set(await self._store.rows("gone", JID.parse))

    def all(self) -> list[Bookmark]:
        """All of them."""
        return [each.bookmark for each in self._kept.values()]

    def find(self, room: JID) -> Bookmark | None:
        """That of a room."""
        kept = self._kept.get(room)
        return None if kept is None else kept.bookmark

    # -- what we want ------------------------------------------------------------------------------------------------

    async def keep(self, bookmark: Bookmark, *, made: bool = False) -> None:
        """Keep one, in place of another of the same room. ``made``: only because we have entered it."""
        room = bookmark.room
        before = self._kept.get(room)
        if before is None:
            kept = _Kept(bookmark, self._fields(bookmark), made)
        else:
            changed = {name for name in FIELDS if getattr(before.bookmark, name) != getattr(bookmark, name)}
            kept = _Kept(bookmark, before.unsent | changed, made and before.made)
        if kept != before:
            self.gone.discard(room)
            await self._put({room: kept})

    async def leave(self, room: JID) -> None:
        """We do not want to be there any more: what entering has made goes, another bookmark is only remembered."""
        kept = self._kept.get(room)
        if kept is not None and kept.made:
            await self.forget(room)
        elif kept is not None:
            await self.keep(kept.bookmark._replace(autojoin=False))

    async def forget(self, room: JID) -> None:
        """Keep none for that room."""
        if room in self._kept:
            self.gone.add(room)
            await self._put({room: None})

    # -- what the server has -----------------------------------------------------------------------------------------

    def unsent(self, room: JID) -> frozenset[str]:
        """The fields of a bookmark that the server does not know yet."""
        kept = self._kept.get(room)
        return frozenset() if kept is None else kept.unsent

    def all_unsent(self) -> list[JID]:
        """The rooms whose bookmarks the server does not know, or does not know so."""
        return [room for room, kept in self._kept.items() if kept.unsent]

    async def learn(self, *bookmarks: Bookmark) -> None:
        """The server has these, and we know nothing newer. What entering has made is so no longer."""
        if bookmarks:
            await self._put({each.room: _Kept(each) for each in bookmarks})

    async def lose(self, *rooms: JID) -> None:
        """The server has none of these rooms any more."""
        if rooms:
            self.gone.difference_update(rooms)
            await self._put(dict.fromkeys(rooms))

    async def doubt(self) -> None:
        """The server has none at all: it does not know any of ours."""
        self.gone.clear()
        every = [(each, self._fields(each.bookmark)) for each in self._kept.values()]
        changes: dict[JID, _Kept | None] = {
            each.bookmark.room: each._replace(unsent=fields) for each, fields in every if each.unsent != fields
        }
        if changes:
            await self._put(changes)

    @staticmethod
    def _fields(bookmark: Bookmark) -> frozenset[str]:
        """What there is to say of a new one: something, whatever it is."""
        return frozenset(name for name in FIELDS if getattr(bookmark, name)) | {"autojoin"}

    async def sent(self, bookmark: Bookmark) -> None:
        """The server has this one now; what we changed since then it does not know."""
        kept = self._kept.get(bookmark.room)
        if kept is None:  # removed since then
            return
        later = {name: getattr(kept.bookmark, name) for name in kept.unsent}
        newer = {name: value for name, value in later.items() if value != getattr(bookmark, name)}
        await self._put({bookmark.room: _Kept(bookmark._replace(**newer), frozenset(newer), kept.made)})

    # -- the disk ----------------------------------------------------------------------------------------------------

    async def _put(self, changes: dict[JID, _Kept | None]) -> None:
        for room, kept in changes.items():
            if kept is None:
                self._kept.pop(room, None)
            else:
                self._kept[room] = kept
        passwords = {each.room: str(each.password) for each in self.all() if each.password}
        if passwords != self._passwords:
            await self._secrets.set("passwords", json.dumps(passwords) if passwords else "")
            self._passwords = passwords
        rows = [_row(each) for each in self._kept.values()]
        await self._store.set_many({"bookmarks": rows, "gone": sorted(self.gone)})
        self.changed.emit(list(changes))

    async def _stored_passwords(self) -> dict[JID, str]:
        try:
            found = json.loads(await self._secrets.get("passwords") or "{}")
            return {JID(room): str(password) for room, password in found.items()}
        except (StorageError, ValueError, AttributeError) as error:  # the rooms are known without them
            self._log.warning("the passwords of rooms cannot be read: %s", error)
            return {}

    def _from_row(self, row: Any) -> _Kept:
        if len(row) == 2:  # of the first version
            row = [*row, "", True, ("nick", "autojoin"), True]
        room, nick, name, autojoin, unsent, made, *rest = row  # older rows have nothing behind it
        jid = JID.parse(room)
        password = Secret(self._passwords.get(jid, ""))
        bookmark = Bookmark(jid, str(nick), str(name), bool(autojoin), password, "".join(map(str, rest[:1])))
        return _Kept(bookmark, _known(unsent), bool(made))


def _known(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names) & frozenset(FIELDS)


def _row(kept: _Kept) -> list[Any]:
    room, nick, name, autojoin, _, notify = kept.bookmark
    return [room, nick, name, autojoin, sorted(kept.unsent), kept.made, notify]
