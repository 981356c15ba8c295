"""Looking into a folder that is shared, and no step out of it: links are not followed, hidden files are not there."""

from __future__ import annotations

import mimetypes
import os
import stat
from typing import NamedTuple

from sat.plugins.attachments.names import safe_name
from sat.plugins.files.wire import About

DEEPEST = 50  # folders in each other
MOST = 10_000  # names in a folder that are looked at
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Entry(NamedTuple):
    """A file or folder in a shared one."""

    name: str
    folder: bool
    about: About = About()
    modified: int = 0
    """When a file was changed, in nanoseconds since 1970."""


class Found(NamedTuple):
    """A file below a shared folder: its ``path`` there, nothing for what is shared alone; its size in bytes, and when
    it was changed, in nanoseconds since 1970."""

    path: str
    size: int
    modified: int

    @property
    def parts(self) -> list[str]:
        """The way to it."""
        return self.path.split("/") if self.path else []


def is_fit(name: str) -> bool:
    """Whether a name may be told, and asked for: one that every system takes as it is."""
    return name == safe_name(name)


def steps(path: str) -> list[str]:
    """A path as it is asked for, in its parts. Errors: FileNotFoundError for one that could lead anywhere."""
    parts = path.strip("/").split("/")
    if len(parts) > DEEPEST or not all(map(is_fit, parts)):
        raise FileNotFoundError(path)
    return parts


def open_below(root: str, parts: list[str]) -> int:
    """A descriptor of what is below a folder; with no parts, of the folder. Errors: OSError."""
    current = os.open(root, _FLAGS & ~os.O_NOFOLLOW)  # who shares may share a link
    for part in parts:
        try:
            below = os.open(part, _FLAGS, dir_fd=current)
        finally:
            os.close(current)
        current = below
    return current


def opened(root: str, parts: list[str]) -> tuple[int, os.stat_result]:
    """A descriptor of what is below a folder, and what is known of it. Errors: OSError."""
    descriptor = open_below(root, parts)
    return descriptor, os.fstat(descriptor)


def close(found: tuple[int, os.stat_result]) -> None:
    """Nobody wants what was opened."""
    os.close(found[0])


def listed(root: str, parts: list[str]) -> list[Entry]:
    """What is in a folder, by name; of a file, that alone. Errors: OSError."""
    descriptor = open_below(root, parts)
    try:
        seen = os.fstat(descriptor)
        if stat.S_ISREG(seen.st_mode):
            about = described(parts, root, seen)
            return [Entry(about.name, False, about, seen.st_mtime_ns)]
        found: list[Entry] = []
        with os.scandir(descriptor) as entries:
            for each in entries:
                if len(found) >= MOST:
                    break
                if is_fit(each.name) and (entry := _entry(each, descriptor)) is not None:
                    found.append(entry)
        return sorted(found, key=lambda each: each.name)
    finally:
        os.close(descriptor)


def _entry(each: os.DirEntry[str], folder: int) -> Entry | None:
    try:
        seen = each.stat(follow_symlinks=False)
    except OSError:
        return None
    if stat.S_ISDIR(seen.st_mode):
        return None if _is_empty(each.name, folder) else Entry(each.name, True)
    if not stat.S_ISREG(seen.st_mode) or not os.access(each.name, os.R_OK, dir_fd=folder):
        return None
    return Entry(each.name, False, described([each.name], "", seen), seen.st_mtime_ns)


def _is_empty(name: str, folder: int) -> bool:
    """Whether there is nothing in a folder that could be told: then it is not told either (XEP-0329 §3)."""
    try:
        descriptor = os.open(name, _FLAGS | os.O_DIRECTORY, dir_fd=folder)
    except OSError:
        return True
    try:
        with os.scandir(descriptor) as entries:
            return not any(is_fit(each.name) for each in entries)
    finally:
        os.close(descriptor)


def found_below(root: str, most: int) -> list[Found]:
    """The files in a folder and in those below it, so many at most; or a file that is shared alone. What cannot be
    read is left out."""
    found: list[Found] = []
    try:
        top = open_below(root, [])
    except OSError:
        return []
    try:
        seen = os.fstat(top)
        if not stat.S_ISDIR(seen.st_mode):
            return [Found("", seen.st_size, seen.st_mtime_ns)] if stat.S_ISREG(seen.st_mode) and most > 0 else []
        for place, below, names, folder in os.fwalk(".", dir_fd=top):
            parts = place.split("/")[1:]
            below[:] = sorted(filter(is_fit, below)) if len(parts) < DEEPEST else []
            for name in sorted(filter(is_fit, names)):
                if len(found) >= most:
                    return found
                try:
                    seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
                except OSError:
                    continue
                if stat.S_ISREG(seen.st_mode) and seen.st_size:
                    found.append(Found("/".join([*parts, name]), seen.st_size, seen.st_mtime_ns))
        return found
    finally:
        os.close(top)


def is_same(found: Found, seen: os.stat_result) -> bool:
    """Whether a file is the one that was found, and unchanged."""
    return stat.S_ISREG(seen.st_mode) and (found.size, found.modified) == (seen.st_size, seen.st_mtime_ns)


def described(parts: list[str], root: str, seen: os.stat_result) -> About:
    """What is told of a file."""
    name = parts[-1] if parts else os.path.basename(root)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return About(name, seen.st_size, kind, modified=float(int(seen.st_mtime)), ranged=True)
