"""Files in memory: an upload service that takes 1 MB, and files that a test, or an upload, has put there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sat.api import JID
from sat.api.errors import FeatureMissing, FileTooLarge, FileUnreadable, NotFound, PictureHidden, WebRefused
from sat.api.messages import PLAIN, Attachment, MessageKind
from sat.api.sizes import shown
from sat.api.values import ANYBODY
from sat.core.pictures import look
from sat.plugins.attachments.api import AttachmentsApi, Fetched
from sat.plugins.transfers.api import Direction, Transfer, Way
from sat.plugins.upload.api import Purpose, Storage, UploadApi
from support.fake_transfers import Transfers
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

    async def get_picture_of(self, author: JID, url: str) -> Fetched:
        await self.called("get_picture_of", author, url)
        if not author or url in self.hidden or not self._at(url).is_picture:
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

    def __init__(self, messages: Messages, files: Attachments, transfers: Transfers) -> None:
        super().__init__()
        self.messages, self.files, self.transfers = messages, files, transfers
        self.got: list[tuple[str, bytes]] = []

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
        encrypt: str = "",
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
        begun = Transfer(f"t{number}", Direction.SEND, name, len(data), way=Way.UPLOAD, peer=peer, path=path)
        begun = self.transfers.put(begun)
        self.transfers.put(begun, moved=len(data) // 2)
        if name.startswith("refused"):
            self.transfers.end(begun.id, WebRefused(host=SERVICE, reason="413 Quota reached"))
            return begun
        fetched = self.files.fetched(f"https://{SERVICE}/{number}/{name}", path, data, name)
        about = Attachment(
            f"https://{SERVICE}/{number}/{name}", name, fetched.type, len(data), "", fetched.width, fetched.height
        )
        fields: dict[str, Any] = {"attachment": [about]}
        if peer:
            fields["message"] = await self.messages.send(peer, about.url, MessageKind.CHAT, "", reply, PLAIN, encrypt)
            self.messages.edits(fields["message"], attachments=[about])
        self.transfers.end(begun.id, **fields)
        return begun
