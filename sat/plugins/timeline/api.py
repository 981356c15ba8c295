"""Following: what people and communities publish, in one timeline that all frontends share."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method, signal
from sat.api.posts import NOWHERE, Place, Post
from sat.api.values import ANYBODY

__all__ = ["Followed", "Found", "Place", "Post", "Response", "TimelineApi"]


class Followed(NamedTuple):
    """A blog or a community that is followed. ``title`` is what it is called, ``unread`` are its posts that were not
    seen."""

    place: Place
    title: str = ""
    unread: int = 0


class Found(NamedTuple):
    """A blog or a community that could be followed: what it is called and what it says of itself; ``followed``: it is
    already. ``via`` are those of our contacts who tell that they follow it (XEP-0330, XEP-0465)."""

    place: Place
    title: str = ""
    description: str = ""
    followed: bool = False
    via: list[JID] = []  # noqa: RUF012 - a named tuple's default, never changed


class Response(NamedTuple):
    """What others have published that is about us. ``title`` is the post of ours that it comments on, or how that
    begins, ``on`` where that is; an empty title means that it names us."""

    post: Post
    title: str = ""
    on: Place = NOWHERE


class TimelineApi(Api):
    """What is followed (XEP-0330), and what was published there: kept here, so it can be read without a
    connection and searched. Errors of all that ask a service: NotConnected, RequestTimeout, PeerError."""

    published = signal(list[Post], "These posts or comments of what is followed are new, or have changed.")
    retracted = signal(list[Place], "These are gone.")
    answered = signal(list[Response], "Others have commented on posts of ours, like them, or have named us.")
    following_changed = signal(list[Followed], "All that is followed now, and how much of it was not seen.")

    @method
    async def follow(self, node: Place, follow: bool = True) -> None:
        """Have what is published there in our timeline, or no longer."""

    @method
    async def get_following(self) -> list[Followed]:
        """What is followed: what was chosen, the blogs of our contacts, and our own."""

    @method
    async def get_timeline(self, before: int = 0, count: int = 20, unread: bool = False, tag: str = "") -> list[Post]:
        """What was published by all that is followed, the newest first; ``before`` is the order of the last post that
        is known. ``unread``: only those. ``tag``: only with this hashtag."""

    @method
    async def get_answers(self, before: int = 0, count: int = 20) -> list[Response]:
        """What was told by ``answered``, as far as it is kept here, the newest first; ``before`` is the order of the
        last one that is known."""

    @method
    async def discover(self, service: JID = ANYBODY) -> list[Found]:
        """The blog of an account and what it tells that it follows, or the communities of a service, at most 500;
        without a service what our contacts publish and follow, as far as that is known or can be asked soon."""

    @method
    async def get_stories(self) -> list[Post]:
        """Stories of our contacts that have not expired (XEP-0501), the newest first. Who opens a post or a story
        marks it read."""

    @method
    async def mark_read(self, places: list[Place]) -> None:
        """These were seen, in every frontend; none: all."""

    @method
    async def search(self, text: str, before: int = 0, count: int = 20) -> list[Post]:
        """Posts and comments that are stored here and hold these words, the newest first."""
