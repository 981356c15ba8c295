"""Files of this machine that are to be sent: opened, and what can be said of them."""

from __future__ import annotations

import mimetypes
import os
import stat
from functools import partial
from typing import BinaryIO

from sat.api.errors import FileEmpty, FileUnreadable
from sat.api.messages import Attachment
from sat.core.pictures import look
from sat.core.tasks import in_thread

BEGINNING = 512 * 1024  # bytes; the size of a JPEG stands behind what its camera had to say
NO_PICTURE = "application/octet-stream"
WIDEST = 12_000  # pixels in either direction


async def looked_at(path: str, name: str) -> tuple[BinaryIO, Attachment]:
    """A file of this machine, at its beginning, and what is said of it under that name; in a thread. Errors:
    FileUnreadable, FileEmpty."""
    return await in_thread(partial(_looked_at, path, name))


def _looked_at(path: str, name: str) -> tuple[BinaryIO, Attachment]:
    file, size = _opened(path)
    try:
        return file, _described(file, name, size)
    except OSError as error:
        file.close()
        raise FileUnreadable(path=path[:200], reason=reason_of(error)) from None


def _opened(path: str) -> tuple[BinaryIO, int]:
    """A file of this machine and its size. Errors: FileUnreadable."""
    try:
        if not path.startswith("/"):
            raise FileUnreadable(path=path[:200], reason="its whole path is needed")
        # Not waiting: a pipe may never have a writer.
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except (OSError, ValueError) as error:
        raise FileUnreadable(path=path[:200], reason=reason_of(error)) from None
    about = os.fstat(file.fileno())
    is_file = stat.S_ISREG(about.st_mode)
    if not (is_file and about.st_size):
        file.close()
        raise FileEmpty(path=path[:200]) if is_file else FileUnreadable(path=path[:200], reason="it is no file")
    return file, about.st_size


def reason_of(error: Exception) -> str:
    """Why something cannot be done with a file, inside a sentence."""
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{reason or error}"[:1].lower() + f"{reason or error}"[1:]


def _described(file: BinaryIO, name: str, size: int) -> Attachment:
    """What is said of a file: what its first bytes say, else what its name says."""
    beginning = file.read(BEGINNING)
    file.seek(0)
    try:
        picture = look(beginning, WIDEST)
    except ValueError:
        kind = mimetypes.guess_type(name)[0] or NO_PICTURE
        return Attachment("", name, kind, size)
    return Attachment("", name, picture.type, size, "", picture.width, picture.height)
