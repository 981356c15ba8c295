"""Files that a command reads or writes, with a sentence where that fails."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.output import tidy

if TYPE_CHECKING:
    from sat.plugins.attachments.api import Fetched
    from sat_frontends.jp.context import Jp


class Picture(NamedTuple):
    """Bytes of a picture, and how it is described to a person."""

    type: str
    data: bytes
    described: str


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


def give(jp: Jp, name: str | None, picture: Picture, value: object) -> None:
    """Put a picture into a file, or without its name where the output goes; on a terminal it is only described, and in
    JSON it is the ``value``."""
    if name is not None:
        write(name, picture.data)
        jp.out.say(f"{len(picture.data)} bytes of {picture.type} are in {tidy(name)}.")
    elif jp.out.json:
        jp.out.value(value)
    elif jp.out.terminal:
        jp.out.text(value, f"{picture.type}, {len(picture.data)} bytes, {picture.described}")
    else:
        sys.stdout.buffer.write(picture.data)


def keep(jp: Jp, found: Fetched, name: str) -> None:
    """Give a file that was fetched another place, under that name or its own; ``-`` is where the output goes."""
    if name == "-":
        import shutil

        with Path(found.path).open("rb") as source:
            shutil.copyfileobj(source, sys.stdout.buffer)
        return
    from sat_frontends.quick_frontend.saving import save

    try:
        path = save(found, name)
    except FileExistsError:
        raise Failure(f"{tidy(name or found.name)} exists already; nothing was written.", code=19) from None
    except OSError as error:
        raise Failure(
            f"{tidy(name or found.name)} cannot be written: {(error.strerror or str(error)).lower()}."
        ) from None
    jp.out.text({**found._asdict(), "path": str(path)}, tidy(str(path)))
