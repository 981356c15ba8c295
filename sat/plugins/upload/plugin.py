"""Sending files by the server's storage (XEP-0363): a slot, the file, then the message that tells of it."""

from __future__ import annotations

import mimetypes
import os
import secrets
import stat
from math import ceil
from typing import Any, BinaryIO, NamedTuple

from twisted.internet.defer import CancelledError, Deferred

from sat.api import JID
from sat.api.errors import (
    Cancelled,
    FeatureMissing,
    FileInClear,
    FileTooLarge,
    FileUnreadable,
    InternalError,
    InvalidArgument,
    NotFound,
    PeerError,
    SatError,
    TooManyTransfers,
    UploadLater,
    UploadRefused,
)
from sat.api.sizes import shown
from sat.api.values import ANYBODY
from sat.core.pictures import look
from sat.core.plugin import Plugin, needs
from sat.plugins.attachments.names import safe_name
from sat.plugins.attachments.plugin import BEGINNING, WIDEST, Attachments
from sat.plugins.disco.plugin import Disco
from sat.plugins.messages.plugin import Messages
from sat.plugins.upload.api import Attachment, Purpose, Storage, Transfer, TransferState, UploadApi
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.times import format_stamp, parse_stamp
from sat.xmpp.xml import Element

NS = "urn:xmpp:http:upload:0"
NS_PURPOSE = "urn:xmpp:http:upload:purpose:0"
SERVICES = 30  # of a server that are asked what they can do
AT_ONCE = 5  # files on their way
REMEMBERED = 50  # that have ended
HEADERS = 20  # taken of a slot
TOLD_EVERY = 0.25  # seconds
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

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._transfers: dict[str, Transfer] = {}
        self._running: dict[str, Deferred[None]] = {}
        self._waiting: dict[str, list[Deferred[None]]] = {}
        self.undo(self._give_up)

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
    ) -> Transfer:
        if (purpose is Purpose.EPHEMERAL) is not (seconds > 0):
            raise InvalidArgument(reason="Say how long an ephemeral file is to stay, and of no other.")
        if len(self._running) >= AT_ONCE:
            raise TooManyTransfers(limit=AT_ONCE)
        if peer and self.messages.rooms.knows(peer.bare):
            self.messages.rooms.check(peer)
        if peer and await self.messages.secures(self.messages.conversation(peer), ""):
            raise FileInClear(who=peer.bare)
        name = safe_name(name or path)
        file, size = _opened(path)
        try:
            storage = await self.get_storage()
            if storage.limit and size > storage.limit:
                raise FileTooLarge(name=name, size=shown(size), who=storage.jid, limit=shown(storage.limit))
            if purpose not in (Purpose.MESSAGE, *storage.purposes):  # it would be kept in another way than was asked
                raise FeatureMissing(who=storage.jid, feature=f"{purpose} files")
            about = _described(file, name, size)
            slot = await self._slot(storage, about, purpose, seconds)
        except BaseException:
            file.close()
            raise
        transfer = Transfer(secrets.token_urlsafe(8), name, size, peer=peer)
        self._note(transfer)
        work = self._running[transfer.id] = Deferred.fromCoroutine(self._carry(transfer.id, file, slot, about, reply))
        if work.called:
            self._running.pop(transfer.id, None)
        return self._transfers[transfer.id]

    async def finish(self, id: str) -> Transfer:
        transfer = self._known(id)
        if transfer.state is TransferState.RUNNING:
            ended: Deferred[None] = Deferred()
            self._waiting.setdefault(id, []).append(ended)
            await ended
            transfer = self._known(id)
        if transfer.fault is not None:
            raise transfer.fault
        return transfer

    async def cancel(self, id: str) -> None:
        self._known(id)
        if id in self._running:
            self._running[id].cancel()

    def _give_up(self) -> None:
        for work in list(self._running.values()):
            work.cancel()

    def _known(self, id: str) -> Transfer:
        if id not in self._transfers:
            raise NotFound(what=f"transfer {id}")
        return self._transfers[id]

    # -- carrying ------------------------------------------------------------------------------------------------

    async def _carry(self, id: str, file: BinaryIO, slot: Slot, about: Attachment, reply: str) -> None:
        from sat.xmpp.web import Web, checked_url

        def sent(count: int) -> None:
            self._transfers[id] = self._transfers[id]._replace(sent=count)
            if not self.tasks.waits(("tell", id)):
                self.after(TOLD_EVERY, lambda: self.changed.emit(self._transfers[id]), key=("tell", id))

        try:
            web = Web(self.session.clock, self.attachments.options.local)
            await web.put(slot.put, slot.headers, file, about.type, sent)
            attachment = about._replace(url=checked_url(slot.get))
            message = ""
            if peer := self._transfers[id].peer:
                message = await self.messages.send(peer, attachment.url, reply=reply, attachments=[attachment])
            done = self._transfers[id]._replace(
                state=TransferState.DONE, sent=about.size, attachment=[attachment], message=message
            )
        except CancelledError:
            done = self._failed(id, Cancelled())
        except SatError as error:
            done = self._failed(id, error)
        except ValueError as error:
            done = self._failed(id, PeerError(peer="The server", condition="undefined-condition", reason=str(error)))
        except Exception:
            self.log.exception("a file could not be sent")
            done = self._failed(id, InternalError(reference=id))
        finally:
            file.close()
        self._running.pop(id, None)
        self.tasks.cancel(("tell", id))
        self._note(done)
        for each in self._waiting.pop(id, []):
            each.callback(None)

    def _failed(self, id: str, error: SatError) -> Transfer:
        return self._transfers[id]._replace(
            state=TransferState.FAILED, error=type(error).__name__, details=error.details
        )

    def _note(self, transfer: Transfer) -> None:
        self._transfers[transfer.id] = transfer
        ended = [id for id in self._transfers if id not in self._running and id not in self._waiting]
        for id in ended[:-REMEMBERED]:
            del self._transfers[id]
        self.changed.emit(transfer)


def _opened(path: str) -> tuple[BinaryIO, int]:
    """A file of this machine and its size. Errors: FileUnreadable."""
    try:
        if not path.startswith("/"):
            raise FileUnreadable(path=path[:200], reason="its whole path is needed")
        # Not waiting: a pipe may never have a writer.
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except (OSError, ValueError) as error:
        raise FileUnreadable(path=path[:200], reason=_why(error)) from None
    about = os.fstat(file.fileno())
    reason = "" if stat.S_ISREG(about.st_mode) else "it is no file"
    if reason or not about.st_size:
        file.close()
        raise FileUnreadable(path=path[:200], reason=reason or "it is empty")
    return file, about.st_size


def _why(error: Exception) -> str:
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{reason or error}"[:1].lower() + f"{reason or error}"[1:]


def _described(file: BinaryIO, name: str, size: int) -> Attachment:
    """What is said of a file: what its first bytes say, else what its name says."""
    beginning = file.read(BEGINNING)
    file.seek(0)
    try:
        picture = look(beginning, WIDEST)
    except ValueError:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Attachment("", name, kind, size)
    return Attachment("", name, picture.type, size, "", picture.width, picture.height)


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
