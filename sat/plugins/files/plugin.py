"""Files from person to person (XEP-0234): offered, taken or not, asked for, gone on with where they broke off."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred

from sat.api import JID
from sat.api.errors import (
    CannotReceive,
    CannotSendEncrypted,
    InvalidArgument,
    NobodyShares,
    NotFound,
    OfferExpired,
    SatError,
    TooManyOpen,
    TooManyTransfers,
)
from sat.api.messages import UNENCRYPTED, Trust
from sat.api.transfers import Direction, TransferState
from sat.core.disk import Disk
from sat.core.hashes import OURS, Hashes
from sat.core.plugin import Plugin, Refusal, configured, needs
from sat.core.tasks import in_thread
from sat.plugins.attachments.names import safe_name
from sat.plugins.attachments.reading import looked_at
from sat.plugins.disco.plugin import Disco
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.files import rules, wire
from sat.plugins.files.api import FilesApi, Thumbnail, Transfer
from sat.plugins.files.keeping import Keeping, Kept, Sent
from sat.plugins.files.receiving import Part, Place, algorithms, check_room, place
from sat.plugins.files.rules import Options
from sat.plugins.files.serving import Serve, Served
from sat.plugins.files.spool import DAY, spool_of
from sat.plugins.files.wire import About
from sat.plugins.jet.plugin import NS as NS_JET
from sat.plugins.jet.plugin import Jet
from sat.plugins.jingle.plugin import Jingle
from sat.plugins.roster.plugin import Roster
from sat.plugins.thumbnails.plugin import Thumbnails
from sat.plugins.transfers.plugin import Transfers
from sat.xmpp.jingle import Condition
from sat.xmpp.xml import Element

if TYPE_CHECKING:  # imported with the first file
    from sat.plugins.files.carrying import Told
    from sat.plugins.files.incoming import Incoming
    from sat.plugins.files.offers import Answer, Waiting
    from sat.plugins.files.outgoing import Outgoing
    from sat.plugins.jingle.content import Content
    from sat.plugins.jingle.session import Session

AT_ONCE = 30  # files on their way, of all peers
WAITING_OF_ONE = 20  # files that one contact offers, and that wait for a person


class Files(Plugin, FilesApi):
    """Files from program to program (XEP-0234)."""

    xeps = ("0234",)
    namespace = wire.NS
    securities = (NS_JET,)
    jet = needs(Jet)
    jingle = needs(Jingle)
    thumbnails = needs(Thumbnails)
    transfers = needs(Transfers)
    disco = needs(Disco)
    roster = needs(Roster)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._keeping = Keeping(self.store, spool_of(session.name))
        self._waiting: dict[str, Waiting] = {}
        self._told: dict[Content, Told] = {}
        self._servers: list[Serve] = [self._serve_sent]

    @cached_property
    def _incoming(self) -> Incoming:
        from sat.plugins.files.incoming import Incoming

        return Incoming(self, self._keeping, self._told)

    @cached_property
    def _outgoing(self) -> Outgoing:
        from sat.plugins.files.outgoing import Outgoing

        return Outgoing(self, self._keeping, self._told)

    async def load(self) -> None:
        await self._keeping.load()
        for kept in list(self._keeping.parts.values()):
            self.transfers.note(await in_thread(partial(kept.broken_off, self.session.now())))
            self._incoming.clear_when_forgotten(kept.id)
        self.expire_spool()
        self.undo(self.jingle.serve(self))

    @classmethod
    async def erase(cls, profile: str) -> None:
        if (spool := spool_of(profile)).is_there:
            await in_thread(spool.remove)

    def expire_spool(self) -> None:
        """Copies of which nobody has asked for the rest in a day go, now and later."""
        if self._keeping.spool.expire():
            self.after(DAY, self.expire_spool, key="spool")

    # -- for other plugins -----------------------------------------------------------------------------------------

    def serve(self, function: Serve) -> Callable[[], None]:
        """Let files be fetched that a function finds; what ends that."""
        self._servers.append(function)
        return lambda: self._servers.remove(function)

    async def place_for(self, name: str, path: str = "", size: int = 0) -> Place:
        """As ``place``, with the folder of the settings; with room for so many bytes. Errors: NoSpace, too."""

        def find() -> Place:
            where = place(path, rules.folder(self.options), name)
            check_room(where.folder, where.name, max(size, 0))
            return where

        return await in_thread(find)

    async def fetch(
        self,
        programs: Sequence[JID],
        about: About,
        where: Place,
        name: str,
        encrypt: str,
        most: int = -1,
        within: str = "",
    ) -> Transfer:
        """Ask one of these programs for a file, so described, and put it there; its transfer. A larger one than
        ``most`` is not taken, where that is told; ``within`` is the id of the folder to which it belongs. ``encrypt``
        is as of ``FilesApi.request``, and so are the errors."""
        self.check_number()
        method, (peer, *_) = await self.jet.method_for(programs[0], encrypt), programs
        if method:
            (peer, *_) = await self.jet.able(programs, method, CannotSendEncrypted)
        said = UNENCRYPTED if encrypt == UNENCRYPTED else method
        kept = Kept(self.transfers.new_id(), peer, about, where.path, where, self.session.now(), said)
        seen = Transfer(kept.id, Direction.RECEIVE, safe_name(name), max(about.size, 0), peer=peer)
        seen = seen._replace(state=TransferState.CONNECTING, path=str(where.path), within=within)
        seen = seen._replace(encrypted=bool(method))
        return self.transfers.begin(self, seen, lambda _: self._incoming.pull(kept, None, method, most))

    def find_part(self, peer: JID, path: str, folder: Path, size: int, modified: float, encrypt: str) -> str:
        """The id of the transfer that has brought a part of a file, so told of now and to come so, into a folder;
        nothing where there is none."""
        kept = self._keeping.find_asked(peer, path, folder, size, modified)
        over = kept is not None and kept.encrypt == encrypt and self.transfers.find(kept.id).is_over
        return kept.id if kept is not None and over else ""

    # -- FilesApi --------------------------------------------------------------------------------------------------

    async def send(
        self, path: str, peer: JID, name: str = "", description: str = "", encrypt: str = "", passing: bool = False
    ) -> Transfer:
        self.check_number()
        method = await self.jet.method_for(peer, encrypt)
        programs = await self.disco.find_programs(peer, wire.NS, CannotReceive(who=peer.bare, what="files"))
        (program, *_) = await self.jet.able(programs, method) if method else programs
        file, about = await looked_at(path, safe_name(name or path))
        size = about.size
        with file:
            descriptor = os.dup(file.fileno())
        if passing:
            descriptor, path = await self._outgoing.spooled(descriptor, path, size)
        modified = float(int(os.fstat(descriptor).st_mtime))
        told = About(about.name, size, about.type, description, modified)
        sent = Sent(program.bare, path, told, UNENCRYPTED if encrypt == UNENCRYPTED else method)
        seen = Transfer(self.transfers.new_id(), Direction.SEND, about.name, size, peer=program, path=path)
        seen = seen._replace(state=TransferState.OFFERED, type=about.type, description=description)
        seen = seen._replace(encrypted=bool(method))
        disk = Disk(descriptor, Hashes())
        return self.transfers.begin(self, seen, lambda id: self._outgoing.offer(id, disk, sent, method))

    async def accept(self, id: str, path: str = "") -> Transfer:
        about = self._asked(id).about
        self.transfers.check_descriptors()
        where = await self.place_for(about.name, path, about.size)
        self._take(id, self._asked(id), where)  # it may have been taken back meanwhile
        return self.transfers.find(id)

    async def decline(self, id: str) -> None:
        self._asked(id)
        await self.transfers.cancel(id)

    async def request(self, peer: JID, name: str = "", sha256: str = "", path: str = "", encrypt: str = "") -> Transfer:
        if not name and not sha256:
            raise InvalidArgument(reason="Say which file: its name, or its hash.")
        programs = await self.disco.find_programs(peer, wire.NS, NobodyShares(who=peer.bare))
        called = PurePosixPath(name).name or sha256
        where = await self.place_for(called, path)
        about = About(name, hashes={OURS[0]: sha256} if sha256 else {}, ranged=True)
        return await self.fetch(programs, about, where, called, encrypt)

    async def resume(self, id: str) -> Transfer:
        return await self._incoming.resume(id)

    async def get_thumbnail(self, id: str) -> Thumbnail:
        return self.thumbnails.find(id)

    def _asked(self, id: str) -> Waiting:
        if id not in self._waiting:
            raise NotFound(what=f"offer {id}")
        return self._waiting[id]

    def check_number(self) -> None:
        """Whether a person may begin one more; what others offer does not keep them from that."""
        self.transfers.check_descriptors()
        if sum(not each.asks for each in self.transfers.running(self)) >= AT_ONCE:
            raise TooManyTransfers(limit=AT_ONCE)

    def _has_room_for(self, session: Session, number: int) -> bool:
        """Whether a peer may offer so many more, or ask for them."""
        running, peer = self.transfers.running(self), session.peer.bare
        of_one = sum(each.asks and each.peer.bare == peer for each in running)
        try:
            self.transfers.check_descriptors()
        except TooManyOpen:
            return False
        return len(running) + number <= AT_ONCE and of_one + number <= WAITING_OF_ONE

    # -- what others offer and ask for (Application) ---------------------------------------------------------------

    def wants(self, peer: JID) -> bool:
        """Whether strangers may offer files."""
        return self.options.strangers

    def offered(self, session: Session) -> None:
        """Somebody offers files, or asks for some."""
        if not self._has_room_for(session, len(session.contents)):
            raise Refusal("resource-constraint", kind="wait")
        from sat.plugins.files.offers import Answer

        answer = Answer(session, list(session.contents), False)
        for content in list(session.contents):
            self._begin(content, answer)

    def added(self, session: Session, content: Content) -> bool:
        """One more in a session."""
        if not self._has_room_for(session, 1):
            return False
        from sat.plugins.files.offers import Answer

        session.later(lambda: self._begin(content, Answer(session, [content], True)))
        return True

    def told(self, session: Session, payload: Element) -> bool:
        """A hash, or that a file has come."""
        if payload.uri != wire.NS or payload.name not in ("checksum", "received"):
            return False
        for content in session.contents:
            if content.name == payload.attributes.get("name") and content in self._told:
                if payload.name == "received":
                    self._told[content].received.settle(True)
                elif (told := wire.read_checksum(payload)).hashes or told.proof:
                    self._told[content].hashes.settle(told)
        return True

    def _begin(self, content: Content, answer: Answer) -> None:
        about, session = wire.read_description(content.description), content.session
        if content.sending and content.security is None:
            self.spawn(self._outgoing.asked_for(content, answer, about))
        elif content.sending:
            session.later(lambda: self.spawn(self._outgoing.asked_for(content, answer, about)))
        elif content.security is None:
            self._wait(content, answer, about)
        else:
            session.later(lambda: self.spawn(self._open(content, answer, about)))

    async def _open(self, content: Content, answer: Answer, about: About) -> None:
        """An encrypted one: nobody is asked before its key is here."""
        try:
            secret = await self.jet.open(content)
        except SatError as error:
            failure = error
            answer.leave(content, Condition.SECURITY_ERROR)

            async def fail(id: str) -> dict[str, Any]:
                raise failure

            self.transfers.begin(self, self._coming(content, about), fail)
        else:
            self._wait(content, answer, about._replace(ranged=about.ranged and about.proves), secret)

    def _coming(self, content: Content, about: About) -> Transfer:
        """What is told of a file that somebody offers."""
        name, peer = safe_name(about.name), content.session.peer
        seen = Transfer(self.transfers.new_id(), Direction.RECEIVE, name, max(about.size, 0), peer=peer)
        seen = seen._replace(state=TransferState.OFFERED, type=about.type, description=about.description)
        return seen._replace(hashes=about.hashes, encrypted=content.security is not None)

    def _wait(self, content: Content, answer: Answer, about: About, secret: Shared | None = None) -> None:
        """A person is to decide, or the settings do."""
        from sat.plugins.files.offers import Waiting

        seen, peer = self._coming(content, about), content.session.peer
        waiting = Waiting(content, about, answer, Deferred(), secret)
        self._waiting[seen.id] = waiting
        waiting.watch()
        self.transfers.begin(self, seen, lambda id: self._take_or_leave(id, waiting))
        if secret is None:  # else it is nothing that only both could know
            self.thumbnails.look(seen.id, peer, wire.file_of(content.description))
        if secret is not None and secret.trust is Trust.UNDECIDED:  # whose key it is, nobody has said
            return
        if rules.takes(self.options, self.roster, self.session.account.jid, peer, about):
            self.spawn(self._take_unasked(seen.id, waiting))

    async def _take_unasked(self, id: str, waiting: Waiting) -> None:
        about = waiting.about
        try:
            where = await self.place_for(about.name, size=about.size)
        except SatError as error:  # then a person decides
            self.log.warning("%s was not taken by itself: %s", safe_name(about.name), error)
        else:
            self._take(id, waiting, where)

    def _take(self, id: str, waiting: Waiting, where: Place) -> None:
        if id in self._waiting:
            self.transfers.update(id, state=TransferState.CONNECTING, path=str(where.path))
            waiting.decision.callback(where)

    async def _take_or_leave(self, id: str, waiting: Waiting) -> dict[str, Any]:
        try:
            where = await waiting.decision
        except (CancelledError, OfferExpired):
            waiting.answer.leave(waiting.content)
            raise
        finally:
            del self._waiting[id]
        content, about, secret = waiting.content, waiting.about, waiting.secret
        peer, method = content.session.peer, self.jet.method_of(content)
        part, have, begun = None, 0, self.transfers.find(id).begun
        try:
            if about.ranged and (before := self._part_of(peer, about, where, method)) is not None:
                await self._forget_part(before.id)
                with suppress(OSError):
                    part = await in_thread(partial(Part.again, before.part, algorithms(about)), Part.leave)
                    have = min(part.size, max(about.size - 1, 0))
            if part is None:
                part = await in_thread(partial(Part.begin, where, algorithms(about)), Part.drop)
        except CancelledError:
            waiting.answer.leave(content)
            raise
        except SatError:
            waiting.answer.leave(content, Condition.FAILED_APPLICATION)
            raise
        wanted = about._replace(offset=have, length=0)
        waiting.answer.take(content, wire.description(wanted))
        kept = Kept(id, peer, about, part.path, where, begun, method or UNENCRYPTED)
        return await self._incoming.receive(kept, content, part, have, secret)

    def _part_of(self, peer: JID, about: About, where: Place, method: str) -> Kept | None:
        """A part of what is offered, in the folder where it is wanted: the last step is to give it its name there."""
        running = {each.id for each in self.transfers.running(self)}
        here = [each for each in self._keeping.parts.values() if each.part.parent == where.folder]
        return next((each for each in here if each.id not in running and each.fits(peer, about, method)), None)

    async def _forget_part(self, id: str) -> None:
        """It goes on under another id."""
        await self._keeping.drop(id)
        self.transfers.update(id, partial=False)

    # -- what others may fetch ---------------------------------------------------------------------------------------

    async def find(self, peer: JID, about: About, secret: Shared | None) -> Served | None:
        """What somebody asks for, if they may have it; its proof is under the secret."""
        for each in list(self._servers):
            try:
                if (found := await each(peer, about, secret)) is not None:
                    return found
            except (SatError, OSError) as error:
                self.log.warning("%s asks for %s: %s", peer, safe_name(about.name), error)
        return None

    async def _serve_sent(self, peer: JID, about: About, secret: Shared | None) -> Served | None:
        """What we have offered them, and did not bring over."""
        for sent in self._keeping.sent:
            if sent.is_asked(peer, about) and (descriptor := await in_thread(sent.opened)) is not None:
                return Served(descriptor, sent.path, sent.about, sent.encrypt)
        return None
