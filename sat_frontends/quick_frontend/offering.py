"""How a file gets to somebody: by way of the server, which keeps it, or straight to a program of theirs."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from sat.api import JID, SatError
from sat.api.errors import Cancelled
from sat.api.sizes import shown
from sat.plugins.presence.api import Show
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.text import clean_line


class By(StrEnum):
    """The way that a person chooses."""

    SERVER = "server"
    DIRECT = "direct"


LABELS = {By.SERVER: "By the server", By.DIRECT: "Straight to them"}
"""As they stand on buttons."""


class Ways(NamedTuple):
    """Which ways there are to somebody. ``limit`` is how large a file may be that the ``server`` keeps, in bytes (0: it
    does not say); ``there``: a program of theirs is online; ``encrypted``: so is what is written to them."""

    server: bool
    limit: int
    direct: bool
    there: bool
    encrypted: bool

    def usual(self, size: int = 0) -> By:
        """What a person most likely wants for a file of so many bytes: the server gives it to all their devices, also
        later; what it does not take goes straight."""
        fits = self.server and (not self.limit or size <= self.limit)
        return By.SERVER if fits or not self.direct or not self.there else By.DIRECT


def known_ways(live: LiveProfile, peer: JID) -> Ways:
    """Which there are most likely, before the server was asked."""
    state = live.encrypting.state(peer)
    there = live.contacts.presence(peer).show is not Show.OFFLINE
    return Ways(True, 0, live.contacts.room(peer) is None, there, bool(state is not None and state.method))


async def ways(live: LiveProfile, peer: JID) -> Ways:
    """Look which there are."""
    try:
        storage = await live.apis.upload.get_storage()
    except SatError:  # it has none, or cannot be asked: then trying tells why
        return known_ways(live, peer)._replace(server=False)
    return known_ways(live, peer)._replace(limit=storage.limit)


def told(ways: Ways, name: str) -> list[str]:
    """What each way means, in a sentence or two; ``name`` is who gets it."""
    name = clean_line(name)
    if not ways.server:
        server = "By the server: yours takes no files."
    else:
        limit = f", up to {shown(ways.limit)}" if ways.limit else ""
        server = f"By the server: it is kept there{limit}; {name} gets it on all devices, also later."
    if not ways.direct:
        return [server, "Straight to them: not in a room."]
    direct = f"Straight to {name}: nobody keeps it, of any size; {name} has to take it."
    if not ways.there:
        direct += " They are not online now."
    if ways.encrypted:
        direct += " What is in it is encrypted, as this conversation is; not its name and size."
    return [server, direct]


async def send(live: LiveProfile, peer: JID, path: str, by: By, description: str = "") -> None:
    """Send a file by a way, and wait for its end; one that somebody here gives up ends quietly. What is said of it goes
    with the offer; where the server keeps the file, a message follows it. Raises SatError."""
    with suppress(Cancelled):
        if by is By.SERVER:
            begun = await live.apis.upload.upload(path, peer)
        else:
            begun = await live.apis.files.send(path, peer, description=description)
        await live.apis.transfers.finish(begun.id)
        if by is By.SERVER and description:
            await live.send(peer, description)


def whole(path: str) -> str:
    """A path as the daemon knows it, which works in another folder; nothing stays nothing."""
    return os.path.abspath(os.path.expanduser(path)) if path else ""


def size(path: str) -> int:
    """How many bytes a file has; 0 where that cannot be found out: who sends it tells why."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def dropped(text: str) -> str:
    """The path of a file, where a text is nothing else: as terminals write it when a file is dropped there (quoted,
    with backslashes, or a file: address), or as it is. Else nothing."""
    text = text.strip()
    if not text or "\n" in text:
        return ""
    return next((each for each in _readings(text) if os.path.isabs(each) and os.path.isfile(each)), "")


def _readings(text: str) -> list[str]:
    if text.startswith("file:"):
        return [unquote(urlsplit(text).path)]
    found = [os.path.expanduser(text)]
    with suppress(ValueError):  # a quote that does not end
        words = shlex.split(text)
        found += [os.path.expanduser(words[0])] if len(words) == 1 else []
    return found
