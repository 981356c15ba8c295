"""Posts that are not published yet, as a list of posts: what is changed elsewhere is seen at once."""

from __future__ import annotations

from collections.abc import Callable
from time import time as now

from sat.api import JID, Signal
from sat.api.errors import error_named
from sat.api.posts import MICROBLOG, Place, Post
from sat.plugins.blog_drafts.api import BlogDraftsApi, Kept
from sat_frontends.quick_frontend.post_words import node_name
from sat_frontends.quick_frontend.text import clean_line, moment


class DraftList:
    """The drafts of a profile, the one changed last first."""

    title = "Drafts"

    def __init__(self, api: BlogDraftsApi, own: JID) -> None:
        self.changed: Signal[None] = Signal()
        self.posts: list[Post] = []
        self.waiting: list[Post] = []
        self.has_older = self.loaded = False
        self._api, self._own = api, own.bare
        self._kept: dict[str, Kept] = {}

    @property
    def rows(self) -> list[Post]:
        """What is listed."""
        return self.posts

    def listen(self) -> list[Callable[[], None]]:
        """Hear of changes from now on; what ends that."""
        return [self._api.changed.connect(self._heard)]

    async def load(self) -> None:
        """Load them all. Raises SatError."""
        self._heard(await self._api.get_all())

    async def load_older(self) -> None:
        """There are no others."""

    def show_new(self) -> None:
        """What is new is shown at once."""

    def replace(self, post: Post) -> None:
        """They are changed by the daemon only."""

    def find(self, post: Post) -> Kept:
        """The draft that is shown as this post."""
        return self._kept[post.place.id]

    def about(self, post: Post) -> str:
        """What is to become of it, in a clean line."""
        return outlook(self.find(post), self._own, now())

    def _heard(self, kept: list[Kept]) -> None:
        self._kept = {each.id: each for each in kept}
        self.posts, self.loaded = [self._shown(each) for each in kept], True
        self.changed.emit(None)

    def _shown(self, kept: Kept) -> Post:
        draft = kept.draft
        return Post(
            Place(self._own, "", kept.id),
            self._own,
            verified=True,
            title=draft.title,
            text=draft.body,
            lang=draft.lang,
            published=kept.changed,
            updated=kept.changed,
            tags=draft.tags,
            enclosures=draft.enclosures,
        )


def outlook(kept: Kept, own: JID, today: float) -> str:
    """What is to become of a draft, in a clean line: ``kept 15:54 · for verona at blogs.example.org``."""
    where = "changes a post" if kept.node.id else ""
    if kept.node.node not in ("", MICROBLOG) or kept.node.service not in ("", own.bare):
        where = f"for {node_name(kept.node, own)}"
    said = f"kept {moment(kept.changed, today)}"
    if kept.problem:
        said = f"not published: {clean_line(str(error_named(kept.problem, kept.details)))}"
    elif kept.due:
        said = f"is published {moment(kept.due, today)}"
    return " · ".join(filter(None, (said, where)))
