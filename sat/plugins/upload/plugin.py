"""Sending files by the server's storage (XEP-0363): a slot, the file, then the message that tells of it. Where the
message is encrypted, the file is, too, and the server learns nothing of it but its size and its name's ending."""

from __future__ import annotations

import mimetypes
import os
import secrets
from functools import partial
from math import ceil
from typing import Any, BinaryIO, NamedTuple

from sat.api import JID
from sat.api.errors import (
    CannotEncrypt,
    FeatureMissing,
    FileTooLarge,
    InvalidArgument,
    PeerError,
    SatError,
    TooManyTransfers,
    UploadLater,
    UploadRefused,
)
from sat.api.messages import UNENCRYPTED, Attachment
from sat.api.sizes import shown
from sat.api.transfers import Direction, Way
from sat.api.values import ANYBODY
from sat.core.disk import Disk
from sat.core.hashes import Hashes
from sat.core.plugin import Plugin, needs
from sat.core.tasks import in_thread
from sat.plugins.attachments.links import IV, KEY, TAG, new_link
from sat.plugins.attachments.names import safe_name
from sat.plugins.attachments.plugin import Attachments
from sat.plugins.attachments.reading import NO_PICTURE, looked_at
from sat.plugins.disco.plugin import Disco
from sat.plugins.messages.plugin import Messages
from sat.plugins.transfers.plugin import Transfers
from sat.plugins.upload.api import Purpose, Storage, Transfer, UploadApi
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.times import format_stamp, parse_stamp
from sat.xmpp.xml import Element

NS = "urn:xmpp:http:upload:0"
NS_PURPOSE = "urn:xmpp:http:upload:purpose:0"
SERVICES = 30  # of a server that are asked what they can do
AT_ONCE = 5  # files on their way
HEADERS = 20  # taken of a slot
HASHED = 64 * 1024 * 1024  # bytes of a file that is read once more before it goes, to tell its hash
_YEAR = 365 * 86_400  # seconds
_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60))


class Slot(NamedTuple):
    """Where a file may be put, with which headers, and where it will be read (XEP-0363 §4)."""

    put: str
    get: str
    headers: list[tuple[str, str]]


