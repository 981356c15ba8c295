"""What is followed, and what was published there: kept up to date by what the daemon tells."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sat.api import SatError, Signal
from sat.api.posts import MICROBLOG, Place, Post
from sat.plugins.timeline.api import Followed, Response, TimelineApi

PAGE = 20
"""Posts that are loaded at once."""
STORIES = "urn:xmpp:pubsub-social-feed:stories:0"
"""The node of somebody's stories, at their account (XEP-0501)."""


class Following:
    """What a profile follows, and how much of it was not seen."""

    def __init__(self, api: TimelineApi) -> None:
        self.changed: Signal[None] = Signal()
        self.answered: Signal[list[Response]] = Signal()
        """What others have published about us."""
        self.followed: list[Followed] = []
        self._api = api

    @property
    def unread(self) -> int:
        """How many posts were not seen."""
        return sum(each.unread for each in self.followed)

    def follows(self, place: Place) -> bool:
        """Whether what is published there comes here; the id of a place does not matter."""
        return any(each.place == place._replace(id="") for each in self.followed)

    def title(self, place: Place) -> str:
        """What a node is called that is followed; nothing where it is not, or has no name."""
        return next((each.title for each in self.followed if each.place == place._replace(id="")), "")

    def listen(self) -> list[Callable[[], None]]:
        """Hear of changes from now on; what ends that."""
        return [self._api.following_changed.connect(self._heard), self._api.answered.connect(self.answered.emit)]

    async def load(self) -> None:
        """Load them; nothing is followed where the daemon does not know of such things."""
        with suppress(SatError):
            self._heard(await self._api.get_following())

    def _heard(self, followed: list[Followed]) -> None:
        self.followed = followed
        self.changed.emit(None)


class Timeline:
    """Posts of all that is followed, the newest first. What is new waits until it is asked for: nothing that somebody
    reads moves away."""

    def __init__(self, api: TimelineApi) -> None:
        self.changed: Signal[None] = Signal()
        self.posts: list[Post] = []
        self.waiting: list[Post] = []
        """New ones that ``show_new`` puts in front, the newest first."""
        self.stories: list[Post] = []
        """What is to be seen for a day only, the newest first."""
        self.has_older = False
        self.loaded = False
        self.unread_only, self.tag = False, ""
        self._api = api

    def listen(self) -> list[Callable[[], None]]:
        """Hear of posts from now on; what ends that."""
        return [self._api.published.connect(self._published), self._api.retracted.connect(self._retracted)]

    async def load(self) -> None:
        """Load the newest. Raises SatError."""
        unread_only, tag = self.unread_only, self.tag
        posts = await self._api.get_timeline(0, PAGE, unread_only, tag)
        if (unread_only, tag) != (self.unread_only, self.tag):  # something else was chosen meanwhile
            return
        self.posts, self.waiting, self.has_older, self.loaded = posts, [], len(posts) == PAGE, True
        self.changed.emit(None)
        await self._load_stories()

    async def _load_stories(self) -> None:
        with suppress(SatError):  # the timeline is worth reading without them
            stories = await self._api.get_stories()
            if stories != self.stories:
                self.stories = stories
                self.changed.emit(None)

    async def choose(self, *, unread_only: bool = False, tag: str = "") -> None:
        """Show only what was not seen, or has a hashtag. Raises SatError."""
        self.unread_only, self.tag = unread_only, tag
        await self.load()

    async def load_older(self) -> None:
        """Load some that are older than all that are here. Raises SatError."""
        if not self.posts or not self.has_older:
            return
        last = self.posts[-1].order
        older = await self._api.get_timeline(last, PAGE, self.unread_only, self.tag)
        if not self.posts or self.posts[-1].order != last:  # others were loaded meanwhile
            return
        self.posts += older
        self.has_older = len(older) == PAGE
        self.changed.emit(None)

    def show_new(self) -> None:
        """Put those that wait in front."""
        self.posts, self.waiting = [*self.waiting, *self.posts], []
        self.changed.emit(None)

    def find(self, place: Place) -> Post | None:
        """A post that is here."""
        return next((each for each in (*self.stories, *self.posts, *self.waiting) if each.place == place), None)

    def _published(self, posts: list[Post]) -> None:
        for post in posts:
            for shown in (self.stories, self.posts, self.waiting):
                at = next((n for n, each in enumerate(shown) if each.place == post.place), None)
                if at is not None:
                    shown[at] = post
                    break
            else:
                self._came(post)
        self.changed.emit(None)

    def _came(self, post: Post) -> None:
        """A post that is not here: new, unless it is older than what is, or of another kind."""
        if is_story(post):
            self.stories.insert(0, post)
            return
        newest = max((each.order for each in (*self.posts[:1], *self.waiting[:1])), default=0)
        fits = (post.unread or not self.unread_only) and (not self.tag or self.tag in post.tags)
        if self.loaded and fits and not is_comment(post) and post.order > newest:
            self.waiting.insert(0, post)

    def _retracted(self, places: list[Place]) -> None:
        gone = set(places)
        self.stories = [each for each in self.stories if each.place not in gone]
        self.posts = [each for each in self.posts if each.place not in gone]
        self.waiting = [each for each in self.waiting if each.place not in gone]
        self.changed.emit(None)


def is_comment(post: Post) -> bool:
    """Whether it is a comment on another post (XEP-0277 §4.1)."""
    return post.place.node.startswith(f"{MICROBLOG}:comments/")


def is_story(post: Post) -> bool:
    """Whether it is to be seen for a day only (XEP-0501)."""
    return post.place.node == STORIES
