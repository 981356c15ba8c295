"""A file that goes: offered, or asked for by somebody who may have it."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError

from sat.api import JID
from sat.api.errors import CannotReceiveEncrypted, FileTooLarge, PeerDeclined, SatError
from sat.api.sizes import shown
from sat.api.transfers import Direction, Transfer, TransferState
from sat.core.disk import Disk
from sat.core.hashes import OURS, Hashes
from sat.plugins.attachments.names import safe_name
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.files import wire
from sat.plugins.files.carrying import Carrying, Told
from sat.plugins.files.keeping import Keeping, Sent
from sat.plugins.files.offers import SEALED, Answer
from sat.plugins.files.wire import About
from sat.plugins.jingle.content import Content
from sat.plugins.jingle.ways import Offer
from sat.xmpp.jingle import Condition

if TYPE_CHECKING:
    from sat.plugins.files.plugin import Files
    from sat.plugins.files.serving import Served

SMALL = 16 * 1024 * 1024  # bytes of which the hash is told with the offer; of others, when they have gone


def check_size(about: About) -> None:
    """Whether a file can be encrypted in one stream. Errors: FileTooLarge."""
    from sat.plugins.jet.sealed import LIMIT

    if about.size > LIMIT:
        raise FileTooLarge(
            name=about.name, size=shown(about.size), who="a stream that is encrypted", limit=shown(LIMIT)
        )


class Outgoing:
    """Sends files for the plugin."""

    def __init__(self, plugin: Files, keeping: Keeping, told: dict[Content, Told]) -> None:
        self._plugin, self._keeping, self._told = plugin, keeping, told
        self._transfers = plugin.transfers

    async def spooled(self, descriptor: int, path: str, size: int) -> tuple[int, str]:
        """A copy of a file that is about to be removed, and where it is; the file itself where there is no room."""
        spool, disk = self._keeping.spool, Disk(os.dup(descriptor), Hashes())
        try:
            where = await disk.work(lambda source: spool.copy(source, size))
            copy = os.open(where, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except (SatError, OSError) as error:
            self._plugin.log.warning("what breaks off of a file of %s cannot be gone on with: %s", shown(size), error)
            return descriptor, path
        except BaseException:
            os.close(descriptor)
            raise
        finally:
            disk.close()
        os.close(descriptor)
        self._plugin.expire_spool()
        return copy, where

    async def offer(self, id: str, disk: Disk, sent: Sent, method: str) -> dict[str, Any]:
        """Offer a file of ours, and send it; encrypted by a method, or in clear."""
        about, peer = sent.about, self._transfers.find(id).peer
        if self._keeping.spool.holds(sent.path):
            forget = partial(self._keeping.drop_offered, peer, sent.path)
            self._transfers.on_forgotten(id, lambda: self._plugin.spawn(forget()))
        try:
            thumbnail = None
            if method:  # its hash, or a picture of it, would tell who carries it what it is
                check_size(about)
                security, secret = await self._plugin.jet.seal(peer, method, SEALED)
                ours = await self._plugin.jet.proves(peer)
                told = about._replace(ranged=ours, proves=ours)
                offer = Offer(wire.description(told), "initiator", SEALED, security, confirmed=ours)
            else:
                secret = None
                thumbnail = await self._plugin.thumbnails.made(about.type, disk.work)
                if about.size <= SMALL:
                    await disk.hash_to(about.size)
                    about = about._replace(hashes=disk.hashes.told())
                    disk.hashes = Hashes()
                    await disk.hash_to(0)
                later = () if about.hashes else OURS
                offer = Offer(wire.description(about._replace(ranged=True, later=later)))
            sent = sent._replace(about=about)
            await self._keeping.add_sent(sent)  # before it can break off
            try:
                with self._plugin.thumbnails.told(peer, thumbnail, wire.file_of(offer.description)):
                    session = await self._plugin.jingle.offer(peer, [offer])
                    fields = await self.send(id, session.contents[0], disk, about.size, secret)
            except CancelledError:
                if not self._transfers.is_stopping(self._plugin):  # a person does not want to send it any more
                    self._plugin.spawn(self._keeping.drop_sent(sent))
                raise
            except PeerDeclined:
                await self._keeping.drop_sent(sent)
                raise
            await self._keeping.drop_sent(sent)
            return fields
        finally:
            disk.close()
            if sent not in self._keeping.sent:  # it ended before anybody could ask for it
                self._keeping.spool.drop(sent.path)

    async def send(
        self, id: str, content: Content, disk: Disk, size: int, secret: Shared | None = None
    ) -> dict[str, Any]:
        """Send a file in a content that both sides have agreed upon, or will; encrypted by a ``secret``."""
        told = self._told[content] = Told()
        try:
            return await Carrying(self._transfers, id, content, told, secret).send(disk, size)
        except CancelledError:
            content.session.reject_content(content, Condition.CANCEL)
            raise
        except BaseException:
            content.session.reject_content(content, Condition.FAILED_APPLICATION)
            raise
        finally:
            self._told.pop(content, None)

    async def asked_for(self, content: Content, answer: Answer, about: About) -> None:
        """Somebody wants a file of ours."""
        peer, secret = content.session.peer, None
        try:
            if content.security is not None:
                secret = await self._plugin.jet.open(content, believed=True)
            found = await self._plugin.find(peer, about, secret)
            if found is None:
                answer.leave(content, Condition.FAILED_APPLICATION)
                return
            await self._check(peer, found, secret)
        except SatError as error:
            self._plugin.log.info("%s does not get %s: %s", peer, safe_name(about.name), error)
            answer.leave(content, Condition.SECURITY_ERROR)
            return
        ours, size = found.about, found.about.size
        told = ours._replace(offset=min(about.offset, size), length=about.length, ranged=True)
        if secret is not None:
            told = told._replace(hashes={}, proves=await self._plugin.jet.proves(peer))
        elif not told.hashes:
            told = told._replace(later=OURS)
        disk = Disk(found.descriptor, Hashes())
        seen = Transfer(self._transfers.new_id(), Direction.SEND, safe_name(ours.name), size, peer=peer)
        seen = seen._replace(state=TransferState.CONNECTING, path=found.path, type=ours.type)

        async def work(id: str) -> dict[str, Any]:
            try:
                fields = await self.send(id, content, disk, size, secret)
            finally:
                disk.close()
            if not about.length:  # they have all of it now
                await self._keeping.drop_offered(peer, found.path)
            return fields

        answer.take(content, wire.description(told))
        self._transfers.begin(self._plugin, seen._replace(encrypted=secret is not None), work)

    async def _check(self, peer: JID, found: Served, secret: Shared | None) -> None:
        """Whether a file that was found may go so. Else it is closed. Errors: CannotReceiveEncrypted,
        FileTooLarge, …"""
        try:
            if secret is not None:
                check_size(found.about)
            elif await self._plugin.jet.method_for(peer, found.encrypt):
                raise CannotReceiveEncrypted(who=peer.bare, reason="they have asked for it in clear")
        except SatError:
            os.close(found.descriptor)
            raise
