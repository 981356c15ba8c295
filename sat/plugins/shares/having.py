"""The folders into which a folder of somebody's is fetched, and what of it is there already. All of it blocks."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from sat.api.errors import Conflict, StorageError
from sat.core.hashes import Hashes
from sat.plugins.attachments.reading import reason_of
from sat.plugins.files.receiving import QUARANTINE, Place, algorithms, numbered
from sat.plugins.files.wire import About
from sat.plugins.shares.walking import Wanted

LOOKED_AT = 20  # names of one file


def made(base: Path, names: tuple[str, ...]) -> Path:
    """A folder below another one; what is missing of it is made. Links are not followed: they lead elsewhere. Errors:
    Conflict, StorageError."""
    folder = base
    for name in names:
        folder /= name
        try:
            with suppress(FileExistsError):
                folder.mkdir(mode=0o700)
            if not stat.S_ISDIR(folder.lstat().st_mode):
                raise Conflict(what=str(folder))
        except OSError as error:
            raise StorageError(reason=f"{folder}: {reason_of(error)}") from None
    return folder


def is_here(top: Path, wanted: Wanted) -> bool:
    """Whether a file is there: one of its size that has its hash; where they tell none, its date. It may have got
    another name because of another file, or lie where what could be run is put."""
    folder = top
    for name in wanted.names[:-1]:
        folder /= name
        if folder.is_symlink():
            return False
    told = wanted.told
    for each in (folder, folder / QUARANTINE):
        for number, path in enumerate(numbered(each / wanted.names[-1])):
            try:
                seen = path.lstat()
            except OSError:  # nothing has that name, and so no later one
                break
            if stat.S_ISREG(seen.st_mode) and seen.st_size == told.size and _is_same(path, told.hashes, told.modified):
                return True
            if number >= LOOKED_AT:
                break
    return False


def _is_same(path: Path, hashes: dict[str, str], modified: float) -> bool:
    if not hashes:
        return modified > 0 and int(path.lstat().st_mtime) == int(modified)
    try:
        with path.open("rb") as file:
            known = Hashes.of(file, algorithms(About(hashes=hashes)))
    except OSError:
        return False
    told = known.told()
    return bool(told.keys() & hashes.keys()) and known.are(hashes)


def put_empty(where: Place) -> Path:
    """An empty file, which is not fetched: there is nothing in it. Errors: StorageError."""
    try:
        for path in numbered(where.path):
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
                return path
    except OSError as error:
        raise StorageError(reason=f"{where.path}: {reason_of(error)}") from None
    raise StorageError(reason=f"there are too many files called {where.name}")


def put_date(path: str, modified: float, now: float) -> None:
    """Give a file the date that it has there, by which it is known again; none that is yet to come."""
    if 0 < modified <= now:
        with suppress(OSError):
            os.utime(path, (modified, modified), follow_symlinks=False)
