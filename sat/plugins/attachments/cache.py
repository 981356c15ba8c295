"""Files that were fetched, in a folder of bounded size: what was not asked for longest goes first."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

FULL = 300 * 1024 * 1024  # bytes of all files
UNFINISHED = ".part"
_OLD = 86_400.0  # seconds after which what was not finished never will be


class Cache:
    """A folder with a file for each URL. OSError comes through."""

    def __init__(self, folder: Path, full: int = FULL) -> None:
        self._folder, self._full = folder, full

    def find(self, key: str) -> Path | None:
        """The file of a key."""
        path = self._path(key)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        return path

    def begin(self, key: str) -> tuple[BinaryIO, Callable[[bool], Path | None]]:
        """A new file, and what ends it: it is kept, or not."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(key)
        part = path.with_name(f"{path.name}.{secrets.token_hex(8)}{UNFINISHED}")  # it may be fetched twice at a time
        file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")

        def end(keep: bool) -> Path | None:
            try:
                file.close()  # writes what is left
                if keep:
                    part.rename(path)
            finally:
                part.unlink(missing_ok=True)
            if not keep:
                return None
            self._make_room(path)
            return path

        return file, end

    def scratch(self) -> BinaryIO:
        """A file without a name in this folder, which goes when it is closed."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cast(BinaryIO, TemporaryFile(dir=self._folder))

    def _path(self, key: str) -> Path:
        return self._folder / hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()

    def _make_room(self, new: Path) -> None:
        found = []
        for entry in os.scandir(self._folder):
            with suppress(FileNotFoundError):
                seen = entry.stat()
                if entry.name.endswith(UNFINISHED):
                    if time.time() - seen.st_mtime > _OLD:
                        os.unlink(entry)
                else:
                    found.append((seen.st_mtime, seen.st_size, entry.path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self._full:
                return
            if path != str(new):
                Path(path).unlink(missing_ok=True)
                total -= size
