"""Small pictures of the files that are offered (XEP-0264): told with ours, fetched where a contact tells of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar

from twisted.internet.defer import DeferredSemaphore

from sat.api import JID
from sat.api.errors import NotFound, SatError
from sat.api.settings import Tab
from sat.api.transfers import Thumbnail
from sat.core.plugin import Plugin, configured, needs
from sat.core.settings import Help
from sat.core.tasks import in_thread
from sat.plugins.bits_of_binary.plugin import BitsOfBinary
from sat.plugins.roster.plugin import Roster
from sat.plugins.transfers.plugin import Transfers
from sat.xmpp import bob, xml
from sat.xmpp.xml import Element

NS = "urn:xmpp:thumbs:1"
DATA = "data:image/"
LARGEST = 64 * 1024  # bytes of one of others
INLINE = 8 * 1024  # of one that comes with the offer
TOLD = 10  # of which the first one is taken that can be had
AT_ONCE = 3  # fetched at the same time
MADE_AT_ONCE = 1  # of files of ours, which can be large

Work = Callable[[Callable[[int], Thumbnail]], Awaitable[Thumbnail]]
"""Calls a function with the descriptor of a file, in a thread."""


@dataclass
class Options:
    """Small pictures of files that go directly."""

    tab: ClassVar[Tab] = Tab.COMPOSITION
    fetch: Annotated[
        bool, "Show small pictures of what contacts offer", Help("Fetched from their program, before you decide.")
    ] = True
    send: Annotated[
        bool, "Send small pictures of what you offer", Help("Of pictures that go in clear; others can read those too.")
    ] = True


class Thumbnails(Plugin):
    """Small pictures of the files that are offered (XEP-0264)."""

    xeps = ("0264",)
    bits = needs(BitsOfBinary)
    roster = needs(Roster)
    transfers = needs(Transfers)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._known: dict[str, Thumbnail] = {}  # by transfer, of which there are not many
        self._fetching = DeferredSemaphore(AT_ONCE)
        self._making = DeferredSemaphore(MADE_AT_ONCE)
        self.undo(self.transfers.forgotten.connect(self._forget))

    def find(self, id: str) -> Thumbnail:
        """That of a transfer. Errors: NotFound."""
        if id not in self._known:
            raise NotFound(what=f"small picture of transfer {id}")
        return self._known[id]

    def _forget(self, ids: list[str]) -> None:
        for each in ids:
            self._known.pop(each, None)

    # -- ours ------------------------------------------------------------------------------------------------------

    async def made(self, kind: str, work: Work) -> Thumbnail | None:
        """A small picture of a file of ours, where it is a picture that can be read."""
        if not self.options.send or not kind.startswith("image/"):
            return None
        from sat.plugins.thumbnails.making import of_file

        await self._making.acquire()
        try:
            return await work(of_file)
        except (ValueError, OSError) as error:
            self.log.info("there is no small picture of a file: %s", error)
            return None
        finally:
            self._making.release()

    @contextmanager
    def told(self, peer: JID, thumbnail: Thumbnail | None, file: Element) -> Iterator[None]:
        """Tell of it in what is said of a file, and let that program fetch it as long as this goes on."""
        if thumbnail is None:
            yield
            return
        with self.bits.shown(peer, thumbnail.data, thumbnail.type) as address:
            about: dict[str, Any] = {"media-type": thumbnail.type, "width": thumbnail.width, "height": thumbnail.height}
            xml.add(file, "thumbnail", NS, uri=address, **about)
            yield

    # -- of others -------------------------------------------------------------------------------------------------

    def look(self, id: str, peer: JID, file: Element) -> None:
        """Fetch the small picture that is told of with a file, as the transfer of that id, where the settings let us:
        from that program and from nowhere else. What is wrong with it does no harm to the transfer."""
        if not self.options.fetch or not self.roster.may_see(peer):
            return
        told = [str(each.attributes.get("uri", "")) for each in xml.elements(file, "thumbnail", NS)[:TOLD]]
        address = next((each for each in told if each.startswith((bob.URI, DATA))), "")
        if address:
            self.after(0, lambda: self.spawn(self._fetch(id, peer, address)))  # when the offer is answered

    async def _fetch(self, id: str, peer: JID, address: str) -> None:
        from sat.plugins.thumbnails.making import of_data

        await self._fetching.acquire()
        try:
            if not self._is_under_way(id):
                return
            inside = address.startswith(DATA)
            data = _inline(address) if inside else await self.bits.fetch(peer, address, LARGEST)
            thumbnail = await in_thread(partial(of_data, data))
        except (SatError, ValueError) as error:
            self.log.info("the small picture of a file of %s was left out: %s", peer, error)
            return
        finally:
            self._fetching.release()
        if self._is_under_way(id):
            self._known[id] = thumbnail
            self.transfers.update(id, thumbnail=True)

    def _is_under_way(self, id: str) -> bool:
        try:
            return not self.transfers.find(id).is_over
        except NotFound:
            return False


def _inline(address: str) -> bytes:
    """What a ``data:`` URI holds. Errors: ValueError."""
    head, comma, text = address.partition(",")
    if not comma or not head.endswith(";base64"):
        raise ValueError("It is not written in Base64.")
    return bob.decoded(text, INLINE)
