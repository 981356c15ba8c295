"""Folders that are sent: packed into one file, or each file in them."""

from __future__ import annotations

import os
import stat
from pathlib import PurePath
from typing import TYPE_CHECKING

from sat_frontends.jp.failure import NOT_FOUND, Failure, usage
from sat_frontends.jp.output import tidy

if TYPE_CHECKING:
    from tarfile import TarInfo

MOST = 1000
"""Files of a folder that are sent one by one: more are a mistake, or better packed."""


def is_folder(path: str) -> bool:
    """Whether a path leads to a folder."""
    return os.path.isdir(path)


def files_in(folder: str) -> list[str]:
    """The files in a folder and in those below, in order. What is not a file, as links are none, stays where it is.
    Failure where there are none, or too many."""
    found: list[str] = []

    def failed(error: OSError) -> None:
        raise _unreadable(error) from None

    for where, folders, names in os.walk(folder, onerror=failed):
        folders.sort()
        paths = [os.path.join(where, name) for name in sorted(names)]
        found += [path for path in paths if stat.S_ISREG(os.lstat(path).st_mode)]
        if len(found) > MOST:
            raise usage(f"{tidy(folder)} has more than {MOST} files.", "--tar sends it as one.")
    if not found:
        raise Failure(f"There is no file in {tidy(folder)}.", code=NOT_FOUND)
    return found


def packed(folder: str, into: str) -> str:
    """The path of a new file in ``into`` with all of a folder, as tar and gzip; whose files they are is not told."""
    import tarfile

    name = PurePath(os.path.abspath(folder)).name or "files"
    path = os.path.join(into, f"{name}.tar.gz")
    try:
        with tarfile.open(path, "x:gz") as archive:
            archive.add(folder, name, filter=_anonymous)
    except OSError as error:
        raise _unreadable(error) from None
    return path


def _anonymous(member: TarInfo) -> TarInfo | None:
    """A member without its owner; nothing for what is no file, folder or link: reading a pipe would never end."""
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _unreadable(error: OSError) -> Failure:
    reason = (error.strerror or str(error)).lower()
    return Failure(f"{tidy(str(error.filename or 'The folder'))} cannot be packed: {reason}.", code=NOT_FOUND)
