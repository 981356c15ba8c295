"""Files that juliet and romeo send each other, in memory: what she offers and asks for, and what she gets."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.transfers import Transfer
from sat.plugins.files import wire
from sat.plugins.files.plugin import Files
from sat.plugins.files.wire import About
from sat.plugins.jingle.stream import Stream
from support.fake_jingle import PEER, Content, Session
from support.romeo import Profile, now

JULIET = JID("juliet@capulet.lit")
DATA = bytes(range(256)) * 4096  # 1 MiB: some pieces


def sha(data: bytes) -> str:
    """The hash as it is told."""
    return b64encode(hashlib.sha256(data).digest()).decode()


def only(files: Files) -> Transfer:
    """The one transfer that there is."""
    found: list[Transfer] = now(files.transfers.get_all())
    (transfer,) = found
    return transfer


def offered(romeo: Profile, files: Files, *abouts: About, senders: str = "initiator") -> Session:
    """Juliet offers these, or asks for them."""
    session = Session(romeo.clock, False)
    for number, about in enumerate(abouts):
        session.put(wire.description(about), senders, str(number))
    files.offered(session)
    return session


def about_data(name: str = "plans.bin", data: bytes = DATA, **more: Any) -> About:
    """What is told of some bytes."""
    return About(name, len(data), "application/octet-stream", hashes={"sha-256": sha(data)}, ranged=True, **more)


def taken(romeo: Profile, files: Files, about: About, path: str = "") -> tuple[Session, Content, Stream]:
    """What juliet offers, taken by a person: the session, its content and her end of the stream."""
    session = offered(romeo, files, about)
    now(files.accept(now(files.transfers.get_all())[-1].id, path))
    romeo.turn()
    assert session.accepted is not None
    return session, session.contents[0], session.contents[0].connect()


def pour(stream: Stream, data: bytes) -> None:
    """Send bytes, some at a time."""
    for start in range(0, len(data), 100_000):
        now(stream.write(data[start : start + 100_000]))


def latest(files: Files) -> Transfer:
    """The transfer that began last."""
    found: list[Transfer] = now(files.transfers.get_all())
    return found[-1]


def befriend(romeo: Profile, *groups: str) -> None:
    """Juliet is a contact, in these groups."""
    listed = "".join(f"<group>{each}</group>" for each in groups)
    item = f"<item jid='{JULIET}' subscription='both'>{listed}</item>"
    romeo.hears(f"<iq type='set' id='r'><query xmlns='jabber:iq:roster'>{item}</query></iq>")
    romeo.sent()


def is_there(files: Files) -> None:
    """Juliet is online, with a program that can do this."""

    async def programs(peer: JID, feature: str, what: str) -> list[JID]:
        return [PEER]

    files.disco.find_programs = programs  # type: ignore[method-assign]


def drain(stream: Stream) -> bytes:
    """All that has come, and what comes while it is read."""
    got: list[bytes] = []
    while True:
        work = Deferred.fromCoroutine(stream.read())
        if not work.called:
            work.cancel()
            work.addErrback(lambda _: None)
            return b"".join(got)
        if not (data := now(work)):
            return b"".join(got)
        got.append(data)
