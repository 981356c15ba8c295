"""Files that come with messages: fetched when they are wanted, or shown unasked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, BinaryIO, ClassVar

from twisted.internet.defer import Deferred, DeferredSemaphore

from sat.api import JID
from sat.api.errors import (
    FileTooLarge,
    InvalidArgument,
    NotFound,
    PictureHidden,
    SatError,
    WebSilent,
)
from sat.api.messages import SEALED, Message
from sat.api.settings import Tab
from sat.api.transfers import Direction, Transfer, Way
from sat.core.config import cache_folder, runtime_folder
from sat.core.disk import Disk, Writer
from sat.core.hashes import KNOWN, Hashes
from sat.core.pictures import Size, look
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Plugin, configured, needs, on_message, on_sending
from sat.core.settings import Help
from sat.core.tasks import in_thread, in_time
from sat.plugins.attachments import media, sharing, telling
from sat.plugins.attachments.api import LARGEST, LARGEST_PICTURE, Attachment, AttachmentsApi, Fetched
from sat.plugins.attachments.cache import Cache
from sat.plugins.attachments.links import TAG, read_link
from sat.plugins.attachments.names import name_of
from sat.plugins.attachments.reading import BEGINNING, NO_PICTURE, WIDEST
from sat.plugins.messages.plugin import Messages
from sat.plugins.roster.plugin import Roster
from sat.plugins.transfers.plugin import Transfers, storage_error

AT_ONCE = 6  # fetched at the same time
FOR_PICTURES = 30.0  # seconds
FOR_FILES = 280.0  # seconds
PIXELS = 40_000_000  # of a picture; who shows it needs four bytes for each
IN_MEMORY = 64 * 1024 * 1024  # bytes of what is not to be kept

Moved = Callable[[int, int], None]
"""Is told how many bytes have come, and of how many; 0: nobody knows."""


def _unseen(count: int, size: int) -> None:
    """It is fetched unasked."""


class Show(StrEnum):
    """Whose pictures are shown without being asked for."""

    CONTACTS = "contacts"
    ALWAYS = "always"
    NEVER = "never"


@dataclass
class Options:
    """Files of others. To fetch one tells its server where we are, and that we have read the message."""

    tab: ClassVar[Tab] = Tab.COMPOSITION
    show: Annotated[
        Show, "Show pictures", Help("Of contacts, of everybody, or none; a click or key shows the rest.")
    ] = Show.CONTACTS
    show_in_rooms: Annotated[bool, "Show pictures in rooms", Help("Where pictures of contacts are shown.")] = False
    local: Annotated[
        bool, "Fetch files from the local network", Help("Needed where the server is there; others could misuse it.")
    ] = False


class Attachments(Plugin, AttachmentsApi):
    """Files that come with messages (XEP-0066, XEP-0385, XEP-0447)."""

    xeps = ("0066", "0300", "0385", "0446", "0447", "0448", "0454")
    features = (
        telling.NS,
        media.NS,
        sharing.NS_HASHES,
        *(f"urn:xmpp:hash-function-text-names:{each}" for each in KNOWN),
    )
    messages = needs(Messages)
    roster = needs(Roster)
    transfers = needs(Transfers)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._cache = Cache(cache_folder() / "attachments")
        name = sha256(session.name.encode()).hexdigest()[:16]
        self._aside = runtime_folder() / f"unkept-{name}"  # of what the history does not keep either
        self._unkept = Cache(self._aside, IN_MEMORY)
        self.undo(self._forget)
        self._under_way: dict[tuple[str, int], list[Deferred[Path]]] = {}
        self._slots = DeferredSemaphore(AT_ONCE)

    async def load(self) -> None:
        self._forget()  # what a run has left that was killed

    def _forget(self) -> None:
        shutil.rmtree(self._aside, ignore_errors=True)

    # -- told ----------------------------------------------------------------------------------------------------

    @on_message(Stage.CORRECT)
    def _told(self, arrival: Arrival) -> None:
        telling.hear(arrival)

    @on_sending(Stage.CORRECT)
    def _tell(self, departure: Departure) -> None:
        telling.tell(departure)

    # -- AttachmentsApi --------------------------------------------------------------------------------------------

    async def get_picture(self, message: str, number: int = 0) -> Fetched:
        found = await self.messages.get_message(message)
        about = _attachment(found, number)
        self._check_shown(found)
        return await self._picture_at(about, self._cache_for(found))

    async def get_picture_of(self, author: JID, url: str) -> Fetched:
        if not telling.is_web(url):
            raise InvalidArgument(reason=f"“{url[:100]}” is no web address of a file.")
        if author.bare != self.session.account.jid.bare:
            self._check_wanted(author)
        return await self._picture_at(Attachment(url, name_of(url)), self._cache)

    async def _picture_at(self, about: Attachment, cache: Cache) -> Fetched:
        fetched = await self._fetch(about, LARGEST_PICTURE, FOR_PICTURES, cache)
        if not fetched.is_picture:
            raise PictureHidden(reason="it is no picture that can be shown")
        return fetched

    async def get_file(self, message: str, number: int = 0) -> Fetched:
        found = await self.messages.get_message(message)
        about = _attachment(found, number)
        return await self._fetch(about, LARGEST, FOR_FILES, self._cache_for(found), _wanted(about, found))

    async def get_url(self, url: str) -> Fetched:
        if url.startswith(SEALED):
            try:
                link = read_link(url)
            except ValueError as error:
                raise InvalidArgument(reason=f"This is no link to an encrypted file: {error}.") from None
            return await self._fetch_url(Attachment(str(link), name_of(link.url)))
        if not telling.is_web(url):
            raise InvalidArgument(reason=f"“{url[:100]}” is no web address of a file.")
        return await self._fetch_url(Attachment(url, name_of(url)))

    async def _fetch_url(self, about: Attachment) -> Fetched:
        return await self._fetch(about, LARGEST, FOR_FILES, self._cache, _wanted(about))

    def scratch(self) -> BinaryIO:
        """A file without a name, which goes when it is closed. OSError comes through."""
        return self._cache.scratch()

    def _cache_for(self, message: Message) -> Cache:
        return self._cache if self.messages.keeps(message.encrypted.method) else self._unkept

    def _check_shown(self, message: Message) -> None:
        """Whether its pictures may be shown unasked. Errors: PictureHidden."""
        in_room = self.messages.rooms.knows(message.peer.bare)
        if in_room and self.options.show is Show.CONTACTS and not message.outgoing:
            if not self.options.show_in_rooms:
                raise PictureHidden(reason="it comes from a room")
        elif not message.outgoing:
            self._check_wanted(message.peer)

    def _check_wanted(self, author: JID) -> None:
        """Whether pictures of somebody may be shown unasked. Errors: PictureHidden."""
        if self.options.show is Show.NEVER:
            raise PictureHidden(reason="the settings say so")
        if self.options.show is Show.CONTACTS and self.roster.find(author) is None:
            raise PictureHidden(reason=f"{author.bare or 'who has published it'} is no contact")

    # -- fetching --------------------------------------------------------------------------------------------------

    async def _fetch(
        self, about: Attachment, limit: int, seconds: float, cache: Cache, wanted: Transfer | None = None
    ) -> Fetched:
        """A file, from the cache if it is there; with ``wanted``, people see how it comes."""
        key = f"{self.session.name}\0{about.url}{_checks(about)}"
        try:
            path = cache.find(key) or await self._once(key, about, limit, seconds, cache, wanted)
            beginning, size = await in_thread(partial(_seen, path))
        except OSError as error:
            raise storage_error(error) from None
        if size > limit:  # somebody wanted it all the same
            raise _too_large(about.name, size, limit)
        picture = _picture(beginning)
        if picture is None:
            return Fetched(str(path), about.name, NO_PICTURE, size)
        return Fetched(str(path), about.name, picture.type, size, picture.width, picture.height)

    async def _once(
        self, key: str, about: Attachment, limit: int, seconds: float, cache: Cache, seen: Transfer | None
    ) -> Path:
        """Fetch what is not here; who asks for what is being fetched waits for that. More than some wait their turn."""
        wanted = (key, limit)
        if (waiting := self._under_way.get(wanted)) is not None:
            answer: Deferred[Path] = Deferred()
            waiting.append(answer)
            return await answer
        waiting = self._under_way[wanted] = []
        try:
            if seen is None:
                path = await self._in_turn(key, about, limit, seconds, cache)
            else:
                path = await self._seen(seen, key, about, limit, seconds, cache)
        except BaseException as error:
            for each in waiting:
                each.errback(error if isinstance(error, Exception) else WebSilent(host=about.name, seconds=seconds))
            raise
        finally:
            del self._under_way[wanted]
        for each in waiting:
            each.callback(path)
        return path

    async def _seen(
        self, seen: Transfer, key: str, about: Attachment, limit: int, seconds: float, cache: Cache
    ) -> Path:
        """Fetch it as a transfer. Errors: those of fetching; Cancelled."""

        async def work(id: str) -> dict[str, Any]:
            def moved(count: int, size: int) -> None:
                self.transfers.update(id, moved=count, size=size or about.size)

            return {"path": str(await self._in_turn(key, about, limit, seconds, cache, moved))}

        begun = self.transfers.begin(self, seen._replace(id=self.transfers.new_id()), work)
        return Path((await self.transfers.finish(begun.id)).path)

    async def _in_turn(
        self, key: str, about: Attachment, limit: int, seconds: float, cache: Cache, moved: Moved = _unseen
    ) -> Path:
        await self._slots.acquire()
        try:
            return await self._download(key, about, limit, seconds, cache, moved)
        finally:
            self._slots.release()

    async def _download(
        self, key: str, about: Attachment, limit: int, seconds: float, cache: Cache, moved: Moved
    ) -> Path:
        from sat.plugins.attachments import sealing

        link = read_link(about.url) if about.is_encrypted else None
        file, end = cache.begin(key)
        try:
            if link is not None:
                with cache.scratch() as sealed:
                    await self._get(link.url, sealed, about.name, limit + TAG, seconds, moved)
                    await in_thread(partial(sealing.unseal, sealed, file, link, about))
            else:
                await self._get(about.url, file, about.name, limit, seconds, moved)
                if about.hashes:
                    await in_thread(partial(sealing.check, file, about))
            path = await in_thread(partial(end, True))
        except BaseException:
            end(False)
            raise
        assert path is not None, "it was kept"
        return path

    async def _get(self, url: str, file: BinaryIO, name: str, limit: int, seconds: float, moved: Moved) -> None:
        from twisted.internet.defer import TimeoutError

        from sat.xmpp.web import Web

        web, disk = Web(self.session.clock, self.options.local), Disk(os.dup(file.fileno()), Hashes(()))
        writer = Writer(disk)
        try:
            work = web.get(url, writer, limit, lambda size: _too_large(name, size, limit), moved)
            await in_time(work, seconds, self.session.clock)
            await disk.go_to(0)  # where the file believes that it stands
        except TimeoutError:
            raise WebSilent(host=name, seconds=f"{seconds:g}") from None
        finally:
            writer.stop()
            disk.close()


def _wanted(about: Attachment, message: Message | None = None) -> Transfer:
    """What people see of a file that is fetched."""
    seen = Transfer("", Direction.RECEIVE, about.name, about.size, way=Way.DOWNLOAD, type=about.type)
    seen = seen._replace(encrypted=about.is_encrypted)
    return seen if message is None else seen._replace(peer=message.peer, message=message.id)


def _attachment(message: Message, number: int) -> Attachment:
    if not 0 <= number < len(message.attachments):
        raise NotFound(what=f"file {number + 1} of this message")
    return message.attachments[number]


def _seen(path: Path) -> tuple[bytes, int]:
    """The first bytes of a file, and how many it has. OSError comes through."""
    with path.open("rb") as file:
        return file.read(BEGINNING), os.fstat(file.fileno()).st_size


def _checks(about: Attachment) -> str:
    """What a file was compared with before it was kept: of another one, it is to be compared again."""
    told = [*sorted(about.hashes.items()), *sorted(about.sealed.items())]
    return f"\0{about.size}\0{told}" if told else ""


def _picture(beginning: bytes) -> Size | None:
    """What sort of picture it is; None where it is none that can be shown without harm."""
    try:
        size = look(beginning, WIDEST)
    except ValueError:
        return None
    return size if size.width * size.height <= PIXELS else None


def _too_large(name: str, size: int, limit: int) -> SatError:
    from sat.api.sizes import shown

    return FileTooLarge(
        name=name, size=shown(size) if size else f"more than {shown(limit)}", who="SàT", limit=shown(limit)
    )
