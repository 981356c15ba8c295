"""What is said of posts in words, the same everywhere. What comes from others is clean, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from sat.api import JID
from sat.api.posts import HEART, MICROBLOG, NOWHERE, Audience, Place, Post
from sat.plugins.blog.api import Access
from sat.plugins.timeline.api import Response
from sat_frontends.quick_frontend.text import clean_line, short

NAME = 40
"""Columns of a name in a sentence."""
MOST_RESPONSES = 2
"""What others publish about us that is told one by one."""
EXCERPT = 80
"""Columns of the beginning of a post that has no title."""
DEEPEST = 4
"""Steps that answers are moved to the right: more leaves no room for text."""
AUDIENCES = {
    Audience.EVERYBODY: "Everybody",
    Audience.CONTACTS: "Contacts who may see your presence",
    Audience.GROUPS: "Some groups of your contacts",
    Audience.LISTED: "Only those who are listed",
}
DELETING = (
    "The post and what was said of it are taken back. Others may have read it, and their servers may have kept copies."
)


class Answer(NamedTuple):
    """A comment, and how many steps it stands to the right."""

    post: Post
    depth: int


def author(post: Post) -> str:
    """Who has written it, by the name that they give themselves."""
    return clean_line(post.name.strip() or post.author.local or post.author or post.place.service)


def doubt(post: Post) -> str:
    """A sentence, if nobody vouches for who has written it."""
    who = clean_line(post.author or author(post))
    return "" if post.verified else f"Only the post itself says that {who} wrote it."


def heading(post: Post) -> str:
    """The title, or how the text begins."""
    text = post.title.strip() or post.text[: 4 * EXCERPT]
    return short(clean_line(" ".join(text.split())), EXCERPT if not post.title.strip() else 4 * EXCERPT) or "(no text)"


def responded(responses: Sequence[Response]) -> list[str]:
    """What others have published about us, in a few sentences."""
    left = len(responses) - MOST_RESPONSES
    said = [_responded(each.post, each.title) for each in responses[:MOST_RESPONSES]]
    return [*said, f"{left} more have answered your posts, or name you."] if left > 0 else said


def _responded(post: Post, title: str) -> str:
    who, about, said = short(author(post), NAME), short(clean_line(" ".join(title.split())), EXCERPT), heading(post)
    if not title:
        return f"{who} names you: {said}"
    return f"{who} likes “{about}”." if post.text.strip() == HEART else f"{who} on “{about}”: {said}"


def response(each: Response) -> str:
    """What somebody has said to us: ``on “What light”``."""
    if not each.title:
        return "names you"
    about = short(clean_line(" ".join(each.title.split())), EXCERPT)
    return f"likes “{about}”" if each.post.text.strip() == HEART else f"on “{about}”"


def counts(post: Post) -> str:
    """What others said of it: ``2 comments · 1 like · 3 noticed it``."""
    likes = f"{post.likes} {'like' if post.likes == 1 else 'likes'}" if post.likes else ""
    said = f"{post.said} {'comment' if post.said == 1 else 'comments'}" if post.said else ""
    noticed = f"{post.noticed} noticed it" if post.noticed else ""
    return " · ".join(each for each in (said, likes, noticed) if each)


def can_comment(post: Post) -> bool:
    """Whether there is a place for comments."""
    return post.comments != NOWHERE


def node_name(place: Place, own: JID, name: str = "") -> str:
    """What a node is called that has no name of its own; ``name`` is what its owner is called."""
    if place.node != MICROBLOG:
        return clean_line(f"{place.node} at {place.service}")
    return "Your blog" if place.service == own.bare else f"Blog of {clean_line(name or place.service)}"


def audience(access: Access) -> str:
    """Who can read a blog, as a sentence."""
    if access.audience is Audience.GROUPS:
        return f"Your contacts in {clean_line(', '.join(access.groups)) or 'no group'} can read it."
    if access.audience is Audience.LISTED:
        return f"Only {clean_line(', '.join(access.listed)) or 'you'} can read it."
    if access.audience is Audience.CONTACTS:
        return "Contacts who may see your presence can read it."
    return "Everybody can read it."


def harmless(url: str) -> str:
    """An address of the web or of XMPP that may become a link; nothing where it is any other."""
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if not url.isprintable() or any(each.isspace() for each in url):
        return ""
    return url if parts.scheme == "xmpp" or (parts.scheme in ("http", "https") and parts.hostname) else ""


def tags_of(text: str) -> list[str]:
    """Tags as they are typed: ``garden, #roses``, each once."""
    found = (clean_line(each.strip().removeprefix("#").strip()) for each in text.split(","))
    return list(dict.fromkeys(each for each in found if each))


def threaded(comments: Iterable[Post]) -> list[Answer]:
    """Comments with their answers below them, in the order in which they were written. Those that answer one which is
    not here, or each other in a circle, stand by themselves."""
    posts = list(comments)
    here = {each.place: each for each in posts}
    below: dict[Place, list[Post]] = {}
    roots: list[Post] = []
    for each in posts:
        (below.setdefault(each.answers, []) if each.answers in here and each.answers != each.place else roots).append(
            each
        )
    found: list[Answer] = []
    done: set[Place] = set()
    for root in [*roots, *posts]:  # the latter for those that are in circles
        stack = [Answer(root, 0)]
        while stack:
            answer = stack.pop()
            if answer.post.place in done:
                continue
            done.add(answer.post.place)
            found.append(answer)
            children = below.get(answer.post.place, ())
            stack += [Answer(each, min(answer.depth + 1, DEEPEST)) for each in reversed(children)]
    return found
