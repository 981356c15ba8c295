"""Copies of files of ours that their owner removes as soon as they were offered, as a web page does with what a form
brought. Each lasts as long as somebody may ask for it: until they have it, do not want it, or for a day."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

from sat.api.errors import NoSpace
from sat.api.sizes import shown
from sat.core.config import folders
from sat.plugins.files.receiving import check_room

FULL = 1024 * 1024 * 1024  # bytes of all copies, of all profiles
DAY = 86_400.0  # seconds that a copy is kept
_PIECE = 4 * 1024 * 1024  # bytes that the system copies at once
_alone = Lock()  # two copies would take the same room


class Spool:
    """Those of a profile, in a folder of their own below that of all profiles. All of it blocks."""

    def __init__(self, everything: Path, profile: str) -> None:
        self._everything = everything
        # A name may be longer than that of a folder, or be "..".
        self._folder = everything / hashlib.sha256(profile.encode()).hexdigest()[:32]

    def copy(self, descriptor: int, size: int) -> str:
        """Where a copy of a file is from now on. The oldest ones of this profile make room for it, never those of
        others. Errors: NoSpace, StorageError, OSError."""
        with _alone:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_room(size)
            check_room(self._folder, "a copy", size)
            return self._copy(descriptor, size)

    def _copy(self, descriptor: int, size: int) -> str:
        path = self._folder / secrets.token_hex(16)
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            done = 0
            while done < size and (count := os.sendfile(target, descriptor, done, min(_PIECE, size - done))):
                done += count
            if done != size:
                raise OSError("the file became shorter")
        except BaseException:
            self.drop(str(path))
            raise
        finally:
            os.close(target)
        return str(path)

    def holds(self, path: str) -> bool:
        """Whether that is a copy of ours."""
        return Path(path).parent == self._folder

    def drop(self, path: str) -> None:
        """Nobody may ask for it any more; what is no copy of ours stays."""
        if self.holds(path):
            with suppress(OSError):
                os.unlink(path)

    def clear(self, wanted: Collection[str]) -> None:
        """Remove of this profile's what is not wanted: a daemon that was killed has left it."""
        for path in self._folder.glob("*"):
            if str(path) not in wanted:
                self.drop(str(path))

    @property
    def is_there(self) -> bool:
        """Whether there may be copies of this profile."""
        return self._folder.is_dir()

    def remove(self) -> None:
        """Remove all of this profile's: it is deleted."""
        self.clear(())
        with suppress(OSError):
            self._folder.rmdir()

    def expire(self) -> bool:
        """Remove what is too old, whosever it is; whether there is something that will be."""
        left = [path for _, _, path in self._found()]  # all are looked at
        return any(map(self.holds, left))

    def _make_room(self, size: int) -> None:
        found = sorted(self._found())
        free = FULL - sum(each for _, each, _ in found)
        ours = [(each, path) for _, each, path in found if self.holds(path)]
        if size > free + sum(each for each, _ in ours):
            raise NoSpace(name="a copy", size=shown(size), free=shown(max(free, 0)), folder=self._everything)
        for each, path in ours:
            if size <= free:
                return
            self.drop(path)
            free += each

    def _found(self) -> Iterator[tuple[float, int, str]]:
        """All copies of all profiles: when they were made, their sizes, their paths. What is too old goes."""
        for path in self._everything.glob("*/*"):
            with suppress(OSError):
                seen = path.lstat()
                if time.time() - seen.st_mtime > DAY:
                    path.unlink()
                else:
                    yield seen.st_mtime, seen.st_size, str(path)


def spool_of(profile: str) -> Spool:
    """Where the copies of a profile are."""
    return Spool(folders().state / "spool", profile)
