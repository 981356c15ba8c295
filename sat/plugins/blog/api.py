"""Blogs and what is said of them: publish, read, comment, repeat."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method
from sat.api.posts import Audience, Draft, Place, Post

__all__ = ["Access", "Audience", "BlogApi", "Draft", "Page", "Place", "Post"]


class Page(NamedTuple):
    """Posts, the newest first. ``older`` is given back to see those before them; an empty one: these are the oldest.
    ``total`` of the node where the service tells it, else -1."""

    posts: list[Post]
    older: str = ""
    total: int = -1


class Access(NamedTuple):
    """Who can read a blog of ours: the audience, with its ``groups`` of the roster or its addresses."""

    audience: Audience
    groups: list[str] = []  # noqa: RUF012 - a named tuple's default, never changed
    listed: list[JID] = []  # noqa: RUF012


class BlogApi(Api):
    """Publish in blogs and communities, read them and comment on them (XEP-0277, XEP-0472). Errors of all:
    NotConnected, RequestTimeout, PeerError; NotFound where there is no such post or node."""

    @method
    async def publish(self, draft: Draft, node: Place) -> Place:
        """Publish a post in a blog of ours, or in a community; where it is. The node is made if it is ours and is not
        there. Errors: InvalidArgument, PostExists where another one has that slug."""

    @method
    async def edit(self, place: Place, draft: Draft) -> Post:
        """Replace a post of ours; its comments and the time of its publication stay. A draft that wants no comments
        only says no longer where they are. Errors: InvalidArgument."""

    @method
    async def delete(self, place: Place) -> None:
        """Take back a post or a comment of ours, or what others have published in a node of ours; with the comments on
        it where they are ours to delete."""

    @method
    async def source(self, place: Place) -> Draft:
        """A post of ours as it was written, to be edited: in XHTML where it was written elsewhere."""

    @method
    async def preview(self, draft: Draft) -> Post:
        """What a draft would look like; nothing is sent."""

    @method
    async def get(self, place: Place, older: str = "", count: int = 20) -> Page:
        """Posts of a node, as the service has them, with as many likes and comments as are known here; with an id in
        the place, that post, and all of these are asked for."""

    @method
    async def get_comments(self, place: Place, older: str = "", count: int = 50) -> Page:
        """Comments on a post, without those that only say that somebody likes it; the oldest first."""

    @method
    async def comment(self, place: Place, body: str, answers: str = "") -> Place:
        """Comment on a post; ``answers`` is the id of the comment that is answered. Errors: InvalidArgument, NoComments
        where it has no place for them."""

    @method
    async def like(self, place: Place, like: bool = True) -> None:
        """Say that one likes a post, or no longer. Errors: NoComments."""

    @method
    async def react(self, place: Place, reactions: list[str]) -> None:
        """Put these emojis to a post, and take back others that were ours (XEP-0470); none takes all back. Errors:
        InvalidArgument, FeatureMissing where there is no place for them."""

    @method
    async def rename(self, place: Place, slug: str) -> Place:
        """Give a post of ours another address; its comments stay. Errors: InvalidArgument, PostExists."""

    @method
    async def repeat(self, place: Place, body: str = "") -> Place:
        """Publish a post of somebody in our own blog, with their name and a link to it; ``body`` is put before it."""

    @method
    async def get_access(self, node: Place) -> Access:
        """Who can read a node of ours."""

    @method
    async def set_access(self, node: Place, access: Access) -> None:
        """Change that, also for the comments on its newest 100 posts. Errors: InvalidArgument, FeatureMissing where the
        service cannot do it."""
