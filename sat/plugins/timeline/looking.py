"""Asking services for what they have told while we were away, and for what they only hint at.

A person may follow hundreds: few are asked at once, with pauses, and who never had a blog is seldom asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from random import uniform
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError

from sat.api.errors import NotConnected, NotFound, PeerError, SatError
from sat.api.posts import Place, Post
from sat.plugins.pubsub.removals import hear_of_removals
from sat.storage.posts import Looked

if TYPE_CHECKING:
    from sat.plugins.timeline.plugin import Timeline

AT_ONCE = 3  # services that are asked at the same time
PAUSE = (0.2, 0.8)  # seconds until the next one
FIRST = (2.0, 6.0)  # seconds after a log-in: other things are more urgent then, and all devices log in at once
ABSENT = 7 * 86400.0  # seconds until somebody without a blog is asked again, more or less
DAY = 86400.0  # what was published so long before we looked the last time can still be news: clocks differ
HOUR = 3600.0
PAGE = 20  # posts asked for at once
PAGES = 10  # of one node at most: who was away for longer finds the rest in the blog itself
HINTS = 500  # items that wait to be fetched
NONE_THERE = (
    "feature-not-implemented",
    "service-unavailable",
    "forbidden",
    "not-allowed",
    "not-authorized",
    "gone",
)


class Looking:
    """What is to be asked, and what is known of whom."""

    def __init__(self, plugin: Timeline) -> None:
        self._plugin = plugin
        self._looked: dict[Place, Looked] = {}
        self._wanted: dict[Place, None] = {}
        self._hinted: dict[Place, None] = {}  # single items
        self._running = 0
        self._open = False
        self._began = 0.0

    async def load(self) -> None:
        """Read what is stored."""
        self._began = self._plugin.session.now()
        self._looked = {each.place: each for each in await self._plugin.session.posts.looked()}

    # -- when ----------------------------------------------------------------------------------------------------

    def begin(self, nodes: Callable[[], Iterable[Place]]) -> None:
        """In a new session: ask for what is new in these nodes, soon."""
        self._began = self._plugin.session.now()
        self._open = True
        self._plugin.after(uniform(*FIRST), lambda: self.want(*nodes()), key="look")  # noqa: S311 - nobody gains by guessing it

    def go_on(self) -> None:
        """The session was resumed."""
        self._pump()

    def end(self) -> None:
        """The session is over: all is asked again in the next one."""
        self._open = False
        self._wanted.clear()
        self._hinted.clear()

    def want(self, *nodes: Place) -> None:
        """Ask for what is new in these nodes, in their turn."""
        if self._open:
            self._wanted.update(dict.fromkeys(nodes))
            self._pump()

    def is_known(self, node: Place) -> bool:
        """Whether it was asked for."""
        return node in self._looked

    def is_due(self, node: Place) -> bool:
        """Whether to ask for it: not where there was nothing not long ago."""
        known, now = self._looked.get(node), self._plugin.session.now()
        wait = ABSENT * uniform(0.7, 1.3)  # noqa: S311
        return known is None or known.present or not known.time <= now < known.time + wait

    def hint(self, places: Iterable[Place]) -> None:
        """These items were told without what is in them."""
        for place in places:
            if self._open and len(self._hinted) < HINTS:
                self._hinted[place] = None
            elif self._open:  # all at once, then
                self._wanted[place._replace(id="")] = None
        self._pump()

    def forget(self, node: Place) -> None:
        """It is followed no longer."""
        self._looked.pop(node, None)
        self._wanted.pop(node, None)

    def has(self, node: Place) -> bool:
        """Whether there was something."""
        known = self._looked.get(node)
        return known is not None and known.present

    def note_told(self, node: Place) -> None:
        """It has told something, or there was something."""
        known = self._looked.get(node) or Looked(node, 0.0, False)
        if not known.present and self._plugin.following.is_contacts(node):
            self._plugin.spawn(self._hear_of_removals(node))
        self._looked[node] = known._replace(present=True)

    def unread_since(self, node: Place) -> float:
        """What a node tells by itself is unread if it was published since then, in seconds since 1970: what a server
        repeats at a log-in (XEP-0163 §4.3.4) is not."""
        known = self._looked.get(node)
        return known.time - DAY if known and known.time else self._began - HOUR

    # -- how -----------------------------------------------------------------------------------------------------

    def _pump(self) -> None:
        online = self._open and self._plugin.session.online
        while online and self._running < AT_ONCE and (self._hinted or self._wanted):
            self._running += 1
            self._plugin.spawn(self._ask_next())

    async def _ask_next(self) -> None:
        try:
            if self._hinted:
                await self._fetch()
            else:
                node = next(iter(self._wanted))
                del self._wanted[node]
                await self._look(node)
        except CancelledError:  # the profile is being closed
            raise
        except Exception:
            self._plugin.log.exception("what is new could not be asked for")
        self._plugin.after(uniform(*PAUSE), self._free)  # noqa: S311

    def _free(self) -> None:
        self._running -= 1
        self._pump()

    async def _fetch(self) -> None:
        """Single items of the node that waits longest."""
        node = next(iter(self._hinted))._replace(id="")
        places = [each for each in self._hinted if each[:2] == node[:2]][:PAGE]
        for each in places:
            del self._hinted[each]
        try:
            found = await self._plugin.pubsub.items(node.service, node.node, ids=[each.id for each in places])
        except SatError as error:
            self._plugin.log.info("posts of %s could not be fetched: %s", node.service, error)
            return
        # An item without anything in it says nothing, so it is not asked for again.
        posts = self._plugin.read(node, [each for each in found.items if node._replace(id=each.id) in places])
        await self._plugin.take(node, posts, self.unread_since(node))

    async def _look(self, node: Place) -> None:
        plugin = self._plugin
        try:
            present = await self._ask_all(node)
        except NotFound:
            await self._note(node, False)
        except PeerError as error:
            plugin.log.info("there is nothing to read in %s of %s: %s", node.node, node.service, error)
            if error.details.get("condition") in NONE_THERE:
                await self._note(node, False)
        except NotConnected:  # in this session, if it is resumed
            self.want(node)
        except SatError as error:  # in the next session
            plugin.log.info("%s of %s could not be fetched: %s", node.node, node.service, error)
        else:
            await self._note(node, present)

    async def _ask_all(self, node: Place) -> bool:
        """Page by page until something is known; whether there was anything."""
        plugin, known = self._plugin, self._looked.get(node)
        first = known is None or not known.time
        if first and plugin.is_comments(node):
            await plugin.pubsub.subscribe(node.service, node.node)
        # What was there before we began to follow is not unread.
        since = inf if first else self.unread_since(node)
        older, present, pages = "", False, list[Post]()
        for _ in range(1 if first else PAGES):
            page = await plugin.blog.get(node, older, PAGE)
            stored = await plugin.session.posts.known(node, [each.place.id for each in page.posts])
            await plugin.take(node, page.posts, since)
            present, pages = present or bool(page.posts), [*pages, *page.posts]
            if stored or not page.posts or page.older in ("", older):
                break
            older = page.older
        if not first:
            await self._doubt(node, pages, whole=not page.older)
        return present

    async def _doubt(self, node: Place, told: list[Post], *, whole: bool) -> None:
        """What is stored and should be among the newest posts, but is not there, may be gone."""
        since = 0.0 if whole else min((each.published for each in told), default=inf)
        missing = await self._plugin.session.posts.missing(node, [each.place.id for each in told], since, PAGE)
        if not missing:
            return
        try:
            found = await self._plugin.pubsub.items(node.service, node.node, ids=[each.id for each in missing])
            there = {each.id for each in found.items}
        except PeerError as error:
            if error.details.get("condition") != "item-not-found":
                raise
            there = set()
        await self._plugin.take_back([each for each in missing if each.id not in there])

    async def _hear_of_removals(self, node: Place) -> None:
        try:
            await hear_of_removals(self._plugin.pubsub, self._plugin.disco, node.service, node.node)
        except SatError as error:  # what is removed is found at the next log-in
            self._plugin.log.info("%s does not tell of what is removed: %s", node.service, error)

    async def _note(self, node: Place, present: bool) -> None:
        self._looked[node] = Looked(node, self._plugin.session.now(), present)
        await self._plugin.session.posts.note_looked(node, present)
