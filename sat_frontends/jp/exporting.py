"""Writing a whole conversation down."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TextIO

from sat.api import JID
from sat.api.errors import FeatureMissing, NotConnected
from sat.api.messages import Message
from sat_frontends.bridge.access import ProfileAccess
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.output import encoded, iso, tidy, tidy_lines
from sat_frontends.jp.transcript import said

_PAGE = 500


async def export(jp: Jp, peer: JID, *, as_json: bool, fetch: bool, path: str) -> None:
    """Write a conversation to a file that does not exist yet, or to stdout; the oldest message first."""
    profile = await jp.profile()
    if fetch:
        await _fetch_all(profile, peer)
    if not path:
        count = await _write(sys.stdout, profile, peer, as_json)
    else:
        try:
            with Path(path).open("x", encoding="utf-8") as file:  # noqa: ASYNC230 - jp has no loop to hold up
                count = await _write(file, profile, peer, as_json)
        except FileExistsError:
            raise Failure(f"{path} exists already; nothing was written.", code=19) from None
        except OSError as error:
            raise Failure(f"{path} cannot be written: {(error.strerror or str(error)).lower()}.") from None
    jp.out.detail(f"{count} messages.")


async def _fetch_all(profile: ProfileAccess, peer: JID) -> None:
    """Bring what only the server's archive has."""
    try:
        while await profile.archive.fetch_older(peer):
            pass
    except (FeatureMissing, NotConnected) as error:
        raise Failure(f"What is only in the server's archive cannot be had. {error}") from None


async def _write(file: TextIO, profile: ProfileAccess, peer: JID, as_json: bool) -> int:
    count = 0
    async for message in _oldest_first(profile, peer):
        file.write((encoded(message, False) if as_json else _text(message)) + "\n")
        count += 1
    file.flush()
    return count


async def _oldest_first(profile: ProfileAccess, peer: JID) -> AsyncIterator[Message]:
    """The store is read backwards: once to see where its pages end, then to have them. What comes meanwhile is left
    out."""
    ends: list[int] = []
    before = 0
    while page := await profile.messages.get_history(peer, before, _PAGE):
        ends.append(before or page[-1].order + 1)
        before = page[0].order
    for end in reversed(ends):
        for message in await profile.messages.get_history(peer, end, _PAGE):
            yield message


def _text(message: Message) -> str:
    who = tidy(message.sender.bare)
    if message.retracted:
        return f"{iso(message.time)} {who}: (taken back)"
    quote = "".join(f"> {line}\n" for line in tidy_lines(message.quote).splitlines())
    subject = f"[{tidy(message.subject)}] " if message.subject else ""
    body = f"{quote}{subject}{tidy_lines(said(message))}".replace("\n", "\n    ")
    return f"{iso(message.time)} {who}: {body}"
