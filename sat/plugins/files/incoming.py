"""A file that comes: asked for or taken, put into a part, compared, given its name; or kept as a part for later."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError

from sat.api.errors import (
    CannotSendEncrypted,
    FileBroken,
    NobodyShares,
    NotFound,
    NotSafeEnough,
    PeerDeclined,
    SatError,
    TransferBroken,
)
from sat.api.transfers import Transfer, TransferState
from sat.core.tasks import in_thread, to_end_in_thread
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.files import wire
from sat.plugins.files.carrying import Carrying, Told
from sat.plugins.files.keeping import Keeping, Kept
from sat.plugins.files.offers import SEALED
from sat.plugins.files.receiving import QUARANTINE, Part, Place, algorithms, check_room
from sat.plugins.jet.proofs import proof
from sat.plugins.jingle.content import Content
from sat.plugins.jingle.ways import Offer
from sat.xmpp.jingle import Condition

if TYPE_CHECKING:
    from sat.plugins.files.plugin import Files


class Incoming:
    """Receives files for the plugin."""

    def __init__(self, plugin: Files, keeping: Keeping, told: dict[Content, Told]) -> None:
        self._plugin, self._keeping, self._told = plugin, keeping, told
        self._transfers = plugin.transfers

    async def resume(self, id: str) -> Transfer:
        """As ``FilesApi.resume``."""
        seen, plugin = self._transfers.find(id), self._plugin
        kept = self._keeping.parts.get(id)
        if kept is None or not seen.is_over:
            raise NotFound(what=f"part of {seen.name}")
        plugin.check_number()
        programs = await plugin.disco.find_programs(kept.peer.bare, wire.NS, NobodyShares(who=kept.peer.bare))
        method = await plugin.jet.method_for(kept.peer, kept.encrypt)
        (program, *_) = await plugin.jet.able(programs, method, CannotSendEncrypted) if method else programs
        about = kept.about
        try:
            part = await in_thread(partial(Part.again, kept.part, algorithms(about)), Part.leave)
        except OSError:
            await self._keeping.drop(id)
            self._transfers.update(id, partial=False)
            raise NotFound(what=f"part of {seen.name}") from None
        have = min(part.size, about.size - 1) if about.size > 0 else 0  # nobody can be asked for nothing
        try:
            await in_thread(partial(check_room, kept.where.folder, kept.where.name, max(about.size - have, 0)))
            if not self._transfers.find(id).is_over:  # somebody else goes on with it since
                raise NotFound(what=f"part of {seen.name}")
        except BaseException:
            part.leave()
            raise
        kept = kept._replace(peer=program, about=about._replace(offset=have, ranged=True))
        again = seen._replace(state=TransferState.CONNECTING, partial=False, error="", details={}, ended=0.0)
        again = again._replace(peer=program, encrypted=bool(method))
        return self._transfers.begin(plugin, again, lambda _: self.pull(kept, part, method))

    async def pull(self, kept: Kept, part: Part | None, method: str, most: int = -1) -> dict[str, Any]:
        """Ask for a file, or for the rest of one, of so many bytes at ``most`` where that is told; it is to be
        encrypted by a method, or to come in clear."""
        try:
            offer, secret = await self._question(kept, method)
            session = await self._plugin.jingle.offer(kept.peer, [offer])
            content = session.contents[0]
            try:
                await content.stream()
            except NotSafeEnough:
                session.end(Condition.CANCEL)
                raise
            except (PeerDeclined, TransferBroken):
                session.end(Condition.CANCEL)
                if part is None:
                    what = kept.about.name or "file with this hash"
                    raise NotFound(what=f"{what} that {kept.peer.bare} would send") from None
                raise
            except CancelledError:
                session.end(Condition.CANCEL)
                raise
            told, asked = wire.read_description(content.description), kept.about
            about = asked._replace(
                size=told.size if asked.size < 0 else asked.size,
                hashes=told.hashes | asked.hashes,
                later=told.later,
                proves=told.proves,
                type=told.type or asked.type,
                modified=told.modified or asked.modified,
            )
            if most >= 0 > about.size:
                about = about._replace(size=most)
            have = asked.offset
            if part is not None and told.offset != have:  # they send all of it again
                have = 0
            try:
                if 0 <= most < about.size:
                    raise FileBroken(name=kept.where.name, reason="it is larger than they had said")
                await in_thread(partial(check_room, kept.where.folder, kept.where.name, max(about.size - have, 0)))
                if part is None:
                    part = await in_thread(partial(Part.begin, kept.where, algorithms(about)), Part.drop)
            except BaseException:
                session.end(Condition.CANCEL)
                raise
        except BaseException as error:
            if part is not None:
                part.disk.close()
                if isinstance(error, (SatError, CancelledError)):  # what is here can be gone on with later
                    self._transfers.update(kept.id, partial=True)
                    self.clear_when_forgotten(kept.id)
            raise
        self._transfers.update(kept.id, size=max(about.size, 0), type=about.type)
        return await self.receive(kept._replace(about=about, part=part.path), content, part, have, secret)

    async def _question(self, kept: Kept, method: str) -> tuple[Offer, Shared | None]:
        """What asks for a file. The key is ours to make (XEP-0391 §4.2). By its hash, who carries the question would
        know which file it is: it is told under the key, to programs that know how, and to others in no way. Errors:
        CannotSendEncrypted; NoKeys, KeysUntrusted, CannotEncrypt, …"""
        about = kept.about
        if not method:
            return Offer(wire.description(about), senders="responder"), None
        ours = await self._plugin.jet.proves(kept.peer)
        if not about.name and not ours:
            raise CannotSendEncrypted(who=kept.peer.bare, reason="of its hash their server would hear")
        security, secret = await self._plugin.jet.seal(kept.peer, method, SEALED)
        told = proof(secret, about.hashes) if ours else ""
        asked = wire.description(about._replace(hashes={}, later=(), proves=bool(told), proof=told))
        return Offer(asked, "responder", SEALED, security, confirmed=ours), secret

    async def receive(
        self, kept: Kept, content: Content, part: Part, have: int, secret: Shared | None = None
    ) -> dict[str, Any]:
        """Take a file that both sides have agreed upon, encrypted by a ``secret``; what is to be told of it at the
        end. A part of an encrypted one is kept only where its sender proves the hash of the whole: else nobody could
        say whether it is what was sent."""
        session, about, id = content.session, kept.about, kept.id
        told = self._told[content] = Told()
        can_be_kept = self._plugin.options.keep_parts and about.size > 0 and (secret is None or about.proves)
        failed = partial(session.reject_content, content)
        done = False
        try:
            await in_thread(partial(part.mark, kept.peer))
            if can_be_kept:
                await self._keeping.keep(kept)
                self.clear_when_forgotten(id)
            await Carrying(self._transfers, id, content, told, secret).receive(part, kept.where, about, have)
            where, quarantined = await in_thread(partial(self._where, kept.where, part))
            path = await to_end_in_thread(partial(part.keep, where))
            done = True
        except FileBroken:
            can_be_kept = False
            failed(Condition.MEDIA_ERROR)
            raise
        except CancelledError:
            failed(Condition.CANCEL)
            raise
        except BaseException:
            failed(Condition.FAILED_APPLICATION)
            raise
        finally:
            self._told.pop(content, None)
            if not done:
                self._left(id, part, can_be_kept)
        with suppress(CancelledError):  # it is here, whoever wants it no longer
            await self._keeping.drop(id)
            await self._thank(content)
        return {"path": str(path), "quarantined": quarantined}

    def _left(self, id: str, part: Part, can_be_kept: bool) -> None:
        """It did not come whole: what is here is kept or not."""
        if can_be_kept:
            part.disk.close()
            with suppress(OSError):
                self._transfers.update(id, moved=part.path.stat().st_size)
            self._transfers.update(id, partial=True, path=str(part.path))
        else:
            part.drop()
            self._plugin.spawn(self._keeping.drop(id))

    def _where(self, where: Place, part: Part) -> tuple[Place, bool]:
        """Where a whole file is put; whether that is apart from others."""
        if where.chosen or not self._plugin.options.quarantine or not part.is_runnable(where.name):
            return where, False
        return where._replace(folder=where.folder / QUARANTINE), True

    async def _thank(self, content: Content) -> None:
        """Say that a file has come, and with the last one that all has."""
        session = content.session
        with suppress(SatError):  # they need not know it, or be there any more
            await session.tell(wire.received(content.creator, content.name))
        if not any(each in self._told for each in session.contents):
            session.end()

    def clear_when_forgotten(self, id: str) -> None:
        """Have a part go with the transfer that tells of it."""

        def clear() -> None:
            if (kept := self._keeping.parts.get(id)) is not None:
                with suppress(OSError):
                    kept.part.unlink(missing_ok=True)
                self._plugin.spawn(self._keeping.drop(id))

        self._transfers.on_forgotten(id, clear)
