"""Sending files by the server's storage (XEP-0363): a slot, the file, then the message that tells of it."""

from __future__ import annotations

import mimetypes
import os
import secrets
import stat
from typing import Any, BinaryIO, NamedTuple

from twisted.internet.defer import CancelledError, Deferred

from sat.api import JID
from sat.api.errors import (
    Cancelled,
    FeatureMissing,
    FileTooLarge,
    FileUnreadable,
    InternalError,
    NotFound,
    PeerError,
    SatError,
    TooManyTransfers,
)
from sat.api.sizes import shown
from sat.api.values import ANYBODY
from sat.core.pictures import look
from sat.core.plugin import Plugin, needs
from sat.plugins.attachments.names import safe_name
from sat.plugins.attachments.plugin import BEGINNING, WIDEST, Attachments
from sat.plugins.disco.plugin import Disco
from sat.plugins.messages.plugin import Messages
from sat.plugins.upload.api import Attachment, Storage, Transfer, TransferState, UploadApi
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS = "urn:xmpp:http:upload:0"
SERVICES = 30  # of a server that are asked what they can do
AT_ONCE = 5  # files on their way
REMEMBERED = 50  # that have ended
HEADERS = 20  # taken of a slot
TOLD_EVERY = 0.25  # seconds


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
                fields = [field for form in info.forms for field in form.fields]
                if not any(field.name == "FORM_TYPE" and NS in field.values for field in fields):
                    return Storage(jid)
                told = next((field.values[0] for field in fields if field.name == "max-file-size" and field.values), "")
                fits = told.isascii() and told.isdigit() and len(told) < 18
                return Storage(jid, int(told) if fits else 0)
        raise FeatureMissing(who=server, feature="sending files (HTTP upload)")

    async def _slot(self, storage: Storage, name: str, size: int, kind: str) -> Slot:
        request = Iq.get(storage.jid)
        request.add("request", NS, filename=name, size=size, **{"content-type": kind})
        slot = xml.child(await self.ask(request), "slot", NS)
        put = None if slot is None else xml.child(slot, "put", NS)
        get = None if slot is None else xml.child(slot, "get", NS)
        if put is None or get is None:
            raise PeerError(peer=storage.jid, condition="undefined-condition", reason="it names no place for the file")
        return Slot(str(put.attributes.get("url", "")), str(get.attributes.get("url", "")), _headers(put))

    # -- UploadApi -------------------------------------------------------------------------------------------------

    async def upload(self, path: str, peer: JID = ANYBODY, name: str = "", reply: str = "") -> Transfer:
        if len(self._running) >= AT_ONCE:
            raise TooManyTransfers(limit=AT_ONCE)
        if peer and self.messages.rooms.knows(peer.bare):
            self.messages.rooms.check(peer)
        name = safe_name(name or path)
        file, size = _opened(path)
        try:
            storage = await self.get_storage()
            if storage.limit and size > storage.limit:
                raise FileTooLarge(name=name, size=shown(size), who=storage.jid, limit=shown(storage.limit))
            about = _described(file, name, size)
            slot = await self._slot(storage, name, size, about.type)
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


def _headers(put: Element) -> list[tuple[str, str]]:
    found = xml.elements(put, "header", NS)[:HEADERS]
    return [(str(each.attributes.get("name", "")), xml.text_of(each)[:10_000]) for each in found]
