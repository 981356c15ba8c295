"""Files that a command reads or writes, with a sentence where that fails."""

from __future__ import annotations

from pathlib import Path

from sat_frontends.jp.failure import usage
from sat_frontends.jp.output import tidy


def read(name: str, limit: int) -> bytes:
    """What is in a file, of at most so many bytes."""
    try:
        with Path(name).open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise usage(f"{tidy(name)} cannot be read: {error.strerror}.") from None
    if not data:
        raise usage(f"{tidy(name)} is empty.")
    if len(data) > limit:
        raise usage(f"{tidy(name)} has more than {limit} bytes.")
    return data


def write(name: str, data: bytes) -> None:
    """Put this into a file; what was in it is replaced."""
    try:
        Path(name).write_bytes(data)
    except OSError as error:
        raise usage(f"{tidy(name)} cannot be written: {error.strerror}.") from None
