"""Lists of posts that a frontend can show in the place of each other: the timeline, one blog, what a search found, and
the comments on a post. Each is kept up to date by what the daemon tells."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from time import time as now
from typing import Protocol

from sat.api import JID, Signal
from sat.api.posts import HEART, NOWHERE, Place, Post
from sat.plugins.blog.api import BlogApi, Page
from sat.plugins.timeline.api import Response, TimelineApi
from sat_frontends.quick_frontend.post_words import author, node_name, response
from sat_frontends.quick_frontend.text import clean_line, moment
from sat_frontends.quick_frontend.timeline import PAGE, Timeline


class PostList(Protocol):
    """What a frontend shows, whichever it is. ``waiting`` are new ones that ``show_new`` puts in front."""

    changed: Signal[None]
    posts: list[Post]
    waiting: list[Post]
    has_older: bool
    loaded: bool

    @property
    def title(self) -> str:
        """What it is, clean."""

    @property
    def rows(self) -> list[Post]:
        """What is listed: the posts, perhaps with others above them."""

    def about(self, post: Post) -> str:
        """What is said of a post there, where that is not who has written it and when."""

    def listen(self) -> list[Callable[[], None]]:
        """Hear of posts from now on; what ends that."""

    async def load(self) -> None:
        """Load the newest. Raises SatError."""

    async def load_older(self) -> None:
        """Load some that are older than all that are here. Raises SatError."""

    def show_new(self) -> None:
        """Put those that wait in front."""

    def replace(self, post: Post) -> None:
        """A post is another now."""


class TimelineList(Timeline):
    """The timeline as such a list."""

    @property
    def title(self) -> str:
        """With what of it is shown."""
        tag = f" #{clean_line(self.tag)}" if self.tag else ""
        return f"Timeline{', unread' if self.unread_only else ''}{tag}"

    @property
    def rows(self) -> list[Post]:
        """The stories, then the posts."""
        if self.tag:
            return self.posts
        return [*(each for each in self.stories if each.unread or not self.unread_only), *self.posts]

    def about(self, post: Post) -> str:
        """What everybody says of themselves is enough."""
        return ""

    def replace(self, post: Post) -> None:
        """A post is another now."""
        for shown in (self.stories, self.posts, self.waiting):
            shown[:] = [post if each.place == post.place else each for each in shown]
        self.changed.emit(None)


class _Posts:
    """What the others have in common: posts of somewhere, changed and taken away by what the daemon tells."""

    def __init__(self, timeline: TimelineApi) -> None:
        self.changed: Signal[None] = Signal()
        self.posts: list[Post] = []
        self.waiting: list[Post] = []
        self.has_older = self.loaded = False
        self._timeline = timeline

    @property
    def rows(self) -> list[Post]:
        """What is listed."""
        return self.posts

    def about(self, post: Post) -> str:
        """What everybody says of themselves is enough."""
        return ""

    def listen(self) -> list[Callable[[], None]]:
        """Hear of posts from now on; what ends that."""
        return [self._timeline.published.connect(self._published), self._timeline.retracted.connect(self._retracted)]

    def show_new(self) -> None:
        """Put those that wait in front."""
        if self.waiting:
            self.posts, self.waiting = [*self.waiting, *self.posts], []
            self.changed.emit(None)

    def replace(self, post: Post) -> None:
        """A post is another now."""
        for shown in (self.posts, self.waiting):
            shown[:] = [post if each.place == post.place else each for each in shown]
        self.changed.emit(None)

    def _published(self, posts: list[Post]) -> None:
        for post in posts:
            known = any(each.place == post.place for each in (*self.posts, *self.waiting))
            if known:
                self.replace(post)
            elif self.loaded and self._belongs(post):
                self._came(post)
                self.changed.emit(None)

    def _belongs(self, post: Post) -> bool:
        return False

    def _came(self, post: Post) -> None:
        self.waiting.insert(0, post)

    def _retracted(self, places: list[Place]) -> None:
        gone = set(places)
        self.posts = [each for each in self.posts if each.place not in gone]
        self.waiting = [each for each in self.waiting if each.place not in gone]
        self.changed.emit(None)


class _Pages(_Posts, ABC):
    """Those that come by pages, each of which says where the next one begins."""

    def __init__(self, blog: BlogApi, timeline: TimelineApi) -> None:
        super().__init__(timeline)
        self._blog, self._older = blog, ""

    async def load_older(self) -> None:
        """Load the page behind the last one. Raises SatError."""
        older = self._older
        if not older:
            return
        page = await self._page(older)
        if older != self._older:  # the same page came meanwhile
            return
        known = {each.place for each in self.posts}
        self._extend([each for each in page.posts if each.place not in known])
        self._older, self.has_older = page.older, bool(page.older)
        self.changed.emit(None)

    @abstractmethod
    async def _page(self, older: str) -> Page:
        """The page that is called so."""

    @abstractmethod
    def _extend(self, posts: list[Post]) -> None:
        """Put older posts where they belong."""


class BlogList(_Pages):
    """What is published at one place."""

    def __init__(self, blog: BlogApi, timeline: TimelineApi, node: Place, own: JID) -> None:
        super().__init__(blog, timeline)
        self.node, self.title = node._replace(id=""), node_name(node, own)

    async def load(self) -> None:
        """Load the newest. Raises SatError."""
        page = await self._page("")
        self.posts, self.waiting, self._older = list(page.posts), [], page.older
        self.has_older, self.loaded = bool(page.older), True
        self.changed.emit(None)

    async def _page(self, older: str) -> Page:
        return await self._blog.get(self.node, older, PAGE)

    def _extend(self, posts: list[Post]) -> None:
        self.posts += posts

    def _belongs(self, post: Post) -> bool:
        return post.place._replace(id="") == self.node


class _Ordered(_Posts, ABC):
    """Those that are asked for by the order of the last one that is here."""

    async def load(self) -> None:
        """Load the newest. Raises SatError."""
        self.posts, self.waiting, self.loaded = await self._before(0), [], True
        self.has_older = len(self.posts) == PAGE
        self.changed.emit(None)

    async def load_older(self) -> None:
        """Load some that are older than all that are here. Raises SatError."""
        if not self.has_older:
            return
        last = self.posts[-1].order
        older = await self._before(last)
        if not self.posts or self.posts[-1].order != last:
            return
        self.posts += older
        self.has_older = len(older) == PAGE
        self.changed.emit(None)

    @abstractmethod
    async def _before(self, order: int) -> list[Post]:
        """Some that are older than that order."""


class FoundList(_Ordered):
    """The posts and comments of the timeline that hold some words."""

    def __init__(self, timeline: TimelineApi, words: str) -> None:
        super().__init__(timeline)
        self.words, self.title = words, f"Found: {clean_line(words)}"

    async def _before(self, order: int) -> list[Post]:
        return await self._timeline.search(self.words, order, PAGE)


class AnswerList(_Ordered):
    """What others have said of our posts, and posts that name us."""

    title = "What was said to you"

    def __init__(self, timeline: TimelineApi) -> None:
        super().__init__(timeline)
        self._responses: dict[Place, Response] = {}

    def listen(self) -> list[Callable[[], None]]:
        """Hear of posts from now on; what ends that."""
        return [*super().listen(), self._timeline.answered.connect(self._answered)]

    def about(self, post: Post) -> str:
        """Who has said it, when, and of what."""
        found = self._responses.get(post.place)
        if found is None:
            return ""  # one of ours that is read
        who = author(post) if post.verified else f"{author(post)} (not verified)"
        return f"{who} · {moment(post.published, now())} · {response(found)}"

    def on(self, post: Post) -> Place:
        """The post of ours that a comment is on."""
        found = self._responses.get(post.place)
        return NOWHERE if found is None else found.on

    async def _before(self, order: int) -> list[Post]:
        return self._noted(await self._timeline.get_answers(order, PAGE))

    def _noted(self, responses: list[Response]) -> list[Post]:
        self._responses |= {each.post.place: each for each in responses}
        return [each.post for each in responses]

    def _answered(self, responses: list[Response]) -> None:
        known = {each.place for each in (*self.posts, *self.waiting)}
        for post in self._noted(responses):
            if self.loaded and post.place not in known:
                self._came(post)
        self.changed.emit(None)


class CommentList(_Pages):
    """What was said of a post, the oldest first; what was said before that is loaded by pages."""

    def __init__(self, blog: BlogApi, timeline: TimelineApi, post: Post) -> None:
        super().__init__(blog, timeline)
        self.post = post

    async def load(self) -> None:
        """Load the newest; earlier ones that are here stay. Raises SatError."""
        if self.post.comments != NOWHERE:
            page = await self._page("")
            here, first = [each.place for each in self.posts], [each.place for each in page.posts[:1]]
            if first and first[0] in here:
                self.posts = [*self.posts[: here.index(first[0])], *page.posts]
            else:
                self.posts, self._older = list(page.posts), page.older
        self.has_older, self.loaded = bool(self._older), True
        self.changed.emit(None)

    async def _page(self, older: str) -> Page:
        return await self._blog.get_comments(self.post.place, older)

    def _extend(self, posts: list[Post]) -> None:
        self.posts = [*posts, *self.posts]

    def _belongs(self, post: Post) -> bool:
        return self.post.comments != NOWHERE and post.place._replace(id="") == self.post.comments._replace(id="")

    def _came(self, post: Post) -> None:
        if post.text.strip() != HEART:  # that only says that somebody likes the post
            self.posts.append(post)