class Upload(Plugin, UploadApi):
    """Files on the server's storage (XEP-0363)."""

    xeps = ("0363",)
    disco = needs(Disco)
    messages = needs(Messages)
    attachments = needs(Attachments)
    transfers = needs(Transfers)

    # -- where ---------------------------------------------------------------------------------------------------

    async def get_storage(self) -> Storage:
        server = JID(self.session.account.jid.domain)
        services = [each.jid for each in await self.disco.get_items(server) if not each.node]
        for jid in dict.fromkeys([*services[:SERVICES], server]):
            try:
                info = await self.disco.get_info(jid)
            except PeerError:  # one of the others may do
                continue
            if NS in info.features:
                purposes = [each for each in Purpose if f"{NS_PURPOSE}#{each}" in info.features]
                fields = [field for form in info.forms for field in form.fields]
                if not any(field.name == "FORM_TYPE" and NS in field.values for field in fields):
                    return Storage(jid, purposes=purposes)
                told = next((field.values[0] for field in fields if field.name == "max-file-size" and field.values), "")
                return Storage(jid, _bytes(told), purposes)
        raise FeatureMissing(who=server, feature="sending files (HTTP upload)")

    async def _slot(self, storage: Storage, about: Attachment, purpose: Purpose, seconds: int) -> Slot:
        request = Iq.get(storage.jid)
        asked = request.add("request", NS, filename=about.name, size=about.size, **{"content-type": about.type})
        if purpose in storage.purposes:
            until = {"expire-before": format_stamp(self.session.now() + seconds)} if seconds else {}
            asked.children.append(xml.element(purpose, NS_PURPOSE, **until))
        try:
            answer = await self.ask(request)
        except PeerError as error:
            raise _told(error, storage.jid, about, self.session.now()) from None
        slot = xml.child(answer, "slot", NS)
        put = None if slot is None else xml.child(slot, "put", NS)
        get = None if slot is None else xml.child(slot, "get", NS)
        if put is None or get is None:
            raise PeerError(peer=storage.jid, condition="undefined-condition", reason="it names no place for the file")
        return Slot(str(put.attributes.get("url", "")), str(get.attributes.get("url", "")), _headers(put))

    # -- UploadApi -------------------------------------------------------------------------------------------------

    async def upload(
        self,
        path: str,
        peer: JID = ANYBODY,
        name: str = "",
        reply: str = "",
        purpose: Purpose = Purpose.MESSAGE,
        seconds: int = 0,
        encrypt: str = "",
    ) -> Transfer:
        if (purpose is Purpose.EPHEMERAL) is not (seconds > 0):
            raise InvalidArgument(reason="Say how long an ephemeral file is to stay, and of no other.")
        if len(self.transfers.running(self)) >= AT_ONCE:
            raise TooManyTransfers(limit=AT_ONCE)
        if peer and self.messages.rooms.knows(peer.bare):
            self.messages.rooms.check(peer)
        method = await self.messages.secures(self.messages.conversation(peer), encrypt) if peer else ""
        name = safe_name(name or path)
        file, about = await looked_at(path, name)
        size = about.size
        try:
            storage = await self.get_storage()
            taken = size + TAG if method else size
            if storage.limit and taken > storage.limit:
                raise FileTooLarge(name=name, size=shown(size), who=storage.jid, limit=shown(storage.limit))
            if purpose not in (Purpose.MESSAGE, *storage.purposes):  # it would be kept in another way than was asked
                raise FeatureMissing(who=storage.jid, feature=f"{purpose} files")
            put = about._replace(name=_hidden(name), type=NO_PICTURE, size=taken) if method else about
            slot = await self._slot(storage, put, purpose, seconds)
        except BaseException:
            file.close()
            raise
        new = Transfer(self.transfers.new_id(), Direction.SEND, name, size, way=Way.UPLOAD, peer=peer, path=path)
        new = new._replace(type=about.type, encrypted=bool(method))
        clear = encrypt == UNENCRYPTED
        return self.transfers.begin(self, new, lambda id: self._carry(id, file, slot, about, reply, method, clear))

    # -- carrying ------------------------------------------------------------------------------------------------

    async def _carry(
        self, id: str, file: BinaryIO, slot: Slot, about: Attachment, reply: str, method: str, clear: bool
    ) -> dict[str, Any]:
        """Send a file, and a message with it: by the method by which the file is encrypted; ``clear``: by none, also
        where the conversation is encrypted."""
        peer = self.transfers.find(id).peer
        try:
            if peer and not method and about.size <= HASHED:
                about = await self._hashed(file, about)
            if method:
                attachment = await self._put_sealed(id, file, slot, about)
            else:
                attachment = await self._put(id, file, slot, about, about.size)
        except ValueError as error:
            raise PeerError(peer="The server", condition="undefined-condition", reason=str(error)) from None
        finally:
            file.close()
        message = ""
        if peer:
            if not (method or clear) and await self.messages.secures(self.messages.conversation(peer), ""):
                raise CannotEncrypt(who=peer.bare, reason="the encryption began when it was on its way already")
            body = "" if method else attachment.url  # as it was decided when the file was encrypted, or not
            how = UNENCRYPTED if clear else method
            message = await self.messages.send(peer, body, reply=reply, encrypt=how, attachments=[attachment])
        return {"attachment": [attachment], "message": message}

    async def _hashed(self, file: BinaryIO, about: Attachment) -> Attachment:
        """With its hash: who fetches it sees whether it is this file."""
        return about._replace(hashes=(await in_thread(partial(Hashes.of, file))).told())

    async def _put_sealed(self, id: str, file: BinaryIO, slot: Slot, about: Attachment) -> Attachment:
        """Encrypt it, and put that there."""
        from sat.plugins.attachments import sealing

        link = new_link(slot.get, secrets.token_bytes(KEY), secrets.token_bytes(IV))
        with self.attachments.scratch() as sealed:
            made = await in_thread(partial(sealing.seal, file, sealed, link.key, link.iv))
            await self._put(id, sealed, slot, about._replace(type=NO_PICTURE), about.size + TAG)
        return about._replace(url=str(link), hashes=made.hashes, sealed=made.sealed)

    async def _put(self, id: str, file: BinaryIO, slot: Slot, about: Attachment, size: int) -> Attachment:
        """Put so many bytes there."""
        from sat.xmpp.web import Web, checked_url

        def sent(count: int) -> None:
            self.transfers.update(id, moved=min(count, about.size))

        web, disk = Web(self.session.clock, self.attachments.options.local), Disk(os.dup(file.fileno()), Hashes(()))
        try:
            await disk.go_to(0)
            await web.put(slot.put, slot.headers, disk.pieces(size), size, about.type, sent)
        finally:
            disk.close()
        return about._replace(url=checked_url(slot.get))


def _hidden(name: str) -> str:
    """A name that says of a file only how its own ends, if that is one of a known sort: from a link, programs know by
    it alone what to do with the file (XEP-0454)."""
    ending = os.path.splitext(name)[1].lower()
    return secrets.token_urlsafe(16) + (ending if mimetypes.guess_type(f"x{ending}")[0] else "")


def _bytes(told: str) -> int:
    """A size that a service tells; 0 for what is none."""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 18 else 0


def _told(error: PeerError, service: JID, about: Attachment, now: float) -> SatError:
    """Why there is no slot, with what can be done (XEP-0363 §5); the error itself where nobody knows."""
    details = error.details
    text = details.get("text", "")
    why = f": “{text}”" if text else ""
    if limit := _bytes(details.get("file-too-large.max-file-size", "")):
        return FileTooLarge(name=about.name, size=shown(about.size), who=service, limit=shown(limit))
    if details.get("specific") == "retry" or details.get("condition") == "resource-constraint":
        return UploadLater(who=service, why=why, when=_when(parse_stamp(details.get("retry.stamp", "")), now))
    if details.get("condition") in ("forbidden", "not-allowed", "not-authorized"):
        return UploadRefused(who=service, why=why)
    return error


def _when(stamp: float | None, now: float) -> str:
    """How long until then, in whole units, rather too long than too short."""
    left = 0.0 if stamp is None else stamp - now
    if stamp is None or left > _YEAR:
        return "later"
    unit, seconds = next((each for each in _UNITS if left > each[1]), _UNITS[-1])
    count = max(1, ceil(left / seconds))
    return f"in {count} {unit}{'' if count == 1 else 's'}"


def _headers(put: Element) -> list[tuple[str, str]]:
    found = xml.elements(put, "header", NS)[:HEADERS]
    return [(str(each.attributes.get("name", "")), xml.text_of(each)[:10_000]) for each in found]
