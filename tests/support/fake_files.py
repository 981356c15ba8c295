"""Files in memory: an upload service that takes 1 MB, and files that a test, or an upload, has put there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sat.api import JID
from sat.api.errors import FeatureMissing, FileTooLarge, FileUnreadable, NotFound, PictureHidden
from sat.api.messages import Attachment
from sat.api.sizes import shown
from sat.api.values import ANYBODY
from sat.core.pictures import look
from sat.plugins.attachments.api import AttachmentsApi, Fetched
from sat.plugins.upload.api import Purpose, Storage, Transfer, TransferState, UploadApi
from support.fakes import Failing, Messages

LIMIT = 1 << 20
SERVICE = JID("upload.localhost")


class Attachments(Failing, AttachmentsApi):
    """``files`` are what can be fetched, by address; those of ``hidden`` are not shown unasked."""

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self.messages = messages
        self.files: dict[str, Fetched] = {}
        self.hidden: set[str] = set()

    def fetched(self, url: str, path: str, data: bytes, name: str) -> Fetched:
        """Something is at an address now."""
        try:
            type, width, height = look(data)
        except ValueError:
            type, width, height = "application/octet-stream", 0, 0
        self.files[url] = Fetched(path, name, type, len(data), width, height)
        return self.files[url]

    async def get_picture(self, message: str, number: int = 0) -> Fetched:
        await self.called("get_picture", message, number)
        url = await self._url(message, number)
        if url in self.hidden or not self._at(url).is_picture:
            raise PictureHidden(reason="the settings say so")
        return self._at(url)

    async def get_file(self, message: str, number: int = 0) -> Fetched:
        await self.called("get_file", message, number)
        return self._at(await self._url(message, number))

    async def get_url(self, url: str) -> Fetched:
        await self.called("get_url", url)
        return self._at(url)

    async def _url(self, message: str, number: int) -> str:
        found = await self.messages.get_message(message)
        if not 0 <= number < len(found.attachments):
            raise NotFound(what=f"file {number + 1} of this message")
        return found.attachments[number].url

    def _at(self, url: str) -> Fetched:
        if url not in self.files:
            raise NotFound(what="file there")
        return self.files[url]


class Upload(Failing, UploadApi):
    """Takes files at once; what it has got is in ``got``."""

    def __init__(self, messages: Messages, files: Attachments) -> None:
        super().__init__()
        self.messages, self.files = messages, files
        self.got: list[tuple[str, bytes]] = []
        self.ended: dict[str, Transfer] = {}

    async def get_storage(self) -> Storage:
        return Storage(SERVICE, LIMIT)

    async def upload(
        self,
        path: str,
        peer: JID = ANYBODY,
        name: str = "",
        reply: str = "",
        purpose: Purpose = Purpose.MESSAGE,
        seconds: int = 0,
    ) -> Transfer:
        await self.called("upload", path, peer, name)
        if purpose not in (Purpose.MESSAGE, Purpose.PERMANENT):
            raise FeatureMissing(who=SERVICE, feature=f"{purpose} files")
        name = name or Path(path).name
        try:
            data = Path(path).read_bytes()  # noqa: ASYNC240 - a small one
        except OSError as error:
            raise FileUnreadable(path=path, reason=(error.strerror or "").lower()) from None
        if len(data) > LIMIT:
            raise FileTooLarge(name=name, size=shown(len(data)), who=SERVICE, limit=shown(LIMIT))
        self.got.append((name, data))
        number = len(self.got)
        begun = Transfer(f"t{number}", name, len(data), peer=peer)
        self.changed.emit(begun)
        self.changed.emit(begun._replace(sent=len(data) // 2))
        fields: dict[str, Any] = {"sent": len(data), "state": TransferState.DONE}
        if name.startswith("refused"):
            fields = {"state": TransferState.FAILED, "error": "WebRefused"}
            fields["details"] = {"host": SERVICE, "reason": "413 Quota reached"}
        else:
            fetched = self.files.fetched(f"https://{SERVICE}/{number}/{name}", path, data, name)
            about = Attachment(
                f"https://{SERVICE}/{number}/{name}", name, fetched.type, len(data), "", fetched.width, fetched.height
            )
            fields["attachment"] = [about]
            if peer:
                fields["message"] = await self.messages.send(peer, about.url)
                self.messages.edits(fields["message"], attachments=[about])
        self.ended[begun.id] = begun._replace(**fields)
        self.changed.emit(self.ended[begun.id])
        return begun

    async def finish(self, id: str) -> Transfer:
        await self.called("finish", id)
        if (fault := self.ended[id].fault) is not None:
            raise fault
        return self.ended[id]

    async def cancel(self, id: str) -> None:
        await self.called("cancel", id)
