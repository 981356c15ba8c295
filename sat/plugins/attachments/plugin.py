"""Files that come with messages: told by their address (XEP-0066), fetched when they are wanted, or shown unasked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar

from twisted.internet.defer import Deferred, DeferredSemaphore

from sat.api.errors import FileTooLarge, InvalidArgument, NotFound, PictureHidden, SatError, StorageError, WebSilent
from sat.api.messages import Message
from sat.api.settings import Tab
from sat.core.config import cache_folder
from sat.core.pictures import Size, look
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Plugin, configured, needs, on_message, on_sending
from sat.core.settings import Help
from sat.core.tasks import in_time
from sat.plugins.attachments.api import LARGEST, LARGEST_PICTURE, Attachment, AttachmentsApi, Fetched
from sat.plugins.attachments.cache import Cache
from sat.plugins.attachments.names import name_of
from sat.plugins.messages.plugin import Messages
from sat.plugins.roster.plugin import Roster
from sat.xmpp import xml

NS = "jabber:x:oob"
MOST = 10  # attachments of a message
AT_ONCE = 6  # fetched at the same time
FOR_PICTURES = 30.0  # seconds
FOR_FILES = 280.0  # seconds
WIDEST = 12_000  # pixels in either direction
PIXELS = 40_000_000  # of a picture; who shows it needs four bytes for each
BEGINNING = 512 * 1024  # bytes; the size of a JPEG stands behind what its camera had to say
NO_PICTURE = "application/octet-stream"
LONG = 1000  # characters of a description


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
    """Files that come with messages (XEP-0066)."""

    xeps = ("0066",)
    features = (NS,)
    messages = needs(Messages)
    roster = needs(Roster)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._cache = Cache(cache_folder() / "attachments")
        self._under_way: dict[tuple[str, int], list[Deferred[Path]]] = {}
        self._slots = DeferredSemaphore(AT_ONCE)

    # -- told ----------------------------------------------------------------------------------------------------

    @on_message(Stage.CORRECT, NS)
    def _told(self, arrival: Arrival) -> None:
        for each in arrival.message.children(NS)[:MOST]:
            url = xml.text_of(xml.child(each, "url", NS)).strip()
            about = xml.text_of(xml.child(each, "desc", NS)).strip()[:LONG]
            if _is_web(url) and all(url != known.url for known in arrival.attachments):
                arrival.attachments = [*arrival.attachments, Attachment(url, name_of(url), description=about)]

    @on_sending(Stage.CORRECT)
    def _tell(self, departure: Departure) -> None:
        for each in departure.attachments:
            xml.add(departure.message.add("x", NS), "url", NS, each.url)

    # -- AttachmentsApi --------------------------------------------------------------------------------------------

    async def get_picture(self, message: str, number: int = 0) -> Fetched:
        found = await self.messages.get_message(message)
        attachment = _attachment(found, number)
        self._check_shown(found)
        fetched = await self._fetch(attachment.url, attachment.name, LARGEST_PICTURE, FOR_PICTURES)
        if not fetched.is_picture:
            raise PictureHidden(reason="it is no picture that can be shown")
        return fetched

    async def get_file(self, message: str, number: int = 0) -> Fetched:
        attachment = _attachment(await self.messages.get_message(message), number)
        return await self._fetch(attachment.url, attachment.name, LARGEST, FOR_FILES)

    async def get_url(self, url: str) -> Fetched:
        if not _is_web(url):
            raise InvalidArgument(reason=f"“{url[:100]}” is no web address of a file.")
        return await self._fetch(url, name_of(url), LARGEST, FOR_FILES)

    def _check_shown(self, message: Message) -> None:
        """Whether its pictures may be shown unasked. Errors: PictureHidden."""
        options = self.options
        if message.outgoing or options.show is Show.ALWAYS:
            return
        if options.show is Show.NEVER:
            raise PictureHidden(reason="the settings say so")
        if self.messages.rooms.knows(message.peer.bare):
            if not options.show_in_rooms:
                raise PictureHidden(reason="it comes from a room")
        elif self.roster.find(message.peer) is None:
            raise PictureHidden(reason=f"{message.peer.bare} is no contact")

    # -- fetching --------------------------------------------------------------------------------------------------

    async def _fetch(self, url: str, name: str, limit: int, seconds: float) -> Fetched:
        """A file, from the cache if it is there."""
        key = f"{self.session.name}\0{url}"
        try:
            path = self._cache.find(key) or await self._once(key, url, name, limit, seconds)
            with path.open("rb") as file:
                beginning = file.read(BEGINNING)
            size = path.stat().st_size
        except OSError as error:
            raise StorageError(reason=error.strerror or str(error)) from None
        if size > limit:  # somebody wanted it all the same
            raise _too_large(name, size, limit)
        picture = _picture(beginning)
        if picture is None:
            return Fetched(str(path), name, NO_PICTURE, size)
        return Fetched(str(path), name, picture.type, size, picture.width, picture.height)

    async def _once(self, key: str, url: str, name: str, limit: int, seconds: float) -> Path:
        """Fetch what is not here; who asks for what is being fetched waits for that. More than some wait their turn."""
        wanted = (key, limit)
        if (waiting := self._under_way.get(wanted)) is not None:
            answer: Deferred[Path] = Deferred()
            waiting.append(answer)
            return await answer
        waiting = self._under_way[wanted] = []
        try:
            await self._slots.acquire()
            try:
                path = await self._download(key, url, name, limit, seconds)
            finally:
                self._slots.release()
        except BaseException as error:
            for each in waiting:
                each.errback(error if isinstance(error, Exception) else WebSilent(host=name, seconds=seconds))
            raise
        finally:
            del self._under_way[wanted]
        for each in waiting:
            each.callback(path)
        return path

    async def _download(self, key: str, url: str, name: str, limit: int, seconds: float) -> Path:
        from twisted.internet.defer import TimeoutError

        from sat.xmpp.web import Web

        file, end = self._cache.begin(key)
        web = Web(self.session.clock, self.options.local)
        try:
            work = web.get(url, file, limit, lambda size: _too_large(name, size, limit))
            await in_time(work, seconds, self.session.clock)
            path = end(True)
        except TimeoutError:
            end(False)
            raise WebSilent(host=name, seconds=f"{seconds:g}") from None
        except BaseException:
            end(False)
            raise
        assert path is not None, "it was kept"
        return path


def _attachment(message: Message, number: int) -> Attachment:
    if not 0 <= number < len(message.attachments):
        raise NotFound(what=f"file {number + 1} of this message")
    return message.attachments[number]


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


def _is_web(url: str) -> bool:
    from sat.xmpp.web import checked_url

    try:
        return bool(checked_url(url))
    except ValueError:
        return False
