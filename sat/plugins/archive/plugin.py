"""The server's archive: what was missed is fetched on connect, what is older when it is looked for (XEP-0313)."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple

from twisted.internet.defer import Deferred, succeed

from sat.api import JID
from sat.api.errors import FeatureMissing, PeerError, SatError
from sat.api.messages import MessageKind
from sat.api.settings import Tab
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Online, Plugin, configured, needs, on_event, on_message, on_result
from sat.core.settings import Range
from sat.plugins.archive.api import ArchiveApi, SyncState
from sat.plugins.disco.plugin import Disco
from sat.plugins.messages.edits import NS_SID
from sat.plugins.messages.events import CaughtUp
from sat.plugins.messages.plugin import Messages
from sat.storage.rows import Missed
from sat.xmpp import mam, xml
from sat.xmpp.forward import forwarded
from sat.xmpp.stanzas import Message

PAGE = 250
FIRST = 100  # messages fetched for an account that has never been here
MOST_PAGES = 400
HEAVIEST = 16 * 1024 * 1024  # bytes of memory for a page that is held until it is whole
SKEW = 600.0  # seconds that the server's clock may be behind ours


@dataclass
class Options:
    """What is fetched."""

    tab: ClassVar[Tab] = Tab.CONNECTION
    fetch: Annotated[bool, "Fetch what was written while you were away"] = True
    page: Annotated[int, "Messages fetched at once when looking further back", Range(10, 500)] = 50


class Page(NamedTuple):
    """How a page ended: whether there is nothing behind it, the id of its last message, and how many came."""

    complete: bool
    last: str
    came: int


class Query:
    """A question to an archive, ours or a room's, for at most ``most`` messages, which are held until the page is
    whole. ``old``: the reader knows these, and looks back; ``below``: the order of the message that they lie before, 0
    where there is none. A page that takes too much memory loses what is farthest from what we have: that is the next
    page's."""

    __slots__ = ("archive", "below", "came", "full", "held", "most", "old", "weight")

    def __init__(self, archive: JID, old: bool, below: int, most: int) -> None:
        self.archive, self.old, self.below, self.most = archive, old, below, most
        self.came = self.weight = 0
        self.full = False  # something newer was left out
        self.held: deque[tuple[Arrival, int]] = deque()  # with their weights

    def hold(self, arrival: Arrival) -> None:
        """Keep a message until the page is whole."""
        weight = xml.weight(arrival.message.element)
        if not self.old and self.held and (self.full or self.weight + weight > HEAVIEST):
            self.full = True
            return
        self.held.append((arrival, weight))
        self.weight += weight
        while self.weight > HEAVIEST and len(self.held) > 1:
            self.weight -= self.held.popleft()[1]

    def page(self, end: mam.End) -> Page:
        """How it ended, when the archive says ``end``."""
        if self.full:
            return Page(False, self.held[-1][0].archive_id, len(self.held))
        return Page(end.complete, end.last, len(self.held))

    def arrivals(self) -> Iterator[Arrival]:
        """What came, in the order in which it is to be taken in."""
        if not self.below:
            yield from (arrival for arrival, _ in self.held)
            return
        below = self.below
        for arrival, _ in reversed(self.held):  # each goes below the one that was written after it
            arrival.below = below
            yield arrival
            below = min(below - 1, int(arrival.time * 1_000_000) if arrival.time else below)


