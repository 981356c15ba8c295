"""The timeline and blogs: their lists, and what keys do in them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from sat.api import SatError
from sat.api.posts import NOWHERE, Enclosure, Place, Post
from sat.api.values import ANYBODY
from sat_frontends.primitivus.dialogs import Answer, Dialog, framed
from sat_frontends.primitivus.keys import Where
from sat_frontends.primitivus.pictures import Pictures, Shown
from sat_frontends.primitivus.post_reading import PostReading
from sat_frontends.primitivus.post_saying import PostSaying
from sat_frontends.primitivus.post_writing import PostWriting
from sat_frontends.primitivus.posts_pane import PostsPane
from sat_frontends.primitivus.view import Zone
from sat_frontends.quick_frontend.blog_commands import followed
from sat_frontends.quick_frontend.draft_list import DraftList
from sat_frontends.quick_frontend.languages import own_language
from sat_frontends.quick_frontend.post_lists import (
    AnswerList,
    BlogList,
    CommentList,
    FoundList,
    PostList,
    TimelineList,
)
from sat_frontends.quick_frontend.post_words import node_name

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

_HINTS = {"open_post": "read", "new_post": "write", "comment": "comment", "react_to_post": "react", "help": "help"}
_DRAFT_HINTS = {"open_post": "publish", "edit_post": "edit", "delete_post": "delete", "help": "help"}


class Posts:
    """The actions of ``Where.POSTS``, and the lists that are shown there: each over the one from which one came."""

    PARTS = (PostReading, PostSaying, PostWriting)

    def __init__(self, app: App) -> None:
        self.app = app
        self.language = own_language()
        self.pane: PostsPane | None = None
        self.saying, self.writing = PostSaying(self), PostWriting(self)
        self._parts = (self, PostReading(app), self.saying, self.writing)
        self._pictures = Pictures(app.loop, app.frame.gallery, lambda: app.live.apis, self._changed)
        self._lists: list[tuple[PostList, list[Callable[[], object]]]] = []
        self._unheard: list[Callable[[], object]] = []  # what ends that we hear of comments
        self._size = (80, 20)

    @property
    def shown(self) -> bool:
        """Whether they are on the screen."""
        return self.app.view.zone is Zone.POSTS

    @property
    def title(self) -> str:
        """What is shown."""
        return self.pane.posts.title if self.pane is not None else ""

    # -- opening and closing -------------------------------------------------------------------------------------

    def open_timeline(self) -> None:
        """Show the timeline, or go back to it."""
        self._close_lists()
        self._push(TimelineList(self.app.live.apis.timeline))

    def open_blog(self, place: Place) -> None:
        """Show a blog, or a post in it."""
        live = self.app.live
        self._push(BlogList(live.apis.blog, live.apis.timeline, place, live.jid))
        if place.id:
            self.do(self._go_to(place))

    def open_drafts(self) -> None:
        """Show what is not published yet."""
        if self.pane is None or not isinstance(self.pane.posts, DraftList):
            self._push(DraftList(self.app.live.apis.blog_drafts, self.app.live.jid))
        else:
            self._enter()

    def open_answers(self) -> None:
        """Show what others have said of our posts, and who names us."""
        if self.pane is None or not isinstance(self.pane.posts, AnswerList):
            self._push(AnswerList(self.app.live.apis.timeline))
        else:
            self._enter()

    def turn(self) -> None:
        """Show them where they are not shown, or go back to the conversation."""
        if self.shown:
            self.leave()
        elif self.pane is None:
            self.open_timeline()
        else:
            self._enter()

    def leave(self) -> None:
        """Back to the conversation; the lists stay as they are."""
        self.app.view.enter(Zone.INPUT)
        self.app.look()
        self.app.refresh()

    def close(self) -> None:
        """Another profile is shown, or none."""
        self._close_lists()
        self.saying.kept.clear()
        self.writing.misread.clear()
        if self.shown:
            self.leave()

    def reload(self) -> None:
        """The daemon was away."""
        if self.pane is not None:
            self.do(self.pane.posts.load())

    def _close_lists(self) -> None:
        self._hear_no_comments()
        for _, unheard in self._lists:
            for each in unheard:
                each()
        self._lists, self.pane = [], None

    def _hear_no_comments(self) -> None:
        for each in self._unheard:
            each()
        self._unheard = []

    def _push(self, posts: PostList) -> None:
        self._lists.append((posts, [*posts.listen(), posts.changed.connect(lambda _: self._changed())]))
        self._show(posts)
        self.do(posts.load())

    def _show(self, posts: PostList) -> None:
        self._hear_no_comments()
        if self.pane is None:
            self.pane = PostsPane(posts, self.app.symbols, self)
            self.app.view.set(posts=self.pane)
        else:
            self.pane.show(posts)
        self._enter()

    def _enter(self) -> None:
        self.app.view.enter(Zone.POSTS)
        self.app.look()
        self.app.refresh()

    def _changed(self) -> None:
        if self.pane is not None:
            self.pane.refresh()
            self.app.loop.redraw()

    # -- what the pane asks (``posts_pane.Events``) ----------------------------------------------------------------

    def hint(self) -> str:
        """The keys that a person may want now."""
        names = _DRAFT_HINTS if self.pane is not None and isinstance(self.pane.posts, DraftList) else _HINTS
        dot = f" {self.app.symbols.middot} "
        return dot.join(f"{self.shown_key(action)} {word}" for action, word in names.items())

    def shown_key(self, action: str) -> str:
        """The key of an action, as people read it."""
        return self.app.keymap.shown(action)

    def picture(self, post: Post, file: Enclosure) -> Shown | None:
        """A picture of a post that is read, if it can be shown."""
        return self._pictures.find_of_post(post, file)

    def load_older(self) -> None:
        """The end of the list comes near."""
        if self.pane is not None:
            self.do(self.pane.posts.load_older())

    def load_earlier(self) -> None:
        """The first comments that are loaded are reached."""
        if self.pane is not None and self.pane.comments is not None:
            self.do(self.pane.comments.load_older())

    # -- doing ---------------------------------------------------------------------------------------------------

    def do(self, work: Coroutine[Any, Any, Any], said: str = "") -> None:
        """Do it in the background; what went wrong, or was done, is told."""
        self.app.loop.spawn(self.told(work, said))

    async def told(self, work: Coroutine[Any, Any, Any], said: str = "") -> None:
        """Do it; what went wrong, or was done, is told."""
        try:
            await work
        except SatError as error:
            if self.pane is not None and not self.pane.posts.loaded:
                self.pane.error = str(error)
                self.pane.refresh()
            self.app.failed(error)
        else:
            if self.pane is not None and self.pane.error and self.pane.posts.loaded:
                self.pane.error = ""
            if said:
                self.app.notice(said)

    async def _go_to(self, place: Place) -> None:
        (post,) = (await self.app.live.apis.blog.get(place)).posts
        self._read(post)

    def key(self, size: tuple[int, int], key: str) -> str | None:
        """A key while they are shown."""
        self._size = (size[0], self.app.view.body_rows(size))
        action = self.app.keymap.action(Where.POSTS, key)
        if not action or self.pane is None:
            return key
        owner = next(each for each in self._parts if hasattr(each, f"do_{action}"))
        handler: Callable[[PostsPane], object] = getattr(owner, f"do_{action}")
        handler(self.pane)
        self.app.refresh()
        return None

    def scroll(self, size: tuple[int, int], key: str) -> None:
        """A page up or down."""
        if self.pane is not None:
            self.pane.move((size[0], self.app.view.body_rows(size)), key)

    def do_previous_post(self, pane: PostsPane) -> None:
        pane.move(self._size, "up")

    def do_next_post(self, pane: PostsPane) -> None:
        pane.move(self._size, "down")

    def do_first_post(self, pane: PostsPane) -> None:
        if pane.opened is None:
            pane.posts.show_new()
        pane.to_end(self._size, last=False)

    def do_last_post(self, pane: PostsPane) -> None:
        pane.to_end(self._size, last=True)

    def do_open_post(self, pane: PostsPane) -> None:
        post = pane.selected
        if isinstance(pane.posts, DraftList):
            self.writing.publish_draft(pane.posts, post)
        elif pane.opened is None and post is not None:
            ours = pane.posts.on(post) if isinstance(pane.posts, AnswerList) else NOWHERE
            if ours == NOWHERE:
                self._read(post)
            else:
                self.do(self._go_to(ours))

    def _read(self, post: Post) -> None:
        live, pane = self.app.live, self.pane
        if pane is None:
            return
        self._hear_no_comments()
        comments = CommentList(live.apis.blog, live.apis.timeline, post)
        self._unheard = [*comments.listen(), comments.changed.connect(lambda _: self._changed())]
        pane.open_post(post, comments)
        self.do(comments.load())
        if post.unread:
            pane.change(post._replace(unread=False))
            self.do(live.apis.timeline.mark_read([post.place]))

    def do_leave_posts(self, pane: PostsPane) -> None:
        """Out of the post, then of the list that was opened from another one, then back to the conversation."""
        if pane.opened is not None:
            self._hear_no_comments()
            pane.close_post()
        elif len(self._lists) > 1:
            for each in self._lists.pop()[1]:
                each()
            pane.show(self._lists[-1][0])
        else:
            if not isinstance(pane.posts, TimelineList):  # the next time one wants that
                self._close_lists()
            self.leave()

    def do_posts_command(self, pane: PostsPane) -> None:
        self.leave()
        if not self.app.input.text:
            self.app.input.set_text("/")

    def do_mark_all_read(self, pane: PostsPane) -> None:
        self.do(self.app.live.apis.timeline.mark_read([]), "All posts count as read.")

    def do_only_unread(self, pane: PostsPane) -> None:
        posts = pane.posts
        if not isinstance(posts, TimelineList):
            self.app.notice("Only the timeline knows what was read.")
            return
        pane.close_post()
        self.do(posts.choose(unread_only=not posts.unread_only))

    def do_find_posts(self, pane: PostsPane) -> None:
        def found(text: str) -> None:
            if text.strip():
                self._push(FoundList(self.app.live.apis.timeline, text.strip()))

        self.ask_text("Find posts", "Words:", "Find", found)

    def do_author_blog(self, pane: PostsPane) -> None:
        if pane.current is not None:
            self.open_blog(Place(pane.current.author))

    def do_follow(self, pane: PostsPane) -> None:
        if isinstance(pane.posts, BlogList):
            node = pane.posts.node
        elif pane.current is not None and not pane.on_comment and not isinstance(pane.posts, DraftList):
            node = pane.current.place._replace(id="")
        else:
            return
        live = self.app.live
        follow = not live.following.follows(node)
        self.do(live.apis.timeline.follow(node, follow), followed(node_name(node, live.jid), follow))

    def do_drafts(self, pane: PostsPane) -> None:
        self.open_drafts()

    def do_answers(self, pane: PostsPane) -> None:
        self.open_answers()

    def do_access(self, pane: PostsPane) -> None:
        from sat_frontends.primitivus.blog_access import open_access

        own, node = self.app.live.jid, pane.posts.node if isinstance(pane.posts, BlogList) else NOWHERE
        ours = node.service == own or (node != NOWHERE and not node.service.local)  # a community may be
        self.do(open_access(self.app, node if ours else Place(own)))

    def do_discover(self, pane: PostsPane) -> None:
        self.app.open_blog_discovery(ANYBODY)

    def ask_text(self, title: str, label: str, yes: str, do: Callable[[str], object], text: str = "") -> None:
        """Ask for a line of text."""
        edit = self.app.kit.entry(label, text)

        def go() -> None:
            self.app.close_dialog(dialog)
            do(str(edit.edit_text))

        def cancel() -> None:
            self.app.close_dialog(dialog)

        answers = [Answer(yes, go), Answer("Cancel", cancel)]
        dialog = Dialog(title, [framed(edit)], answers, kit=self.app.kit, cancel=cancel)
        self.app.open_dialog(dialog, 64)
