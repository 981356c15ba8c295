"""Files of this machine that pages give out: those that the daemon has put somewhere, as far as they are there."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO


def opened(path: str, size: int | None = None) -> BinaryIO:
    """A file to read. Not a link, a pipe or a device: whoever may write into the folder could have put that there; nor
    one of another ``size``, where that is known. Errors: OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or size not in (None, found.st_size):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return os.fdopen(descriptor, "rb")
