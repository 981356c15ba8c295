"""A pipe on the bus is a file descriptor: the daemon has one of its own for the same open file."""

from __future__ import annotations

import os
import stat
from typing import Any

import _dbus_bindings as bindings

from sat.api.errors import InvalidArgument
from sat.api.values import Pipe


def pipe_to(pipe: int) -> Any:
    """The descriptor for a message; its own, which goes with the message."""
    try:
        return bindings.UnixFd(int(pipe))
    except (OSError, ValueError):
        raise InvalidArgument(reason=f"{int(pipe)} is no open file") from None


def pipe_from(sent: Any) -> Pipe:
    """What a caller gave; who takes it closes it. A folder is none."""
    descriptor: int = sent.take()
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InvalidArgument(reason="a folder is no pipe")
    return Pipe(descriptor)
