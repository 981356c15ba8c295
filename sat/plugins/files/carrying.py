"""The bytes of one file: from the disk into a stream, and from a stream to the disk (XEP-0234 §6, §8)."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.defer import Deferred, TimeoutError

from sat.api.errors import FileBroken, PeerError, SatError, TransferBroken
from sat.api.transfers import TransferState, Way
from sat.core.disk import Disk, Writer
from sat.core.hashes import KNOWN, Hashes
from sat.core.tasks import first_of, in_thread, in_time
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.files import wire
from sat.plugins.files.receiving import Part, Place, check_room
from sat.plugins.files.wire import About
from sat.plugins.jet.proofs import NS as NS_PROOFS
from sat.plugins.jet.proofs import proof, proves
from sat.plugins.jingle.content import Content
from sat.plugins.jingle.outcome import Outcome
from sat.plugins.jingle.quiet import Stir, Watch
from sat.plugins.jingle.reasons import error_of
from sat.plugins.jingle.session import WHY
from sat.plugins.jingle.stream import Stream
from sat.plugins.transfers.plugin import Transfers
from sat.xmpp.jingle import Condition, Reason

if TYPE_CHECKING:  # with a library that most files do without
    from sat.plugins.jet.sealed import SealedStream

SAID_WITHIN = 20.0  # seconds after the last byte in which who got it says so; some programs never do
HASHED = 10 * 1024 * 1024  # bytes a second of what went before that a sender hashes at least, before it goes on
HASH_WITHIN = 30.0  # seconds in which the hash comes that was to come later
LOOKED_EVERY = 64 * 1024 * 1024  # bytes after which the room on the disk is looked at, where the size is not known


class Told:
    """What the peer has said of a content while it goes: its hashes or their proof, that it has come."""

    def __init__(self) -> None:
        self.hashes: Outcome[About] = Outcome()
        self.received: Outcome[bool] = Outcome()


class Carrying:
    """One file on its way, as the transfer of that id."""

    def __init__(
        self, transfers: Transfers, id: str, content: Content, told: Told, secret: Shared | None = None
    ) -> None:
        """``secret``: what encrypts it."""
        self._transfers, self._id, self._content, self._told = transfers, id, content, told
        self._session, self._secret = content.session, secret

    def _update(self, **fields: Any) -> None:
        self._transfers.update(self._id, **fields)

    def _protected(self, stream: Stream) -> Stream | SealedStream:
        if self._secret is None:
            return stream
        from sat.plugins.jet.sealed import SealedStream

        return SealedStream(stream, self._secret)

    # -- out -------------------------------------------------------------------------------------------------------

    async def send(self, disk: Disk, size: int) -> dict[str, Any]:
        """Send what the peer wants of a file. Errors: TransferBroken, PeerDeclined, NoWayToPeer, …; OSError."""
        stream = self._protected(await self._content.stream())
        asked = wire.read_description(self._content.description)
        start = min(asked.offset, size)
        length = min(asked.length or size, size - start)
        self._update(state=TransferState.RUNNING, way=Way(stream.way), moved=start)
        whole = await disk.hash_to(start) == start and start + length == size
        moved = start
        try:
            async for piece in disk.pieces(length):
                await stream.write(piece)
                moved += len(piece)
                self._update(moved=moved)
        except TransferBroken as error:
            await self._ended(error)
        if moved < start + length:
            raise TransferBroken(peer=self._session.peer, reason="the file became shorter meanwhile")
        hashes = disk.hashes.told() if whole else {}
        if hashes:
            await self._tell_hashes(hashes)
        lost: TransferBroken | None = None
        try:
            await stream.close()
        except TransferBroken as error:  # who has all may close it before we do; only what is said counts
            lost = error
        self._update(state=TransferState.CHECKING)
        await self._heard(lost)
        return {"hashes": hashes, "moved": moved}

    async def _ended(self, lost: TransferBroken) -> None:
        """The stream has ended in the middle. Why, the peer says apart from it, and that may come a little later.
        Errors: what it says; ``lost`` where it says nothing."""
        try:
            reason = await in_time(Deferred.fromCoroutine(self._session.finish()), WHY, self._session.clock)
        except TimeoutError:
            raise lost from None
        raise lost if reason.condition is Condition.SUCCESS else error_of(self._session.peer, reason, begun=True)

    async def _tell_hashes(self, hashes: dict[str, str]) -> None:
        told = About(hashes=hashes)
        if self._secret is not None:  # by its hash, those who carry it could know what it is
            told = About(proves=True, proof=proof(self._secret, hashes))
        try:
            await self._session.tell(wire.checksum(self._content.creator, self._content.name, told))
        except PeerError:  # it may not know that
            return

    async def _heard(self, lost: TransferBroken | None) -> None:
        """Wait until the peer says that all has come, or ends it. Other programs than ours may say nothing: then they
        must be there, and nothing must have been ``lost``."""
        session = self._session
        while True:
            try:
                await in_time(self._verdict(), SAID_WITHIN, session.clock)
            except TimeoutError:
                if lost is not None:
                    raise lost from None
                await self._has_it()
                if await self._is_ours():  # then it says so, or ends it
                    session.stay()
                    continue
                session.end()
                return
            if session.initiator and len(session.contents) <= 1:
                session.end()
            return

    def _verdict(self) -> Deferred[Any]:
        """Fires when the peer says that all has come; fails where it ends it otherwise."""

        def over(reason: Reason) -> None:
            if reason.condition is not Condition.SUCCESS:
                raise error_of(self._session.peer, reason, begun=True)

        ended = Deferred.fromCoroutine(self._session.finish())
        return first_of(ended.addCallback(over), self._told.received.wait())

    async def _has_it(self) -> None:
        """Nobody has said that it came. Some programs never do, but they are there; of others, and where we are not
        online, nothing is known. Errors: TransferBroken."""
        try:
            await self._session.check_peer()
        except TransferBroken:
            if not self._told.received.settled:
                raise

    async def _is_ours(self) -> bool:
        """Whether the other program is one like this."""
        try:
            return await self._session.knows(NS_PROOFS)
        except SatError:
            return False

    # -- in --------------------------------------------------------------------------------------------------------

    async def receive(self, part: Part, where: Place, about: About, have: int) -> None:
        """Take what comes into a part of which so many bytes are here, and compare it with what was told. What comes
        behind the announced size is not looked at. Errors: FileBroken: then the part is worth nothing; TransferBroken,
        PeerDeclined, NoWayToPeer, NoSpace, … and OSError: then it can be gone on with."""
        carried = await self._content.stream()
        self._session.stay()  # to write it may take longer than its stream lasts
        stream = self._protected(carried)
        self._update(state=TransferState.RUNNING, way=Way(stream.way), moved=have)
        if have:
            have = await part.disk.hash_to(have)
        await part.disk.work(lambda descriptor: _cut(descriptor, have))
        stir = Stir(self._content, carried) if await self._is_ours() else None
        writer, watch = Writer(part.disk), Watch(self._content, carried, have / HASHED, stir)
        moved = looked = have
        try:
            while moved != about.size and (data := await stream.read()):
                if about.size >= 0:
                    data = data[: about.size - moved]
                elif moved - looked > LOOKED_EVERY:
                    await in_thread(partial(check_room, where.folder, where.name, LOOKED_EVERY))
                    looked = moved
                await writer.write(data)
                moved += len(data)
                self._update(moved=moved)
            if moved < about.size:
                raise TransferBroken(peer=self._session.peer, reason="it ended before all was there")
            await writer.flush()
            if self._secret is not None:
                await cast("SealedStream", stream).check(where.name)
        except SatError as error:  # it broke off: what has come can be gone on with
            with suppress(OSError):
                await writer.flush()
            if isinstance(error, TransferBroken) and carried.is_lost:
                await self._ended(error)
            raise
        finally:
            writer.stop()
            watch.stop()
        self._update(state=TransferState.CHECKING, size=moved)
        if have and self._secret is not None:
            await self._prove(part, where, self._secret)
        hashes = await self._check(part, where, about, moved)
        self._update(hashes=hashes)

    async def _prove(self, part: Part, where: Place, secret: Shared) -> None:
        """Of the rest, its tag says that it is what was sent; of what came before it broke off nothing does, but the
        hash of the whole, told under the key. Errors: FileBroken."""
        told = await self._later()
        if not told.proof:
            raise FileBroken(name=where.name, reason="of the part that came first, nobody says whether it is")
        if not proves(told.proof, secret, part.disk.hashes.told()):
            raise FileBroken(name=where.name, reason="the part that came first was changed, or is of another one")

    async def _check(self, part: Part, where: Place, about: About, size: int) -> dict[str, str]:
        """Compare the whole with its hashes; those that are known now. Errors: FileBroken."""
        told = dict(about.hashes)
        if about.later or self._told.hashes.settled:
            told |= (await self._later()).hashes
        known = part.disk.hashes
        if not known.told().keys() & told.keys() and (named := [each for each in told if each in KNOWN]):
            known = part.disk.hashes = Hashes(named[:1])  # of another kind than was announced
            await part.disk.hash_to(size)
        if not known.are(told):
            raise FileBroken(name=where.name, reason="its hash is not the one that was told with it")
        return known.told()

    async def _later(self) -> About:
        ended = Deferred.fromCoroutine(self._session.finish())
        first = first_of(self._told.hashes.wait(), ended)
        try:
            told = await in_time(first, HASH_WITHIN, self._session.clock)
        except (TimeoutError, SatError):
            return About()  # it cannot be compared; some programs never tell it
        return told if isinstance(told, About) else About()


def _cut(descriptor: int, size: int) -> None:
    os.ftruncate(descriptor, size)
    os.lseek(descriptor, size, os.SEEK_SET)
