"""What is known over a restart: parts of files that are here, and what we have offered and not brought over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from sat.api import JID
from sat.api.errors import TransferBroken
from sat.api.messages import UNENCRYPTED
from sat.api.transfers import Direction, Transfer, TransferState
from sat.core.tasks import in_thread
from sat.plugins.files.receiving import Place
from sat.plugins.files.spool import Spool
from sat.plugins.files.wire import About
from sat.storage.stores import Store

PARTS, SENT = "part.", "sent"
MOST_SENT = 50


class Kept(NamedTuple):
    """A part of a file that somebody was sending us: where it is, and where the whole is to be. ``encrypt`` is how it
    came, and how the rest may come: a method's name; ``none`` where it came in clear because somebody had said so;
    nothing: as the conversation."""

    id: str
    peer: JID
    about: About
    part: Path
    where: Place
    begun: float
    encrypt: str = ""

    def fits(self, peer: JID, about: About, method: str) -> bool:
        """Whether what somebody offers, encrypted by a method or by none, is what this is a part of, as far as they
        tell."""
        if method != self.encrypt.removesuffix(UNENCRYPTED):
            return False
        ours, theirs = self.about.hashes, about.hashes
        same = all(ours[each] == theirs[each] for each in ours.keys() & theirs.keys())
        told = (self.about.name, self.about.size, self.about.modified)
        return same and self.peer.bare == peer.bare and told == (about.name, about.size, about.modified)

    def broken_off(self, now: float) -> Transfer:
        """What is told of it once the daemon was started anew, seconds since 1970. Errors: OSError."""
        about, error = self.about, TransferBroken(peer=self.peer, reason="the daemon ended")
        part = Transfer(self.id, Direction.RECEIVE, self.where.name, max(about.size, 0), peer=self.peer)
        part = part._replace(type=about.type, description=about.description, path=str(self.part), begun=self.begun)
        part = part._replace(moved=self.part.stat().st_size, partial=True, ended=now)
        return part._replace(state=TransferState.FAILED, error=type(error).__name__, details=error.details)


class Sent(NamedTuple):
    """A file of ours that somebody was offered and has not got whole: they may ask for it. ``path`` may be that of a
    copy in the spool. ``encrypt``: as it was offered, in the words of ``Kept``."""

    peer: JID
    path: str
    about: About
    encrypt: str = ""

    def is_asked(self, peer: JID, about: About) -> bool:
        """Whether that is what they ask for: by its hash, or by its name and size."""
        if peer.bare != self.peer.bare:
            return False
        if common := self.about.hashes.keys() & about.hashes.keys():
            return all(self.about.hashes[each] == about.hashes[each] for each in common)
        return about.name == self.about.name and about.size in (-1, self.about.size)

    def opened(self) -> int | None:
        """A descriptor of the file, where it is still the same; else None."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        now = os.fstat(descriptor)
        if (now.st_size, int(now.st_mtime)) == (self.about.size, int(self.about.modified)):
            return descriptor
        os.close(descriptor)
        return None


class Keeping:
    """Both, in memory and in a store. What is in the spool goes with what we have offered."""

    def __init__(self, store: Store, spool: Spool) -> None:
        self._store, self.spool = store, spool
        self.parts: dict[str, Kept] = {}
        self.sent: list[Sent] = []

    async def load(self) -> None:
        """Read what was stored; parts that are gone are forgotten."""
        for key in await self._store.all():
            if key.startswith(PARTS):
                for kept in await self._store.rows(key, _kept):
                    if await in_thread(kept.part.is_file):
                        self.parts[kept.id] = kept
                    else:
                        await self._store.delete(key)
        self.sent = await self._store.rows(SENT, _sent)
        self.spool.clear({each.path for each in self.sent})

    def find_asked(self, peer: JID, path: str, folder: Path, size: int, modified: float) -> Kept | None:
        """A part of what we have asked them for by its path, in a folder here, as they tell of it now."""
        for each in self.parts.values():
            about, where = each.about, each.where.folder
            same = (each.peer.bare, about.name, where, about.size) == (peer.bare, path, folder, size)
            if same and modified in (0.0, about.modified):
                return each
        return None

    async def keep(self, kept: Kept) -> None:
        """A part is here, or begins to be. Errors: StorageError."""
        self.parts[kept.id] = kept
        where = [str(kept.where.folder), kept.where.name, kept.where.chosen]
        row = [kept.id, kept.peer, list(kept.about), str(kept.part), where, kept.begun, kept.encrypt]
        await self._store.set(PARTS + kept.id, [row])

    async def drop(self, id: str) -> None:
        """It is a part no longer."""
        if self.parts.pop(id, None) is not None:
            await self._store.delete(PARTS + id)

    async def add_sent(self, sent: Sent) -> None:
        """We have offered something. Errors: StorageError."""
        others = [each for each in self.sent if each != sent]
        for each in others[: -MOST_SENT + 1]:
            self.spool.drop(each.path)
        self.sent = [*others[-MOST_SENT + 1 :], sent]
        await self._write_sent()

    async def drop_sent(self, sent: Sent) -> None:
        """They have it, or do not want it."""
        if sent in self.sent:
            self.sent.remove(sent)
            self.spool.drop(sent.path)
            await self._write_sent()

    async def drop_offered(self, peer: JID, path: str) -> None:
        """The same, of what they were offered from there."""
        for sent in [each for each in self.sent if (each.peer.bare, each.path) == (peer.bare, path)]:
            await self.drop_sent(sent)

    async def _write_sent(self) -> None:
        await self._store.set(SENT, [[each.peer, each.path, list(each.about), each.encrypt] for each in self.sent])


def _about(row: list[Any]) -> About:
    about = About(*row)
    return about._replace(later=tuple(about.later))


def _kept(row: Any) -> Kept:
    id, peer, about, part, (folder, name, chosen), begun, *encrypt = row
    where = Place(Path(folder), name, bool(chosen))
    return Kept(str(id), JID(peer), _about(about), Path(part), where, float(begun), *map(str, encrypt))


def _sent(row: Any) -> Sent:
    peer, path, about, *encrypt = row
    return Sent(JID(peer), str(path), _about(about), *map(str, encrypt))
