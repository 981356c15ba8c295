"""A secret on the bus is the reading end of a pipe: who watches the bus sees a number, not the secret."""

from __future__ import annotations

import fcntl
import os
import stat
from typing import Any

import _dbus_bindings as bindings

from sat.api.errors import InvalidArgument
from sat.api.values import Secret

LIMIT = 4096  # bytes; a pipe takes that much at once (PIPE_BUF), so writing never waits


def secret_to(secret: str) -> Any:
    """The pipe that holds a secret, written and closed; it lives as long as the message."""
    try:
        data = secret.encode()
    except UnicodeEncodeError:
        raise InvalidArgument(reason="a password is text, and this is not") from None
    if len(data) > LIMIT:
        raise InvalidArgument(reason=f"a password has at most {LIMIT} bytes")
    reader, writer = os.pipe()
    try:
        os.write(writer, data)
        return bindings.UnixFd(reader)
    finally:
        os.close(writer)
        os.close(reader)


def secret_from(sent: Any) -> Secret:
    """Read a secret from what a caller gave: a pipe, written and closed before, or a file in memory. Never waits."""
    descriptor = sent.take()
    try:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.set_blocking(descriptor, False)
            data = _drain(descriptor)
        else:
            # Only a file in memory can be sealed; any other could make us wait for a disk, a network, a caller.
            fcntl.fcntl(descriptor, fcntl.F_GET_SEALS)
            data = os.pread(descriptor, LIMIT + 1, 0)
        if len(data) > LIMIT:
            raise InvalidArgument(reason=f"a password has at most {LIMIT} bytes")
        return Secret(data.decode())
    except UnicodeDecodeError:
        raise InvalidArgument(reason="a secret is UTF-8 text") from None
    except OSError as error:
        raise InvalidArgument(reason=f"the secret could not be read ({error.strerror})") from None
    finally:
        os.close(descriptor)


def _drain(descriptor: int) -> bytes:
    data = b""
    while chunk := os.read(descriptor, LIMIT + 1 - len(data)):
        data += chunk
    return data
