"""What is said of posts: likes, reactions, comments; posts repeated in our own blog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import SatError
from sat.api.posts import Place, Post
from sat_frontends.primitivus.picking import open_reactions
from sat_frontends.primitivus.posts_pane import PostsPane
from sat_frontends.quick_frontend.draft_list import DraftList
from sat_frontends.quick_frontend.post_words import can_comment
from sat_frontends.quick_frontend.reacting import reacted, toggled

if TYPE_CHECKING:
    from sat_frontends.primitivus.posts import Posts


class PostSaying:
    """The actions of ``Where.POSTS`` with which one answers."""

    def __init__(self, posts: Posts) -> None:
        self.posts, self.app = posts, posts.app
        self.kept: dict[Place, str] = {}
        """Comments that could not be published, by their post."""

    def _post(self, pane: PostsPane) -> Post | None:
        """The post itself, also where one of its comments is chosen."""
        return None if isinstance(pane.posts, DraftList) else pane.opened or pane.selected

    def do_like(self, pane: PostsPane) -> None:
        post = self._post(pane)
        if post is not None:
            self.posts.do(self._like(pane, post))

    async def _like(self, pane: PostsPane, post: Post) -> None:
        await self.app.live.apis.blog.like(post.place, not post.liked)
        likes = max(0, post.likes + (-1 if post.liked else 1))
        pane.change(post._replace(liked=not post.liked, likes=likes))

    def do_react_to_post(self, pane: PostsPane) -> None:
        post = None if isinstance(pane.posts, DraftList) else pane.current
        if post is None:
            return
        put = {emoji: False for emoji, count in post.reactions.items() if count > 0} | dict.fromkeys(post.reacted, True)
        open_reactions(self.app, put, lambda emoji: self.posts.do(self._react(pane, post, emoji)))

    async def _react(self, pane: PostsPane, post: Post, emoji: str) -> None:
        ours = toggled(post, emoji)
        await self.app.live.apis.blog.react(post.place, ours)
        pane.change(reacted(post, ours))

    def do_comment(self, pane: PostsPane) -> None:
        post, answered = self._post(pane), pane.current
        if post is None:
            return
        if not can_comment(post):
            self.app.notice("Nobody can comment on this post.")
            return
        answers = answered.place.id if answered is not None and pane.on_comment else ""
        self.posts.ask_text(
            "Answer the comment" if answers else "Comment",
            "Text:",
            "Send",
            lambda text: self.posts.do(self._comment(pane, post, text, answers)),
            self.kept.get(post.place, ""),
        )

    async def _comment(self, pane: PostsPane, post: Post, text: str, answers: str) -> None:
        try:
            await self.app.live.apis.blog.comment(post.place, text, answers)
        except SatError:
            self.kept[post.place] = text
            raise
        self.kept.pop(post.place, None)
        pane.posts.replace(post._replace(said=post.said + 1))
        if pane.comments is not None and pane.comments.post.place == post.place:
            await pane.comments.load()
        self.app.notice("Your comment is there.")

    def do_earlier_comments(self, pane: PostsPane) -> None:
        if pane.comments is not None and pane.comments.has_older:
            self.posts.do(pane.comments.load_older())
        else:
            self.app.notice("Nothing was said before." if pane.comments is not None else "Open a post first.")

    def do_repeat(self, pane: PostsPane) -> None:
        post = self._post(pane)
        if post is None:
            return

        def go(text: str) -> None:
            self.posts.do(self.app.live.apis.blog.repeat(post.place, text), "It is in your blog now.")

        self.posts.ask_text("Repeat it in your blog", "Your words:", "Repeat", go)
