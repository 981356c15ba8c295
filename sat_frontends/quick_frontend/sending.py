"""Files of this machine: put on the server, or given to a room as its picture."""

from __future__ import annotations

import os

from sat.api.errors import InvalidArgument
from sat.api.messages import Attachment
from sat.plugins.avatars.api import LARGEST
from sat.plugins.upload.api import Purpose
from sat_frontends.quick_frontend.command_registry import Completion, Shell, command
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.room_commands import shown_room
from sat_frontends.quick_frontend.text import clean_line

OFFERED = 100  # names of a folder


async def put_file(live: LiveProfile, path: str) -> Attachment:
    """Put a file on the server for a post, to be kept where the server does that; where it is. Raises SatError."""
    api, storage = live.apis.upload, await live.apis.upload.get_storage()
    purpose = Purpose.PERMANENT if Purpose.PERMANENT in storage.purposes else Purpose.MESSAGE
    begun = await api.upload(_whole(path), purpose=purpose)
    done = await live.apis.transfers.finish(begun.id)
    return done.attachment[0]


def paths(live: LiveProfile, typed: str) -> list[Completion]:
    """The files and folders that a path may become; those whose name a line cannot show are left out."""
    start, beginning = os.path.split(typed)
    try:
        found = sorted(os.scandir(os.path.expanduser(start) or "."), key=lambda each: each.name)
    except OSError:
        return []
    return [
        Completion(os.path.join(start, each.name) + ("/" if each.is_dir() else ""))
        for each in found
        if each.name.startswith(beginning)
        and (beginning.startswith(".") or not each.name.startswith("."))
        and clean_line(each.name) == each.name
    ][:OFFERED]


def _whole(path: str) -> str:
    """The daemon works in another folder."""
    return os.path.abspath(os.path.expanduser(path))


@command("room-picture", "FILE|none", "Give the room that is shown a picture, or none any more; for its owners.", paths)
async def _room_picture(shell: Shell, text: str) -> None:
    room = shown_room(shell)
    if not text:
        raise InvalidArgument(reason="Say which file: /room-picture FILE, or /room-picture none")
    data = b"" if text == "none" else _picture(_whole(text))
    await shell.live.apis.room_avatars.set_room_picture(room, data)
    shell.show(f"{clean_line(room)} shows {'this' if data else 'no'} picture now.")


def _picture(path: str) -> bytes:
    """What is in a file, one byte more than a picture may have at most: then the daemon says what is wrong."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise InvalidArgument(reason=f"{clean_line(path)} cannot be read: {error.strerror}.") from None
    if not data:
        raise InvalidArgument(reason=f"{clean_line(path)} is empty.")
    return data
