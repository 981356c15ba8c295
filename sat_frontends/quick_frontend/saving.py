"""Keeping a file that was fetched where a person wants it."""

from __future__ import annotations

import shutil
from pathlib import Path

from sat.plugins.attachments.api import Fetched

MOST = 100  # files of one name


def save(fetched: Fetched, target: str = "", folder: Path | None = None) -> Path:
    """Copy it to a new file; without a target, to one of its own name in a folder, or beside others of that name.
    Nothing is overwritten: FileExistsError. Other OSErrors come through."""
    if target:
        return _copied(fetched, Path(target))
    wanted = (folder or Path()) / Path(fetched.name).name
    for number in range(1, MOST):
        path = wanted if number == 1 else wanted.with_stem(f"{wanted.stem} ({number})")
        try:
            return _copied(fetched, path)
        except FileExistsError:
            continue
    raise FileExistsError


def _copied(fetched: Fetched, path: Path) -> Path:
    with Path(fetched.path).open("rb") as source, path.open("xb") as copy:
        shutil.copyfileobj(source, copy)
    return path
