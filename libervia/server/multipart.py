"""Forms with a file (RFC 7578), read a piece at a time: the file goes from one temporary file to another."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote

KIND = "multipart/form-data"
PIECE = 64 * 1024
FIELDS = 20
FIELD = 256 * 1024  # bytes of a field that is no file
HEAD = 4096  # bytes of what stands before a part
_BOUNDARY = re.compile(r'boundary="?([0-9A-Za-z\'()+_,./:=?-]{1,70})"?\s*(?:;|$)')
_PARAMETER = re.compile(r'\b(name|filename)="((?:[^"\\]|\\.)*)"')


class Sent(NamedTuple):
    """A file that a form brought; ``path`` is a temporary one. ``name`` is what the browser calls it."""

    name: str
    path: str
    size: int

    def discard(self) -> None:
        """It is not needed any more."""
        with contextlib.suppress(OSError):
            os.unlink(self.path)


def read_form(source: BinaryIO, content_type: str) -> tuple[dict[str, list[str]], Sent | None]:
    """The fields of a form, and the file that it holds, if there is one. Blocks. Errors: ValueError, OSError."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("there is no boundary")
    mark = b"--" + found[1].encode()
    reader = _Reader(source)
    fields: dict[str, list[str]] = {}
    sent: Sent | None = None
    try:
        reader.until(mark, _Bounded(0).take)
        mark = b"\r\n" + mark
        for _ in range(FIELDS):
            if reader.take(2) == b"--":
                return fields, sent
            head = _Bounded(HEAD)
            reader.until(b"\r\n\r\n", head.take)
            said = dict(_PARAMETER.findall(head.data.decode("utf-8", "replace")))
            if "filename" in said and sent is None:
                sent = _taken(reader, mark, unquote(said["filename"], errors="replace"))
            else:
                value = _Bounded(FIELD)
                reader.until(mark, value.take)
                fields.setdefault(said.get("name", ""), []).append(value.data.decode("utf-8", "replace"))
        raise ValueError("it has too many fields")
    except BaseException:
        if sent is not None:
            sent.discard()
        raise


def _taken(reader: _Reader, mark: bytes, name: str) -> Sent | None:
    """The file that comes now; None where none was chosen."""
    descriptor, path = tempfile.mkstemp(prefix="sat-upload-")
    sent = Sent(name, path, 0)
    try:
        with os.fdopen(descriptor, "wb") as file:
            reader.until(mark, file.write)
            sent = sent._replace(size=file.tell())
    except BaseException:
        sent.discard()
        raise
    if not name and not sent.size:
        sent.discard()
        return None
    return sent


class _Bounded:
    """Keeps a few bytes; more are an error."""

    def __init__(self, limit: int) -> None:
        self.data, self._limit = b"", limit

    def take(self, data: bytes) -> None:
        """Bytes came."""
        self.data += data
        if len(self.data) > self._limit:
            raise ValueError("a part is too long")


class _Reader:
    """Reads a source up to marks."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self._left = source, b""

    def until(self, mark: bytes, sink: Callable[[bytes], object]) -> None:
        """Hand over everything up to a mark, and pass it. Errors: ValueError where it does not come."""
        while (place := self._left.find(mark)) < 0:
            safe = len(self._left) - len(mark) + 1  # the mark may have begun
            if safe > 0:
                sink(self._left[:safe])
                self._left = self._left[safe:]
            self._more()
        sink(self._left[:place])
        self._left = self._left[place + len(mark) :]

    def take(self, count: int) -> bytes:
        """So many bytes. Errors: ValueError where there are fewer."""
        while len(self._left) < count:
            self._more()
        taken, self._left = self._left[:count], self._left[count:]
        return taken

    def _more(self) -> None:
        data = self._source.read(PIECE)
        if not data:
            raise ValueError("it ends too early")
        self._left += data
