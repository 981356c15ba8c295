"""What installed packages declare for us (Python packaging, “Entry points specification”).

Read from their metadata here, because ``importlib.metadata`` alone costs as much as a command of ``jp``, and 1 MB.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator


def declared(group: str) -> Iterator[tuple[str, str]]:
    """Name and value of each entry point of a group, in the order of Python's path. Not found are those of packages
    that are no folders (``may_hide``), as nobody installs them any more."""
    for folder in sys.path:
        try:
            with os.scandir(folder or ".") as entries:
                names = [each.name for each in entries if each.name.endswith((".dist-info", ".egg-info"))]
        except OSError:  # a zip file, or nothing
            continue
        for name in sorted(names):
            yield from _read(os.path.join(folder, name, "entry_points.txt"), group)


def may_hide() -> bool:
    """Whether there may be packages that ``declared`` does not see: in zip files, in eggs, or found in ways of their
    own (``importlib.metadata`` asks what is in ``sys.meta_path``)."""
    if any(hasattr(finder, "find_distributions") for finder in sys.meta_path if finder is not _usual()):
        return True
    return any(folder.endswith(".egg") or os.path.isfile(folder) for folder in sys.path)


def _usual() -> object:
    from importlib.machinery import PathFinder

    return PathFinder


def _read(path: str, group: str) -> Iterator[tuple[str, str]]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:  # most packages declare none
        return
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line
        elif section == f"[{group}]" and line and line[0] not in "#;":
            name, _, value = line.partition("=")
            yield name.strip(), value.strip()
