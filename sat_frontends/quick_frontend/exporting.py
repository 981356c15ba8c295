"""Writing a whole conversation down, as text or as JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Protocol

from sat.api import JID
from sat.api.messages import Message, MessageKind
from sat.plugins.archive.api import ArchiveApi
from sat.plugins.messages.api import MessagesApi
from sat_frontends.quick_frontend.encoded import encoded
from sat_frontends.quick_frontend.text import clean, clean_line
from sat_frontends.quick_frontend.times import possible

_PAGE = 500


class File(Protocol):
    """What is written to."""

    def write(self, text: str, /) -> object:
        """Write a text."""


async def export(file: File, messages: MessagesApi, peer: JID, *, as_json: bool, most: int = 0) -> int:
    """Write a conversation to a file, the oldest message first, or the last ``most`` messages of it; how many they
    are. Errors: OSError."""
    count = 0
    async for message in _oldest_first(messages, peer, most):
        file.write((encoded(message, False) if as_json else _text(message)) + "\n")
        count += 1
    return count


async def fetch_all(archive: ArchiveApi, peer: JID) -> None:
    """Bring what only the archive of the server or the room has. Errors: FeatureMissing, NotConnected, PeerError,
    RequestTimeout."""
    while await archive.fetch_older(peer):
        pass


async def _oldest_first(messages: MessagesApi, peer: JID, most: int) -> AsyncIterator[Message]:
    """The store is read backwards: once to see where its pages end, then to have them. What comes meanwhile is left
    out."""
    ends: list[int] = []
    before = count = 0
    while page := await messages.get_history(peer, before, _PAGE):
        ends.append(before or page[-1].order + 1)
        before = page[0].order
        count += len(page)
        if most and count >= most:
            break
    surplus = max(0, count - most) if most else 0
    for end in reversed(ends):
        for message in (await messages.get_history(peer, end, _PAGE))[surplus:]:
            yield message
        surplus = 0


def _text(message: Message) -> str:
    in_room = message.kind is MessageKind.GROUPCHAT or bool(message.peer.resource)
    start = f"{_stamp(message.time)} {clean_line(message.sender if in_room else message.sender.bare)}: "
    if message.retracted:
        return f"{start}(taken back)"
    quote = "".join(f"> {line}\n" for line in _lines(message.quote))
    subject = f"[{clean_line(message.subject)}] " if message.subject else ""
    files = [each.name if each.is_encrypted else each.url for each in message.attachments]
    said = "\n".join(_lines(message.body or " ".join(files)))
    return start + f"{quote}{subject}{said}".replace("\n", "\n    ")


def _lines(text: str) -> list[str]:
    return clean(text).split("\n") if text else []


def _stamp(time: float) -> str:
    """ISO 8601, local, with its distance from UTC."""
    return datetime.fromtimestamp(possible(time), UTC).astimezone().isoformat(timespec="seconds")
