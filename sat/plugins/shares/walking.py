"""All that is below a folder that somebody shares, and what each file is to be called here.

Whoever shares it may tell anything: folders without end or in each other's, a million names, names that lead elsewhere
or that become the same one. So a walk is bounded, and none of its names is used as it was told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import PurePath
from typing import NamedTuple

from sat.api.errors import FolderTooLarge, NobodyShares, NotConnected, SatError
from sat.plugins.shares.api import Listed

DEEPEST = 30  # folders in each other
FOLDERS = 1000
MOST = 5000  # entries of one folder: what is behind them is not looked at
FILES = 10_000
UNREAD = 20  # folders that could not be looked into, after which it is given up

Read = Callable[[str], Awaitable[list[Listed]]]
"""What is in a folder of theirs, by its path; the size of a file is -1 where it is not told."""


class Wanted(NamedTuple):
    """A file of theirs: what they tell of it, and the names of its folders and its own below the one that is fetched,
    as they are here."""

    told: Listed
    names: tuple[str, ...]


class Walk:
    """A walk through one folder. ``faults`` are why some of it could not be looked into."""

    def __init__(self, read: Read, seen: Callable[[int], object]) -> None:
        """``seen`` is called with the number of files, as it grows."""
        self._read, self._seen = read, seen
        self.faults: list[SatError] = []

    async def run(self, path: str) -> list[Wanted]:
        """The files below a folder. Errors: FolderTooLarge; NotFound, NotConnected, PeerError, …: it cannot be looked
        into."""
        found: list[Wanted] = []
        ahead: list[tuple[str, tuple[str, ...]]] = [(path, ())]
        folders = 1
        while ahead:
            path, names = ahead.pop()
            for each, name in reversed(list(_named(await self._look(path, bool(names))))):
                here = (*names, name)
                if not each.folder:
                    found.append(Wanted(each, here))
                    continue
                folders += 1
                if len(here) > DEEPEST:
                    raise FolderTooLarge(reason=f"its folders are more than {DEEPEST} deep in each other")
                if folders > FOLDERS:
                    raise FolderTooLarge(reason=f"there are more than {FOLDERS} folders in it")
                ahead.append((each.path, here))
            if len(found) > FILES:
                raise FolderTooLarge(reason=f"there are more than {FILES} files in it")
            self._seen(len(found))
        return sorted(found, key=lambda each: each.names)

    async def _look(self, path: str, below: bool) -> list[Listed]:
        try:
            found = await self._read(path)
        except (NotConnected, NobodyShares):
            raise
        except SatError as error:
            self.faults.append(error)
            if not below or len(self.faults) >= UNREAD:
                raise
            return []
        if len(found) >= MOST:
            raise FolderTooLarge(reason=f"one folder has {MOST} entries or more")
        return found


def _named(listed: Iterable[Listed]) -> Iterator[tuple[Listed, str]]:
    """What is in a folder, each with a name that none of the others has; always the same one, so that what was fetched
    before is found again. Who has a harmless name keeps it."""
    told = {each.path: each for each in listed if each.path.rpartition("/")[2] not in (".", "..")}
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for path in sorted(told, key=lambda path: (told[path].name != path.rpartition("/")[2], path)):
        name = PurePath(told[path].name)
        found = name.name
        while found in taken:
            numbers[name.name] = numbers.get(name.name, 0) + 1
            found = f"{name.stem} ({numbers[name.name]}){name.suffix}"
        taken.add(found)
        yield told[path], found