class Archive(Plugin, ArchiveApi):
    """The server's archive, merged into the history (XEP-0313)."""

    xeps = ("0313", "0059")
    disco = needs(Disco)
    messages = needs(Messages)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._queries: dict[str, Query] = {}
        self._sessions = 0  # with the server, so far
        self.messages.outbox.archived = True
        self.undo(self._leave)

    def _leave(self) -> None:
        self.messages.outbox.archived = False

    # -- what was missed ---------------------------------------------------------------------------------------

    @on_event(Online)
    def _connected(self, event: Online) -> None:
        if not event.resumed:
            self.spawn(self._sync())

    async def _sync(self) -> None:
        self._sessions = session = self._sessions + 1
        try:
            if self.options.fetch:
                await self._fetch()
        finally:
            if session == self._sessions:  # what an earlier one was told says nothing of this one
                self.session.emit(CaughtUp())

    async def _fetch(self) -> None:
        self.sync.set(SyncState.SYNCING)
        try:
            own = self.session.account.jid.bare
            if mam.NS not in (await self.disco.get_info(own)).features:
                self.sync.set(SyncState.UNSUPPORTED)
                return
            newest, since = await self.store.get("newest", ""), await self.store.get("since", None)
            if since is None:  # never been here: what is in the archive is old to the reader
                await self.store.set("since", self.session.now())
                page = await self.page(most=FIRST)
                if page.last:
                    await self._keep(page.last)
            else:
                await self.catch_up(newest, since, self._keep, most=PAGE)
            self.sync.set(SyncState.COMPLETE)
        except SatError as error:
            self.log.warning("the archive could not be read: %s", error)
            self.sync.set(SyncState.FAILED)

    async def catch_up(
        self, newest: str, since: float, keep: Callable[[str], Awaitable[bool]], *, most: int, room: JID | None = None
    ) -> None:
        """Read our archive, or that of a room, page by page from the message with the id ``newest``; where there is
        none, from ``since`` (seconds since 1970). ``keep`` is told the id of the last message of each page when the
        page is on the disk: from there a later catch-up can begin; it says whether to go on. Meanwhile the next page is
        asked for, and no more than that. Errors: as for ``page``, and what ``keep`` raises."""
        storing = succeed(True)
        for _ in range(MOST_PAGES):
            start = None if newest else since - SKEW
            try:
                query, page = await self._ask(room, 0, most, old=False, after=newest or None, start=start)
            except PeerError as error:
                if not newest or error.details.get("condition") != "item-not-found":
                    raise
                newest = ""  # the archive has forgotten our place (XEP-0313 §4.1.4)
                continue
            if not await storing:
                return
            storing = Deferred.fromCoroutine(self._store(query, page, keep))
            if page.complete or not page.last or page.last == newest:
                break
            newest = page.last
        await storing

    async def _store(self, query: Query, page: Page, keep: Callable[[str], Awaitable[bool]]) -> bool:
        await self.session.accept_all(query.arrivals())  # the disk may refuse: our place is never ahead of it (P3)
        return not page.last or await keep(page.last)

    async def page(
        self, *, most: int, room: JID | None = None, peer: JID | None = None, below: int = 0, before: str = ""
    ) -> Page:
        """Ask for a page of our archive, or of that of a room, and have it stored: messages that the reader knows, the
        last ones, or those ``before`` a message. ``below`` is the order that the message has here.
        Errors: NotConnected, PeerError, RequestTimeout."""
        query, page = await self._ask(room, below, most, old=True, peer=peer, before=before)
        await self.session.accept_all(query.arrivals())
        return page

    async def _ask(self, room: JID | None, below: int, most: int, *, old: bool, **place: Any) -> tuple[Query, Page]:
        """Ask for a page; ``place`` is what ``mam.query`` takes to say which."""
        query_id = secrets.token_urlsafe(12)
        query = self._queries[query_id] = Query(room or self.session.account.jid.bare, old, below, most)
        try:
            result = await self.ask(mam.query(query_id, most, archive=room, **place), timeout=60)
        except SatError:
            if not old:  # what has come goes on from what we have
                await self.session.accept_all(query.arrivals())
            raise
        finally:
            del self._queries[query_id]
        return query, query.page(mam.read_end(result))

    # -- results -----------------------------------------------------------------------------------------------

    @on_result(mam.NS)
    def _came(self, carrier: Message) -> None:
        result = carrier.child("result", mam.NS)
        if result is None:
            return
        query = self._queries.get(str(result.attributes.get("queryid", "")))
        inner = forwarded(result)
        own = self.session.account.jid.bare
        asked = carrier.sender or own
        if query is None or asked != query.archive or inner is None:  # what we asked for, from whom we asked
            self.log.warning("a message of an archive that nobody asked %s for was ignored", asked)
            return
        message = inner.message
        sender, recipient = message.sender, message.recipient
        outgoing = sender is not None and sender.bare == own
        peer = recipient if outgoing else sender
        if sender is None or peer is None or query.came >= query.most:
            return
        of_room = query.archive != own  # there is nothing but what it has sent to everybody, and nowhere else is that
        if of_room != (message.kind == MessageKind.GROUPCHAT) or (of_room and sender.bare != query.archive):
            return
        query.came += 1
        found = Arrival(message, sender)
        found.peer, found.outgoing = peer.bare, outgoing
        found.time, found.archived, found.old = inner.stamp, True, query.old
        found.missed = Missed.NOT if query.old else Missed.ARCHIVED
        found.archive_id = str(result.attributes.get("id", ""))[:200]
        query.hold(found)

    async def _keep(self, newest: str) -> bool:
        await self.store.set("newest", newest)
        return True

    @on_message(Stage.ANNOUNCE, NS_SID)
    def _move_on(self, arrival: Arrival) -> None:
        """A live message that is in the archive too: the next catch-up begins behind it. But it must not pass one of
        ours that is in doubt: the archive is who knows."""
        if self.sync.value is not SyncState.COMPLETE or self.messages.outbox.awaits_acknowledgement:
            return
        if archive_id := self.messages.archive_id(arrival):
            self._newest = archive_id
            if not self.tasks.waits("newest"):
                self.after(2.0, lambda: self.spawn(self.store.set("newest", self._newest)), key="newest")

    # -- what is older -----------------------------------------------------------------------------------------

    async def fetch_older(self, peer: JID) -> int:
        peer = self.messages.conversation(peer)
        room = peer if self.messages.rooms.knows(peer) else None
        missing = not self.messages.rooms.archives(room) if room else self.sync.value is SyncState.UNSUPPORTED
        if missing:
            raise FeatureMissing(who=room or self.session.account.jid.domain, feature="message archives")
        oldest, order = await self.session.messages.oldest_archived(peer)
        most = self.options.page
        page = await self.page(most=most, room=room, peer=None if room else peer, below=order, before=oldest)
        return page.came
