"""Posts of ours: written in the person's editor, published now or later, changed, renamed, deleted; and drafts."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from sat.api import SatError
from sat.api.posts import MICROBLOG, NOWHERE, Draft, Place, Post
from sat_frontends.primitivus.post_dialog import PostDialog, Written
from sat_frontends.primitivus.posts_pane import PostsPane
from sat_frontends.quick_frontend.blog_commands import renamed
from sat_frontends.quick_frontend.draft_list import DraftList
from sat_frontends.quick_frontend.post_lists import BlogList
from sat_frontends.quick_frontend.post_words import DELETING, heading

if TYPE_CHECKING:
    from sat_frontends.primitivus.posts import Posts

EMPTY = Draft("")


class PostWriting:
    """The actions of ``Where.POSTS`` on what is ours."""

    def __init__(self, posts: Posts) -> None:
        self.posts, self.app = posts, posts.app
        self.misread: dict[tuple[Place, str], str] = {}
        """Texts that could not be read as a post, by where they were to be published and the draft that they change."""

    def _own(self, post: Post | None) -> Post | None:
        if post is not None and post.author.bare == self.app.live.jid:
            return post
        self.app.notice("Only a post of yours can be changed.")
        return None

    # -- writing -------------------------------------------------------------------------------------------------

    def do_new_post(self, pane: PostsPane) -> None:
        node = Place(self.app.live.jid)
        if isinstance(pane.posts, BlogList) and pane.posts.node.node != MICROBLOG:
            node = pane.posts.node
        self.posts.do(self._write(Written(EMPTY, node)))

    def do_edit_post(self, pane: PostsPane) -> None:
        if isinstance(pane.posts, DraftList):
            if pane.selected is not None:
                self.posts.do(self._write(Written.of(pane.posts.find(pane.selected))))
            return
        post = self._own(pane.current)
        if post is not None and not pane.on_comment:
            self.posts.do(self._edit(post))

    async def _edit(self, post: Post) -> None:
        await self._write(Written(await self.app.live.apis.blog.source(post.place), post.place))

    async def _write(self, written: Written) -> None:
        """Have it written in the person's editor, then ask what is to become of it. What cannot be read as a post is
        there the next time."""
        from sat_frontends.primitivus.editing import write
        from sat_frontends.quick_frontend.front_matter import from_draft, to_draft

        before, key = from_draft(written.draft), (written.node, written.kept)
        text = await write(self.app, self.misread.get(key, before), "post.md")
        if text is None or (text == before and not written.changed):
            return
        self.misread[key] = text
        try:
            draft = to_draft(text, written.draft)
        except SatError:
            self.app.telling.answer("What you wrote is kept: the same key opens it again.")
            raise
        del self.misread[key]
        self._ask(written._replace(draft=draft, changed=True))

    def _ask(self, written: Written) -> None:
        PostDialog(self.app, written, again=self._again, published=self._published)

    def _again(self, written: Written) -> None:
        self.posts.do(self._write(written))

    async def _published(self, written: Written, post: Post | None) -> None:
        """It is there: show it."""
        pane = self.posts.pane
        if pane is None or isinstance(pane.posts, DraftList):
            return
        before = next((each for each in pane.posts.posts if post is not None and each.place == post.place), None)
        if post is None or before is None:
            await pane.posts.load()
        else:
            same = {name: getattr(before, name) for name in _STAYS}
            pane.change(post._replace(**same))

    # -- drafts --------------------------------------------------------------------------------------------------

    def publish_draft(self, drafts: DraftList, post: Post | None) -> None:
        """Ask what is to become of a draft."""
        if post is not None:
            self._ask(Written.of(drafts.find(post)))

    # -- what is there already -----------------------------------------------------------------------------------

    def do_rename_post(self, pane: PostsPane) -> None:
        post = None if isinstance(pane.posts, DraftList) else self._own(pane.current)
        if post is None or pane.on_comment:
            return

        def go(slug: str) -> None:
            if slug.strip() not in ("", post.place.id):
                self.posts.do(self._rename(pane, post, slug.strip()))

        self.posts.ask_text("Another address for the post", "Last part:", "Rename", go, post.place.id)

    async def _rename(self, pane: PostsPane, post: Post, slug: str) -> None:
        place = await self.app.live.apis.blog.rename(post.place, slug)
        pane.close_post()
        await pane.posts.load()
        self.app.notice(renamed(place))

    def do_delete_post(self, pane: PostsPane) -> None:
        if isinstance(pane.posts, DraftList):
            self._delete_draft(pane.posts, pane.selected)
            return
        post = self._own(pane.current)
        if post is None:
            return
        words = DELETING if post.comments != NOWHERE else "The comment is taken back. Others may have read it."
        self._confirm(post, words, partial(self._deleted, pane, post))

    def _delete_draft(self, drafts: DraftList, post: Post | None) -> None:
        if post is not None:
            words = "Nobody else has seen this draft; it cannot be had back."
            self._confirm(post, words, partial(self.app.live.apis.blog_drafts.drop, drafts.find(post).id))

    def _confirm(self, post: Post, words: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def do() -> None:
            await self.posts.told(work(), "It is deleted.")

        self.app.ask(f"Delete “{heading(post)}”"[:60], words, "Delete", do)

    async def _deleted(self, pane: PostsPane, post: Post) -> None:
        await self.app.live.apis.blog.delete(post.place)
        if pane.on_comment and pane.comments is not None:
            await pane.comments.load()
        else:
            pane.close_post()
            await pane.posts.load()


_STAYS = ("order", "likes", "liked", "said", "reactions", "reacted", "noticed", "unread")
"""What a text of a post does not change, and the answer of the daemon does not tell."""
