"""What is done with a post that is read: its languages, its files, what is known of it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import urwid

from sat.api.places import to_uri
from sat.api.posts import Post
from sat_frontends.primitivus.dialogs import Choice
from sat_frontends.primitivus.file_acts import open_address, save_files
from sat_frontends.primitivus.picking import pick
from sat_frontends.primitivus.posts_pane import PostsPane
from sat_frontends.quick_frontend.languages import languages
from sat_frontends.quick_frontend.post_files import described, files
from sat_frontends.quick_frontend.post_words import author, counts, doubt
from sat_frontends.quick_frontend.reacting import reactions
from sat_frontends.quick_frontend.text import clean, clean_line, moment

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

NO_FILE = "No file came with this post."


class PostReading:
    """The actions of ``Where.POSTS`` that change nothing anywhere."""

    def __init__(self, app: App) -> None:
        self.app = app

    def do_other_language(self, pane: PostsPane) -> None:
        if not pane.turn_language():
            self.app.notice("This post is in one language only.")

    def do_open_enclosure(self, pane: PostsPane) -> None:
        found = files(pane.current) if pane.current is not None else []
        if not found:
            self.app.notice(NO_FILE)
        elif len(found) == 1:
            self._open(found[0].url)
        else:
            choices = [Choice(described(each), "", each.url) for each in found]
            pick(self.app, "Open a file", choices, lambda choice: self._open(str(choice.value)))

    def _open(self, url: str) -> None:
        self.app.loop.spawn(open_address(self.app, url))

    def do_save_enclosures(self, pane: PostsPane) -> None:
        found = files(pane.current) if pane.current is not None else []
        if not found:
            self.app.notice(NO_FILE)
            return
        get = self.app.live.apis.attachments.get_url
        self.app.loop.spawn(save_files(self.app, [partial(get, each.url) for each in found]))

    def do_copy_post(self, pane: PostsPane) -> None:
        post, screen = pane.spoken, self.app.loop.screen
        if post is None:
            return
        if hasattr(screen, "copy_to_clipboard"):
            screen.copy_to_clipboard(clean(f"{post.title}\n\n{post.text}".strip()))
        self.app.notice("Copied, if the terminal allows it (OSC 52).")

    def do_post_info(self, pane: PostsPane) -> None:
        post = pane.current
        if post is not None:
            self.app.read("Post", list(_known(post, pane.posts.about(post))))


def _known(post: Post, about: str) -> list[str | urwid.Widget]:
    """What is known of a post, a line each."""
    if about:  # it is not published yet
        return [about]
    now = time.time()
    lines = [f"By: {author(post)} {clean_line(post.author)}".rstrip(), doubt(post)]
    lines.append(f"Published: {moment(post.published, now)}")
    if post.updated > post.published:
        lines.append(f"Changed: {moment(post.updated, now)}")
    lines.append(f"Address: {clean_line(to_uri(post.place))}")
    lines.append(f"On the web: {clean_line(post.url)}" if post.url else "")
    if post.versions:
        lines.append(f"Languages: {clean_line(', '.join(filter(None, languages(post))))}")
    lines.append(counts(post))
    lines += [f"{each.emoji} {each.people}{', one is yours' if each.own else ''}" for each in reactions(post)]
    return [line for line in lines if line]
