"""Blogs that everybody reads, without an account: those whose profile says so, and only what everybody may read.

What was rendered for one visitor is sent to all others, as it is, until the blog changes: the daemon tells when it
does. What it is not told (that another program has changed who may read the blog) is seen after a minute.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from libervia.server import zones
from libervia.server.page import HttpError, not_found
from libervia.server.posts import own_blog
from libervia.server.shelf import SECONDS, Shelf, Shown
from sat.api import JID, SatError
from sat.api.errors import NotFound
from sat.api.posts import Audience, Place, Post
from sat.plugins.blog.api import Page
from sat_frontends.quick_frontend.post_words import can_comment
from sat_frontends.quick_frontend.recent import Recent

if TYPE_CHECKING:
    from libervia.server.daemon import Daemon
    from sat_frontends.quick_frontend.apis import ProfileApis

SETTING = "public_blog.shown"
"""The setting of a profile that lets everybody read its blog here."""
PAGE = 10
TAG_PAGES = 5
"""Pages of a blog, of ``TAG_PAGE`` posts, that are looked through for a hashtag."""
TAG_PAGE = 50
TRAIL_AT_MOST = 500
ARTICLES = 4 << 20
"""Characters of posts that are kept as they were drawn."""
ZONE = "UTC"
"""The zone of the times on pages that everybody sees alike."""
FRAME: dict[str, object] = {
    "page": None,
    "menu": [],
    "session": None,
    "notice": "",
    "csrf": "",
    "title": "Blog",
    "theme": "",
    "unread_posts": 0,
    "offered_files": 0,
    "zone": ZONE,
}
"""What the frame around these pages needs: it says nothing of who has asked."""


async def is_public(apis: ProfileApis) -> bool:
    """Whether a profile lets everybody read its blog on our pages; not where that is not known."""
    with suppress(SatError):
        return (await apis.settings.get_setting(SETTING)).value == "true"
    return False


class Trail:
    """Which page of a blog comes before which: services tell what is older only, and who asks for that has had the page
    before it."""

    def __init__(self) -> None:
        self._before: OrderedDict[str, str] = OrderedDict()

    def before(self, here: str, older: str) -> str | None:
        """Where the page before the one from ``here`` begins, as far as that is known; the next one begins at
        ``older``."""
        if older:
            self._before[older] = here
            if len(self._before) > TRAIL_AT_MOST:
                self._before.popitem(last=False)
        return self._before.get(here) if here else None


class PublicBlog:
    """The blog of a profile, as everybody may see it."""

    def __init__(self, name: str, jid: JID, apis: ProfileApis, trail: Trail) -> None:
        self.name, self.place, self.trail, self._apis = name, own_blog(jid), trail, apis

    async def posts(self, older: str) -> Page:
        """Some posts, the newest first."""
        try:
            return await self._apis.blog.get(self.place, older, PAGE)
        except NotFound:  # nothing was published yet
            return Page([])

    async def tagged(self, tag: str) -> list[Post]:
        """The posts with a hashtag, among the newest ones."""
        found: list[Post] = []
        older = ""
        for _ in range(TAG_PAGES):
            page = await self._apis.blog.get(self.place, older, TAG_PAGE)
            found += [each for each in page.posts if tag.casefold() in (one.casefold() for one in each.tags)]
            older = page.older
            if not older:
                break
        return found

    async def post(self, id: str) -> tuple[Post, list[Post]]:
        """A post, and the comments on it."""
        found = await self._apis.blog.get(self.place._replace(id=id))
        if not found.posts:
            raise NotFound(what="post there")
        post = found.posts[0]
        said = Page([])
        if can_comment(post):
            with suppress(SatError):  # their service does not let us see them, or is away
                said = await self._apis.blog.get_comments(post.place)
        return post, said.posts


Draw = Callable[[PublicBlog], Coroutine[Any, Any, tuple[str, bytes]]]
"""Makes a page of a blog: its type and its bytes."""


class PublicBlogs:
    """All of them, with their pages as they are sent."""

    def __init__(self, daemon: Daemon, clock: Callable[[], float] = monotonic) -> None:
        self.shelf = Shelf(clock)
        self.articles: Recent[tuple[str, Place, int], tuple[Post, Markup]] = Recent(ARTICLES)
        """Posts as they stand in lists, by the blog, the place and the day (some times say “today”): where one has
        changed, the others need not be drawn again."""
        self._daemon, self._clock = daemon, clock
        self._open: dict[str, tuple[float, PublicBlog]] = {}
        self._trails: dict[str, Trail] = {}
        self._changes: dict[str, int] = {}
        self._heard: dict[str, list[Callable[[], None]]] = {}
        self._making: dict[tuple[str, str, int], asyncio.Event] = {}
        self._undo = [
            daemon.gone.connect(lambda _: self.forget_all()),
            daemon.back.connect(lambda _: self.forget_all()),
            daemon.manager.profile_removed.connect(self._removed),
            daemon.manager.profile_changed.connect(lambda info: self.forget(info.name)),
        ]

    async def get(self, origin: str, uri: str, name: str, draw: Draw) -> Shown:
        """The page of a blog at an address as we write it, ``uri``: the one that was rendered before, or what ``draw``
        makes, its type and its bytes. Who asks while it is made waits for that. Errors: HttpError, and those of
        ``draw``; they are not kept, nor shared."""
        while True:
            # Who comes after a change does not wait for what was before.
            key = (origin, uri, self._changes.get(name, 0))
            known, making = self.shelf.find((origin, uri)), self._making.get(key)
            if known is not None:
                return known
            if making is None:
                break
            await making.wait()
        making = self._making[key] = asyncio.Event()
        try:
            return await self._make(key, name, draw)
        finally:
            del self._making[key]
            making.set()

    async def _make(self, key: tuple[str, str, int], name: str, draw: Draw) -> Shown:
        zones.use(ZONE)
        shown = Shown.of(*await draw(await self._blog(name)))
        origin, uri, changes = key
        if changes == self._changes.get(name, 0):
            self.shelf.put((origin, uri), name, shown)
        return shown

    async def _blog(self, name: str) -> PublicBlog:
        """The blog of a profile that has opened it to everybody; without that, it looks as if there were none. Errors:
        HttpError."""
        until, known = self._open.get(name, (0.0, None))
        if known is not None and self._clock() < until:
            return known
        self._open.pop(name, None)
        await self._daemon.check()
        info = next((each for each in await self._daemon.manager.list_profiles() if each.name == name), None)
        if info is None or info.locked or info.error:
            raise not_found()
        apis = self._daemon.profile(name)
        blog = PublicBlog(name, info.jid.bare, apis, self._trails.setdefault(name, Trail()))
        changes = self._changes.get(name, 0)
        self._hear(blog, apis)
        if not await is_public(apis):
            raise not_found()
        try:
            access = await apis.blog.get_access(blog.place)
        except SatError:
            raise unavailable() from None
        if access.audience is not Audience.EVERYBODY:
            raise not_found()
        if changes == self._changes.get(name, 0):
            self._open[name] = (self._clock() + SECONDS, blog)
        return blog

    def forget(self, name: str) -> None:
        """Something has changed in a blog, or in who may read it."""
        self._changes[name] = self._changes.get(name, 0) + 1
        self._open.pop(name, None)
        self.shelf.forget(name)

    def forget_all(self) -> None:
        """The daemon was away, or is: nothing is known of what has changed."""
        for name in {*self._open, *self._heard, *self._changes}:
            self.forget(name)

    def close(self) -> None:
        """Hear nothing any more."""
        for undo in self._undo:
            undo()
        for name in list(self._heard):
            self._removed(name)

    def _removed(self, name: str) -> None:
        for undo in self._heard.pop(name, ()):
            undo()
        self._trails.pop(name, None)
        self.forget(name)

    def _hear(self, blog: PublicBlog, apis: ProfileApis) -> None:
        """Hear what happens in a blog and in what is said of it, and whether it is shown."""
        name, service = blog.name, blog.place.service
        if name in self._heard:
            return

        def changed(places: Iterable[Place]) -> None:
            if any(each.service == service for each in places):
                self.forget(name)

        self._heard[name] = [
            apis.timeline.published.connect(lambda posts: changed(each.place for each in posts)),
            apis.timeline.retracted.connect(changed),
            apis.settings.changed.connect(lambda change: self.forget(name) if change.key == SETTING else None),
        ]


def unavailable() -> HttpError:
    """It could not be read; why is no concern of strangers."""
    return HttpError(503, "This blog cannot be read now.", "Try again later.", {"Retry-After": "60"})
