"""Posts as values and as rows, and their words in the index for the search."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sat.api.posts import HEART, NOWHERE, Enclosure, Place, Post, Version
from sat.api.values import JID
from sat.storage.cached import Cached
from sat.storage.database import Cursor

log = logging.getLogger(__name__)

POST_TEXT = """CREATE VIRTUAL TABLE post_text USING fts5 (
    title, text, scope, content = 'post_words', content_rowid = 'id', columnsize = 0, prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2')"""
"""How the index is made: by the migration, and again when it is found broken."""

POSTS = Cached("post_node", "post", "post_text", "post_words", "title, text, scope", POST_TEXT)

FIELDS = "author, title, text, more, heart, comments_service, comments_node, value"
"""The columns that :func:`columns_of` gives."""


class Attached(NamedTuple):
    """What is put to a post (XEP-0470): by whom a heart, by how many each other emoji, by us all of them, and how many
    have only noticed it."""

    hearts: list[JID] = []  # noqa: RUF012 - a named tuple's default, never changed
    reactions: dict[str, int] = {}  # noqa: RUF012
    reacted: list[str] = []  # noqa: RUF012
    noticed: int = 0


NOTHING = Attached()

SELECT = (
    "SELECT p.id, n.service, n.node, p.item, p.author, p.title, p.text, p.unread, p.comments_service, p.comments_node,"
    " p.value, p.attached,"
    " (SELECT count(DISTINCT s.author) FROM post s WHERE s.node = c.id AND s.heart = 1)"
    " + (SELECT count(*) FROM json_each(iif(json_valid(p.attached), p.attached, '{}'), '$.hearts') h WHERE NOT EXISTS"
    " (SELECT 1 FROM post s WHERE s.node = c.id AND s.heart = 1 AND s.author = h.value)),"
    " EXISTS (SELECT 1 FROM post s WHERE s.node = c.id AND s.heart = 1 AND s.author = :own) OR EXISTS"
    " (SELECT 1 FROM json_each(iif(json_valid(p.attached), p.attached, '{}'), '$.hearts') WHERE value = :own),"
    " (SELECT count(*) FROM post s WHERE s.node = c.id AND s.heart = 0) "
)
"""What :func:`post_of` reads, with the joins of :data:`JOINS` behind the post ``p``; ``:own`` is our address."""
JOINS = (
    " CROSS JOIN post_node n ON n.id = p.node LEFT JOIN post_node c"
    " ON c.profile = p.profile AND c.service = p.comments_service AND c.node = p.comments_node "
)


def columns_of(post: Post) -> tuple[Any, ...]:
    """The :data:`FIELDS` of a post."""
    value = {
        "name": post.name,
        "verified": post.verified,
        "html": post.html,
        "lang": post.lang,
        "published": post.published,
        "updated": post.updated,
        "tags": post.tags,
        "enclosures": post.enclosures,
        "url": post.url,
        "via": post.via,
        "answers": post.answers,
        "versions": post.versions,
    }
    usual = Post._field_defaults
    text = json.dumps({key: each for key, each in value.items() if each != usual[key]}, separators=(",", ":"))
    comments = post.comments if post.comments.node else NOWHERE
    heart = int(post.text.strip() == HEART)
    more = "\n".join(filter(None, (each for version in post.versions for each in (version.title, version.text))))
    return (post.author, post.title, post.text, more, heart, comments.service, comments.node, text)


def post_of(row: Sequence[Any]) -> Post:
    """The reverse, of what :data:`SELECT` gives. What cannot be is damage that no check can see: the text is worth
    showing without the rest."""
    order, service, node, item, author, title, text, unread, comments_service, comments_node, *rest = row
    value, attached, likes, liked, said = rest
    post = Post(
        Place(JID(service), node, item),
        JID(author),
        title=title,
        text=text,
        comments=Place(JID(comments_service), comments_node) if comments_node else NOWHERE,
        order=order,
        unread=bool(unread),
        likes=likes,
        liked=bool(liked),
        said=said,
    )
    if attached:
        post = _with_attached(post, attached)
    try:
        more = json.loads(value)
        for key in {"via", "answers"} & more.keys():
            service, node, item = more[key]
            more[key] = Place(JID(service), node, item)
        if "enclosures" in more:
            more["enclosures"] = [Enclosure(*each) for each in more["enclosures"]]
        if "versions" in more:
            more["versions"] = [Version(*each) for each in more["versions"]]
        return post._replace(**more)
    except (ValueError, TypeError, AttributeError) as error:
        log.error("what is stored of the post %s is damaged: %s", item, error)
        return post


def _with_attached(post: Post, attached: str) -> Post:
    try:
        found = Attached(**json.loads(attached))
        reactions = {str(key): int(count) for key, count in found.reactions.items()}
        return post._replace(reactions=reactions, reacted=list(map(str, found.reacted)), noticed=int(found.noticed))
    except (ValueError, TypeError, AttributeError) as error:
        log.error("what is put to the post %s is damaged: %s", post.place.id, error)
        return post


def attached_of(attached: Attached) -> str:
    """What is put to a post, as it is stored."""
    return "" if attached == NOTHING else json.dumps(attached._asdict(), separators=(",", ":"))


def folded(tag: str) -> str:
    """A tag for comparison."""
    return tag.strip().casefold()


def index(cursor: Cursor, order: int) -> None:
    """Bring a stored post into the index, and among those of its tags."""
    POSTS.index_words(cursor, order)
    for tag, profile in _tags(cursor, order):
        cursor.execute("INSERT OR IGNORE INTO post_tag VALUES (?, ?, ?)", (profile, tag, order))


def forget_words(cursor: Cursor, order: int) -> None:
    """Take a post out of them, before it is changed or deleted."""
    for tag, profile in _tags(cursor, order):
        cursor.execute("DELETE FROM post_tag WHERE profile = ? AND tag = ? AND post = ?", (profile, tag, order))
    POSTS.forget_words(cursor, order)


def delete(cursor: Cursor, orders: Iterable[int]) -> None:
    """Delete posts, out of everything."""
    for order in orders:
        forget_words(cursor, order)
        cursor.execute("DELETE FROM post WHERE id = ?", (order,))


def _tags(cursor: Cursor, order: int) -> list[tuple[str, int]]:
    row = cursor.execute("SELECT value, profile FROM post WHERE id = ?", (order,)).fetchone()
    try:
        return [(folded(str(each)), row[1]) for each in json.loads(row[0]).get("tags", ())] if row else []
    except (ValueError, TypeError, AttributeError):
        return []
