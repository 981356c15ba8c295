"""Posts of a node, page by page, as services of different minds have them (XEP-0059, XEP-0060 §6.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sat.api.errors import InvalidArgument, NotFound, PeerError
from sat.api.posts import HEART, MICROBLOG, Place, Post
from sat.plugins.blog import atom
from sat.plugins.blog.api import Page
from sat.plugins.blog.events import Said
from sat.xmpp.pubsub import MOST, Item, Items
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.blog.plugin import Blog

# How a page goes on is told by a letter before the id: services count from the oldest (nearly all) or from the newest,
# or know no pages; then all is asked for, and the page is taken out of it.
_FORWARD, _BACKWARD, _WHOLE = "<", ">", "="


class Pages:
    """Reads posts."""

    def __init__(self, plugin: Blog) -> None:
        self._plugin = plugin

    async def single(self, place: Place) -> tuple[Post, Element]:
        """A post and its entry. Errors: NotFound."""
        try:
            found = await self._ask(place, 1, ids=[place.id])
        except PeerError as error:
            raise named(error, f"post {place.id}") from error
        for item in found.items:
            post = self._read(place, item)
            if post is not None and item.payload is not None and item.id == place.id:
                return post, item.payload
        raise NotFound(what=f"post {place.id}")

    async def page(self, place: Place, older: str, count: int) -> Page:
        """A page of the posts of a node, the newest first. Errors: NotFound, InvalidArgument."""
        if not 0 < count <= MOST:
            raise InvalidArgument(reason=f"A page has between 1 and {MOST} posts.")
        how, id = older[:1] or _FORWARD, older[1:]
        if how not in (_FORWARD, _BACKWARD, _WHOLE) or bool(older) != bool(id):
            raise InvalidArgument(reason="This is not how a page goes on.")
        try:
            if how == _WHOLE:
                return self._part(place, (await self._ask(place, MOST, before="")).items, id, count)
            if how == _BACKWARD:
                return self._paged(place, await self._ask(place, count, after=id), count, _BACKWARD)
            found = await self._ask(place, count, before=id)
            if not found.page.last and found.items:
                return self._part(place, found.items, id, count)
            if not id and self._counts_from_newest(place, found):
                return self._paged(place, await self._ask(place, count), count, _BACKWARD)
            return self._paged(place, found, count, _FORWARD)
        except PeerError as error:
            raise named(error, blog_of(place)) from error

    async def said(self, comments: Place) -> list[Post]:
        """The comments on a post, likes among them, as many as one answer has."""
        posts = self._posts(comments, (await self._ask(comments, MOST, before="")).items)
        self._plugin.session.emit(Said(comments, posts))
        return posts

    async def _ask(self, place: Place, count: int, **where: Any) -> Items:
        return await self._plugin.pubsub.items(self._plugin.at(place.service), place.node, most=count, **where)

    # -- what they answer ------------------------------------------------------------------------------------------

    def _paged(self, place: Place, found: Items, count: int, how: str) -> Page:
        page = found.page
        cursor = page.first if how == _FORWARD else page.last
        more = len(found.items) >= count and bool(cursor) and not 0 <= page.count <= count
        return Page(self._posts(place, found.items), f"{how}{cursor}" if more else "", page.count)

    def _part(self, place: Place, items: list[Item], id: str, count: int) -> Page:
        """Of all items, the oldest first, the page before that id."""
        end = next((number for number, each in enumerate(items) if each.id == id), 0) if id else len(items)
        start = max(0, end - count)
        more = start > 0 or (not id and len(items) >= count)
        return Page(self._posts(place, items[start:end]), f"{_WHOLE}{items[start].id}" if more and items else "")

    def _counts_from_newest(self, place: Place, found: Items) -> bool:
        """Whether what should be the end of the list are the oldest posts."""
        if len(found.items) < 2 or 0 <= found.page.count <= len(found.items):
            return False
        first, last = (self._read(place, found.items[number]) for number in (0, -1))
        return first is not None and last is not None and first.published > last.published

    def _posts(self, place: Place, items: list[Item]) -> list[Post]:
        posts = [post for post in (self._read(place, each) for each in items) if post is not None]
        return sorted(posts, key=lambda each: each.published, reverse=True)

    def _read(self, place: Place, item: Item) -> Post | None:
        return atom.read(item, place.service, place.node, self._plugin.session.now())


def is_like(post: Post) -> bool:
    """Whether a comment says only that its author likes the post."""
    return post.text.strip() == HEART and not post.title


def blog_of(node: Place) -> str:
    """What a node is called in sentences."""
    return f"blog of {node.service}" if node.node == MICROBLOG else f"blog {node.node} of {node.service}"


def named(error: PeerError, what: str) -> PeerError | NotFound:
    """The error that is told, where it may be that there is no such thing."""
    return NotFound(what=what) if error.details.get("condition") == "item-not-found" else error
