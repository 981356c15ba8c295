"""Pipes between people, over sessions from program to program, described by a namespace of ours.

Who writes offers ``<description name=…/>``; who has a program that waits for it accepts. At the end the sender tells
``<end bytes=…/>`` and sends some bytes more, of which nobody wants anything: Prosody's proxy keeps the last 8 KiB until
something comes behind them. When the other side has written so many, it tells ``<received/>``, and the sender ends the
session: only then is the pipe DONE at both ends. Where nobody reads any more, it tells ``<stopped/>``. Any other end
means that something is missing. A pipe belongs to the program that has handed it over: it
breaks off when that leaves the bus, however it was ended.

Encrypted, it goes in records (``sat/plugins/jet/records.py``), and the last of them, not ``<end/>``, is its end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred, TimeoutError

from sat.api import JID
from sat.api.errors import (
    Cancelled,
    CannotReceiveEncrypted,
    FeatureMissing,
    NobodyWaits,
    NotSafeEnough,
    PeerDeclined,
    PeerError,
    SatError,
    TooManyTransfers,
    TransferBroken,
)
from sat.api.transfers import Direction, TransferState, Way
from sat.bridge.callers import when_left
from sat.core.plugin import Plugin, Refusal, needs
from sat.core.tasks import first_of, in_time
from sat.plugins.attachments.names import safe_name
from sat.plugins.disco.plugin import Disco
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.jet.plugin import NS as NS_JET
from sat.plugins.jet.plugin import Jet
from sat.plugins.jingle.outcome import Outcome
from sat.plugins.jingle.plugin import Jingle
from sat.plugins.jingle.quiet import Stir
from sat.plugins.jingle.stream import Stream
from sat.plugins.jingle.ways import Offer
from sat.plugins.pipes.api import Pipe, PipesApi, Transfer
from sat.plugins.roster.plugin import Roster
from sat.plugins.transfers.plugin import Transfers, Work
from sat.xmpp import xml
from sat.xmpp.jingle import Condition
from sat.xmpp.xml import Element

if TYPE_CHECKING:  # imported with the first pipe
    from sat.plugins.jet.records import RecordStream
    from sat.plugins.jingle.content import Content
    from sat.plugins.jingle.session import Session
    from sat.plugins.pipes.ends import End

NS = "https://salut-a-toi.org/protocol/jingle-pipe"
AT_ONCE = 20  # in both directions, those that wait for somebody included
NAMELESS = "pipe"
BEHIND = bytes(16 * 1024)  # what pushes the last bytes through a proxy
ENDED_WITHIN = 20.0  # seconds in which the sender ends the session when it knows that all has come


class Receiving:
    """A program here that waits for a pipe, then one that comes."""

    def __init__(self, end: End, peers: Sequence[JID], name: str, encrypt: str) -> None:
        self.end, self.peers, self.name, self.encrypt = end, peers, name, encrypt
        self.content: Deferred[Content] = Deferred()
        self._records: RecordStream | None = None
        self._total: int | None = None
        self._moved = 0
        self._reading: Deferred[bytes] | None = None

    def fits(self, peer: JID, name: str, is_contact: bool) -> bool:
        """Whether it waits for what somebody offers."""
        right = peer in self.peers or peer.bare in self.peers if self.peers else is_contact
        return right and self.name in ("", name)

    def ends_at(self, total: int) -> None:
        """So many bytes are all."""
        self._total = total
        if self._records is None and self._moved == total and self._reading is not None:
            self._reading.cancel()

    async def read(self, stream: Stream | RecordStream) -> bytes:
        """What comes next; nothing when all is there. Errors: TransferBroken, PipeChanged."""
        if not isinstance(stream, Stream):
            self._records = stream
            return await stream.read()
        if self._moved == self._total:
            return b""
        self._reading = Deferred.fromCoroutine(stream.read())
        try:
            data = await self._reading
        except CancelledError:
            if self._moved != self._total:
                raise
            return b""
        if self._total is not None:
            data = data[: self._total - self._moved]
        self._moved += len(data)
        return data

    @property
    def is_whole(self) -> bool:
        """Whether all has come that was sent."""
        return self._moved == self._total if self._records is None else self._records.is_whole


class Pipes(Plugin, PipesApi):
    """Pipes from program to program (a Jingle application of our own)."""

    namespace = NS
    securities = (NS_JET,)
    jet = needs(Jet)
    jingle = needs(Jingle)
    disco = needs(Disco)
    roster = needs(Roster)
    transfers = needs(Transfers)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._waiting: dict[str, Receiving] = {}
        self._coming: dict[Session, Receiving] = {}
        self._going: dict[Session, Outcome[bool]] = {}
        self._orphans: set[str] = set()

    async def load(self) -> None:
        self.undo(self.jingle.serve(self))

    # -- PipesApi --------------------------------------------------------------------------------------------------

    async def out(self, peer: JID, pipe: Pipe, name: str = "", encrypt: str = "") -> Transfer:
        from sat.plugins.pipes.ends import End

        end = End(pipe, writing=False)
        try:
            self._check_number()
            method = await self.jet.method_for(peer, encrypt)
            programs = await self.disco.find_programs(peer, NS, NobodyWaits(who=peer.bare))
            if method:
                programs = await self.jet.able(programs, method)
        except BaseException:
            end.close()
            raise
        seen = self._seen(Direction.SEND, name, peer)._replace(encrypted=bool(method))
        return self._begin(seen, lambda id: self._send(id, programs, end, name, method))

    async def receive(self, peers: list[JID], pipe: Pipe, name: str = "", encrypt: str = "") -> Transfer:
        from sat.plugins.pipes.ends import End

        end = End(pipe, writing=True)
        try:
            self._check_number()
        except BaseException:
            end.close()
            raise
        waiting = Receiving(end, peers, name, encrypt)
        seen = self._seen(Direction.RECEIVE, name, peers[0] if len(peers) == 1 else JID(""))
        self._waiting[seen.id] = waiting
        return self._begin(seen, lambda id: self._receive(id, waiting))

    def _begin(self, seen: Transfer, work: Work) -> Transfer:
        async def owned(id: str) -> dict[str, Any]:
            undo = when_left(lambda: self._orphaned(id))
            try:
                return await work(id)
            finally:
                undo()
                self._orphans.discard(id)

        return self.transfers.begin(self, seen, owned)

    def _orphaned(self, id: str) -> None:
        """The program that has handed it over is not on the bus any more."""
        self._orphans.add(id)
        self.spawn(self.transfers.cancel(id))

    def _given_up(self, id: str, session: Session) -> SatError:
        """End what nobody here goes on with: a person has stopped it, or its program has gone; what that means."""
        gone = id in self._orphans
        session.end(Condition.GONE if gone else Condition.CANCEL)
        return TransferBroken(peer=session.peer, reason="the program here was ended") if gone else Cancelled()

    def _check_number(self) -> None:
        self.transfers.check_descriptors()
        if len(self.transfers.running(self)) >= AT_ONCE:
            raise TooManyTransfers(limit=AT_ONCE)

    def _seen(self, direction: Direction, name: str, peer: JID) -> Transfer:
        called = safe_name(name) if name else NAMELESS
        return Transfer(self.transfers.new_id(), direction, called, state=TransferState.OFFERED, peer=peer, pipe=True)

    # -- out -------------------------------------------------------------------------------------------------------

    async def _send(self, id: str, programs: Sequence[JID], end: End, name: str, method: str) -> dict[str, Any]:
        try:
            session, stream = await self._connect(programs, name, method)
            self.transfers.update(id, state=TransferState.RUNNING, way=Way(stream.way), peer=session.peer)
            try:
                return await self._pour(id, session, stream, end)
            except CancelledError:
                raise self._given_up(id, session) from None
            except BaseException:
                session.end(Condition.FAILED_APPLICATION)
                raise
        finally:
            end.close()

    async def _connect(self, programs: Sequence[JID], name: str, method: str) -> tuple[Session, Stream | RecordStream]:
        """The first program of these where somebody waits. Errors: NobodyWaits, NoWayToPeer, NotSafeEnough, …"""
        unsafe: NotSafeEnough | None = None
        for program in programs:
            offer, secret = Offer(xml.element("description", NS, name=name or None), name=NAMELESS), None
            if method:
                security, secret = await self.jet.seal(program, method, NAMELESS, records=True)
                offer = offer._replace(security=security, confirmed=True)
            try:
                session = await self.jingle.offer(program, [offer])
            except (PeerError, FeatureMissing):  # nobody waits there
                continue
            try:
                return session, _protected(await session.contents[0].stream(), secret)
            except NotSafeEnough as error:
                unsafe = error
            except PeerDeclined:
                continue
            except CancelledError:
                session.end(Condition.CANCEL)
                raise
        raise unsafe or NobodyWaits(who=programs[0].bare)

    async def _pour(self, id: str, session: Session, stream: Stream | RecordStream, end: End) -> dict[str, Any]:
        verdict = self._going[session] = Outcome[bool]()
        over = first_of(verdict.wait(), Deferred.fromCoroutine(session.finish()))
        over.addBoth(_closing(end))  # its writer learns then that nobody reads any more
        moved = 0
        try:
            try:
                while data := await end.read():
                    await stream.write(data)
                    moved += len(data)
                    self.transfers.update(id, moved=moved)
                if not isinstance(stream, Stream):
                    await stream.finish()
                await session.tell(xml.element("end", NS, bytes=moved))
                await stream.write(BEHIND)
            except (BrokenPipeError, TransferBroken, PeerError) as error:
                self.log.debug("the pipe to %s is over before its end: %s", session.peer, error)
            result = await over
        finally:
            del self._going[session]
        session.end()
        if result is True:
            return {"moved": moved}
        if result is False:
            raise Cancelled
        from sat.plugins.jingle.reasons import error_of

        raise error_of(session.peer, result)

    # -- in --------------------------------------------------------------------------------------------------------

    async def _receive(self, id: str, waiting: Receiving) -> dict[str, Any]:
        try:
            try:
                content, secret = await self._safe_enough(waiting)
            finally:
                del self._waiting[id]
            session = content.session
            self._coming[session] = waiting
            session.accept_later()
            connecting = {"state": TransferState.CONNECTING, "encrypted": secret is not None}
            self.transfers.update(id, peer=session.peer, **connecting)
            try:
                return await self._drain(id, content, waiting, secret)
            except (CancelledError, BrokenPipeError):
                if id not in self._orphans:
                    await self._tell(session, "stopped")  # before its stream ends, which alone could mean anything
                raise self._given_up(id, session) from None
            except BaseException:
                session.end(Condition.FAILED_APPLICATION)
                raise
            finally:
                del self._coming[session]
        finally:
            waiting.end.close()

    async def _safe_enough(self, waiting: Receiving) -> tuple[Content, Shared | None]:
        """The next pipe that is offered, and its key; not one in clear where it has to be encrypted, nor by a program
        whose key is not trusted."""
        while True:
            content = await waiting.content
            try:
                if content.security is not None:
                    return content, await self.jet.open(content, records=True, believed=True)
                if not await self.jet.method_for(content.session.peer, waiting.encrypt):
                    return content, None
                error: SatError = CannotReceiveEncrypted(who=content.session.peer.bare, reason="they send it in clear")
            except SatError as caught:
                error = caught
            self.log.warning("a pipe of %s was not taken: %s", content.session.peer, error)
            waiting.content = Deferred()
            refused = partial(content.session.end, Condition.SECURITY_ERROR)
            content.session.later(refused)

    async def _drain(self, id: str, content: Content, waiting: Receiving, secret: Shared | None) -> dict[str, Any]:
        carried = await content.stream()
        stream = _protected(carried, secret)
        self.transfers.update(id, state=TransferState.RUNNING, way=Way(stream.way))
        moved, stir = 0, Stir(content, carried)
        try:
            while data := await waiting.read(stream):
                await waiting.end.write(data)
                moved += len(data)
                self.transfers.update(id, moved=moved)
        finally:
            stir.stop()
        if not waiting.is_whole:
            from sat.plugins.jingle.reasons import error_of

            raise error_of(content.session.peer, await content.session.finish(), begun=True)
        waiting.end.close()
        await self._tell(content.session, "received")
        with suppress(SatError, TimeoutError):  # else we end it
            await in_time(content.session.finish(), ENDED_WITHIN, self.session.clock)
        content.session.end()
        return {"moved": moved}

    async def _tell(self, session: Session, name: str) -> None:
        with suppress(SatError):  # it may be over already
            await session.tell(xml.element(name, NS))

    # -- Application -----------------------------------------------------------------------------------------------

    def wants(self, peer: JID) -> bool:
        """Whether a program here waits for exactly this stranger."""
        return any(waiting.peers and waiting.fits(peer, waiting.name, False) for waiting in self._waiting.values())

    def offered(self, session: Session) -> None:
        """Somebody offers a pipe."""
        content = session.contents[0]
        if len(session.contents) > 1 or content.sending or not content.receiving:
            raise Refusal("bad-request")
        name = str(content.description.attributes.get("name", ""))
        is_contact = self.roster.may_see(session.peer)
        for waiting in list(self._waiting.values()):
            if waiting.content.called or not waiting.fits(session.peer, name, is_contact):
                continue
            if not waiting.end.is_read:  # the program has gone
                waiting.content.cancel()
                continue
            waiting.content.callback(content)
            return
        raise Refusal("item-not-found", "nobody waits for this pipe")

    def added(self, session: Session, content: Content) -> bool:
        """A session is one pipe."""
        return False

    def told(self, session: Session, payload: Element) -> bool:
        """The end, or what became of it there."""
        if payload.uri != NS:
            return False
        total = str(payload.attributes.get("bytes", ""))
        if session in self._coming and payload.name == "end" and total.isascii() and total.isdigit():
            self._coming[session].ends_at(int(total[:20]))
        elif session in self._going and payload.name in ("received", "stopped"):
            self._going[session].settle(payload.name == "received")
        return True


def _protected(stream: Stream, secret: Shared | None) -> Stream | RecordStream:
    if secret is None:
        return stream
    from sat.plugins.jet.records import RecordStream

    return RecordStream(stream, secret)


def _closing(end: End) -> Callable[[Any], Any]:
    def close(result: Any) -> Any:
        end.close()
        return result

    return close
