"""The server's archive: what was missed is fetched on connect, what is older when it is looked for (XEP-0313)."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import FeatureMissing, PeerError, SatError
from sat.api.messages import MessageKind
from sat.api.settings import Tab
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Online, Plugin, configured, needs, on_event, on_message
from sat.core.settings import Range
from sat.plugins.archive.api import ArchiveApi, SyncState
from sat.plugins.disco.plugin import Disco
from sat.plugins.messages.edits import NS_SID
from sat.plugins.messages.plugin import CaughtUp, Messages
from sat.storage.rows import Missed
from sat.xmpp import mam, xml
from sat.xmpp.forward import forwarded

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
    """A question to an archive, ours or a room's, that is under way, for at most ``most`` messages. ``old``: the
    reader knows these; ``stored``: what fires when those that came are on the disk; ``held``: those of a page that
    lies before what we have, until it is whole. A page that takes too much memory loses its oldest: they are the next
    page's."""

    __slots__ = ("archive", "came", "held", "most", "old", "stored", "weights")

    def __init__(self, archive: JID, old: bool, held: bool, most: int) -> None:
        self.archive, self.old, self.most, self.came = archive, old, most, 0
        self.stored: list[Deferred[Any]] = []
        self.held: deque[Arrival] | None = deque() if held else None
        self.weights: deque[int] = deque()

    def hold(self, arrival: Arrival) -> None:
        """Keep a message until the page is whole."""
        assert self.held is not None
        self.held.append(arrival)
        self.weights.append(xml.weight(arrival.message.element))
        while sum(self.weights) > HEAVIEST and len(self.held) > 1:
            self.held.popleft()
            self.weights.popleft()
            self.came -= 1


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
                await self._own_page(old=True, before="", most=FIRST)
            else:
                await self._catch_up(newest, since)
            self.sync.set(SyncState.COMPLETE)
        except SatError as error:
            self.log.warning("the archive could not be read: %s", error)
            self.sync.set(SyncState.FAILED)

    async def _catch_up(self, newest: str, since: float) -> None:
        """Page by page from our place; from the beginning of our time where there is none."""
        for _ in range(MOST_PAGES):
            try:
                start = None if newest else since - SKEW
                page = await self._own_page(old=False, after=newest or None, start=start, most=PAGE)
            except PeerError as error:
                if not newest or error.details.get("condition") != "item-not-found":
                    raise
                newest = ""  # the server has forgotten our place (XEP-0313 §4.1.4)
                continue
            if page.complete or not page.last or page.last == newest:
                return
            newest = page.last

    async def _own_page(self, **place: Any) -> Page:
        """A page of ours that goes on from what we have: from there the next catch-up begins."""
        page = await self.page(**place)
        if page.last:
            await self.store.set("newest", page.last)
        return page

    async def page(
        self, *, most: int, old: bool, room: JID | None = None, peer: JID | None = None, below: int = 0, **place: Any
    ) -> Page:
        """Ask for a page of our archive, or of that of a room, and have it stored; ``place`` is what ``mam.query``
        takes to say which. ``below`` is the order of the message that the page lies before, 0 for a page that goes on
        from what we have. Errors: NotConnected, PeerError, RequestTimeout."""
        query_id = secrets.token_urlsafe(12)
        archive = room or self.session.account.jid.bare
        query = self._queries[query_id] = Query(archive, old, below > 0, most)
        try:
            result = await self.ask(mam.query(query_id, most, peer=peer, archive=room, **place), timeout=60)
        finally:
            del self._queries[query_id]
        end = mam.read_end(result)
        for arrival in reversed(query.held or ()):  # each goes below the one that was written after it
            arrival.below = below
            self.session.accept(arrival)
            below = min(below - 1, int(arrival.time * 1_000_000) if arrival.time else below)
        for stored in query.stored:  # the disk may have refused some: our place is never ahead of them (P3)
            await _fired(stored)
        return Page(end.complete, end.last, query.came)

    # -- results -----------------------------------------------------------------------------------------------

    @on_message(Stage.UNWRAP, mam.NS)
    def _unwrap(self, arrival: Arrival) -> None:
        result = arrival.message.child("result", mam.NS)
        if result is None or arrival.archived:
            return
        query = self._queries.get(str(result.attributes.get("queryid", "")))
        inner = forwarded(result)
        if query is None or arrival.sender != query.archive or inner is None:  # what we asked for, from whom we asked
            self.log.warning("a message of an archive that nobody asked %s for was ignored", arrival.sender)
            arrival.stop()
            return
        arrival.stop()  # what goes on is what is in it
        message = inner.message
        own = self.session.account.jid.bare
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
        if query.held is not None:
            query.hold(found)
            return
        arrival.stored = self.session.accept(found)
        if arrival.stored is not None:
            query.stored.append(arrival.stored)

    @on_message(Stage.ANNOUNCE, NS_SID)
    def _move_on(self, arrival: Arrival) -> None:
        """A live message that is in the archive too: the next catch-up begins behind it. But it must not pass one of
        ours that is in doubt: the archive is who knows."""
        if arrival.archived or self.sync.value is not SyncState.COMPLETE or self.messages.outbox.awaits_acknowledgement:
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
        place: dict[str, Any] = {"room": room} if room else {"peer": peer}
        page = await self.page(old=True, before=oldest, below=order, most=self.options.page, **place)
        return page.came


def _fired(work: Deferred[Any]) -> Deferred[None]:
    """Fires when a work is done, however it ended; who else waits for it is not disturbed."""
    done: Deferred[None] = Deferred()

    def pass_on(result: Any) -> Any:
        done.callback(None)
        return result

    work.addBoth(pass_on)
    return done
