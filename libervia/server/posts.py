"""Posts as pages draw them, and where these pages are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import quote, urlencode

from markupsafe import Markup

from libervia.server.page import Visit, not_found
from libervia.server.render import segment
from sat.api import JID
from sat.api.posts import MICROBLOG, NOWHERE, Place, Post
from sat_frontends.quick_frontend import post_words
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.post_html import has_pictures, picture_address, post_html
from sat_frontends.quick_frontend.text import clean_line

LONG = 600
"""Characters of a post in a list; the whole is on its own page."""
FILES_AT_MOST = 20
LANGUAGES_AT_MOST = 30
REACTIONS_AT_MOST = 20
"""Emojis that are shown at a post: strangers can put any number there."""
EMOJI_AT_MOST = 16
"""Characters of one: a family of four, in any colour, has eleven."""


class FileItem(NamedTuple):
    """A file of a post: a link, or the picture itself."""

    url: str
    label: str
    picture: bool


class Reacted(NamedTuple):
    """An emoji that was put to a post, how it is named in a form, by how many it was put there, and whether we have."""

    emoji: str
    value: str
    many: int
    own: bool


class PostItem(NamedTuple):
    """A post as it is drawn. ``pictures`` says that there are some."""

    post: Post
    anchor: str
    path: str
    heading: str
    author: str
    address: str
    doubt: str
    html: Markup
    lang: str
    tags: list[tuple[str, str]]
    counts: str
    reactions: list[Reacted]
    files: list[FileItem]
    url: str
    via: str
    own: bool
    can_comment: bool
    long: bool
    pictures: bool


class CommentItem(NamedTuple):
    """A comment, and how many steps it stands to the right."""

    item: PostItem
    depth: int


def view_path(place: Place) -> str:
    """Where a blog or a post is read by who is logged in."""
    return _path("/blog/view", place)


def view_place(visit: Visit) -> Place:
    """The place that such an address names. Errors: InvalidAddress; HttpError where there is none."""
    if not visit.argument:
        raise not_found()
    node, id = (*visit.more, "", "")[:2]
    node = node or visit.query.get("node", "") or MICROBLOG
    return Place(JID.parse(visit.argument).bare, node, id or visit.query.get("id", ""))


def edit_path(place: Place) -> str:
    """Where a post of ours is edited."""
    return _path("/blog/edit", place)


def public_path(name: str, id: str = "", tag: str = "", *, older: str = "", lang: str = "") -> str:
    """Where everybody reads a blog, from ``older`` on, one post of it, in a language, or those with a hashtag."""
    base, query = f"/u/{segment(name)}", {}
    if tag and passes(tag):
        base = f"{base}/tag/{segment(tag)}"
    elif tag:
        query["tag"] = tag
    elif id and passes(id) and id != FEED:
        base = f"{base}/{segment(id)}"
    elif id:
        query["id"] = id
    if older:
        query["older"] = older
    if lang:
        query["lang"] = lang
    return f"{base}?{urlencode(query)}" if query else base


def feed_path(name: str, older: str = "") -> str:
    """Where its feed is, from ``older`` on."""
    return f"{public_path(name)}/{FEED}" + (f"?{urlencode({'older': older})}" if older else "")


FEED = "atom.xml"
DRAFTS = "/blog/drafts"


def draft_path(id: str) -> str:
    """Where a draft is gone on with."""
    return f"/blog/new?{urlencode({'draft': id})}"


def in_language(post: Post, lang: str) -> Post:
    """A post as it is in a language, if it is there in that one."""
    version = next((each for each in post.versions if each.lang == lang), None) if lang != post.lang else None
    if version is None:
        return post
    return post._replace(lang=version.lang, title=version.title, text=version.text, html=version.html)


def languages(post: Post, shown: Post, path: Callable[[str], str]) -> list[tuple[str, str]]:
    """The languages that a post is in, and where it is shown in each; nowhere for the one in which it is ``shown``."""
    if not post.versions:
        return []
    found = [(post.lang, path("")), *((each.lang, path(each.lang)) for each in post.versions[:LANGUAGES_AT_MOST])]
    return [(clean_line(lang) or "?", "" if lang == shown.lang else where) for lang, where in found]


def _path(base: str, place: Place) -> str:
    parts: list[str] = [place.service]
    if place.node != MICROBLOG or place.id:
        parts.append(place.node)
    if place.id:
        parts.append(place.id)
    if all(passes(each) for each in parts):
        return "/".join([base, *(segment(each) for each in parts)])
    return f"{base}/{segment(place.service)}?{urlencode({'node': place.node, 'id': place.id}, quote_via=quote)}"


def passes(text: str) -> bool:
    """Whether a text gets through browsers and :func:`libervia.server.parsing.path_part` as a part of a path."""
    return bool(text) and text.isprintable() and "\\" not in text and text not in (".", "..")


def post_item(
    live: LiveProfile, post: Post, *, pictures: bool = False, short: bool = False, level: int = 3
) -> PostItem:
    """A post for who is logged in; ``short`` in a list. ``level`` is that of its highest heading."""
    own = post.author == live.jid
    known = post.verified and (own or live.contacts.contact(post.author) is not None)
    item = _item(post, pictures, level)
    return item._replace(
        path=view_path(post.place),
        author=("You" if own else live.contacts.label(post.author)) if known else item.author,
        tags=[(each, f"/timeline?{urlencode({'tag': each})}") for each in post.tags[:FILES_AT_MOST]],
        via=view_path(post.via) if post.via != NOWHERE else "",
        own=own and (post.verified or post.place.service == live.jid),
        long=short and len(post.text) > LONG,
        anchor=anchor(post.place),
        pictures=has_pictures(post.html) or any(each.picture for each in _files(post, True)),
    )


def public_item(name: str, post: Post, *, of_blog: bool = True, level: int = 3) -> PostItem:
    """A post of a public blog, or a comment there: pictures are only shown that its author has chosen."""
    if not of_blog:
        return _item(post, False, level)
    tags = [(each, public_path(name, tag=each)) for each in post.tags[:FILES_AT_MOST]]
    return _item(post, True, level, public_path(name, post.place.id), tags)


def _item(post: Post, pictures: bool, level: int, path: str = "", tags: Iterable[tuple[str, str]] = ()) -> PostItem:
    return PostItem(
        post,
        "",
        path,
        post_words.heading(post),
        post_words.author(post),
        post.author,
        post_words.doubt(post),
        post_html(post.html, pictures, level) if post.html else post_html_of_text(post.text),
        post.lang if post.lang.replace("-", "").isalnum() and post.lang.isascii() and len(post.lang) < 36 else "",
        list(tags),
        post_words.counts(post),
        _reactions(post),
        _files(post, pictures),
        post_words.harmless(post.url),
        "",
        own=False,
        can_comment=post_words.can_comment(post),
        long=False,
        pictures=False,
    )


def post_html_of_text(text: str) -> Markup:
    """A post that has no HTML."""
    return Markup('<p class="lines">{}</p>').format(text)


def _reactions(post: Post) -> list[Reacted]:
    if not post.reactions:
        return []
    found = [each for each in post.reactions.items() if len(each[0]) <= EMOJI_AT_MOST]
    found = sorted(found, key=lambda each: -each[1])[:REACTIONS_AT_MOST]
    return [Reacted(emoji, quote(emoji, safe=""), count, emoji in post.reacted) for emoji, count in found]


def _files(post: Post, pictures: bool) -> list[FileItem]:
    found = []
    for each in post.enclosures[:FILES_AT_MOST]:
        url = post_words.harmless(each.url)
        if url:
            shown = pictures and each.type.startswith("image/") and bool(picture_address(url))
            label = clean_line(each.title.strip() or url.partition("?")[0].rpartition("/")[2] or url)
            found.append(FileItem(url, label, shown))
    return found


def comment_items(live: LiveProfile | None, comments: list[Post], name: str = "") -> list[CommentItem]:
    """Comments with their answers below them; of a public page where ``live`` is None."""
    return [
        CommentItem(
            public_item(name, post, of_blog=False, level=4) if live is None else post_item(live, post, level=4), depth
        )
        for post, depth in post_words.threaded(comments)
    ]


def anchor(place: Place) -> str:
    """What a post is found by on a page; ids may hold anything."""
    return "p" + hashlib.sha256("\n".join(place).encode()).hexdigest()[:12]


def own_blog(jid: JID) -> Place:
    """The blog of an account."""
    return Place(jid.bare, MICROBLOG)
