"""Posts of blogs and of communities as every side knows them: what is stored, sent over the bridge and shown."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api.values import ANYBODY, JID

MICROBLOG = "urn:xmpp:microblog:0"
"""The node of somebody's own blog, at their account (XEP-0277)."""
HEART = "♥"
"""A comment of this text alone says that its author likes the post."""


class Place(NamedTuple):
    """Where a post is, or could be: the ``node`` of an account or of a service, and the ``id`` of the item; without an
    id the whole node is meant."""

    service: JID
    node: str = MICROBLOG
    id: str = ""


NOWHERE = Place(ANYBODY, "")
"""There is no such place."""


class Enclosure(NamedTuple):
    """A file that belongs to a post (an enclosure, RFC 4287 §4.2.7). ``title`` says what is in a
    picture, for those who do not see it. Nothing of it has been checked."""

    url: str
    type: str = ""
    title: str = ""
    size: int = 0


class Version(NamedTuple):
    """What a post says in another language (RFC 5646): plain text, and harmless XHTML of it."""

    lang: str
    title: str = ""
    text: str = ""
    html: str = ""


class Audience(StrEnum):
    """Who can read a blog or a post of ours: EVERYBODY, CONTACTS who may see our presence, those of some GROUPS of our
    roster, or only those who are LISTED by their addresses (XEP-0060 §4.5)."""

    EVERYBODY = "everybody"
    CONTACTS = "contacts"
    GROUPS = "groups"
    LISTED = "listed"


class Post(NamedTuple):
    """A post or a comment.

    ``author`` is who has written it, ``name`` what they call themselves (clean, one line). ``verified``: the service
    vouches for the author, who has published it there; else anybody who may publish there can have claimed that.
    ``title`` and ``text`` are plain text, the latter of all that is in the post; ``html`` is XHTML, cleaned: no
    scripts, no styles, only links and pictures of harmless kinds. ``published`` and ``updated`` are seconds since
    1970. ``comments`` is the node of its comments, NOWHERE where there is none. ``via`` is the original of what was
    repeated. ``answers`` is the post that a comment is about, as it says. ``order`` sorts what is stored here, the
    newest has the highest; 0 where it is not stored. ``likes`` and ``said`` count the comments that are known here, and
    who has put a heart to it (XEP-0470). ``reactions`` are the other emojis that were put to it, and by how many;
    ``reacted`` are all that are ours, ``noticed`` is by how many it was only noticed. ``versions`` are what it says in
    other languages than ``lang``.
    """

    place: Place
    author: JID
    name: str = ""
    verified: bool = False
    title: str = ""
    text: str = ""
    html: str = ""
    lang: str = ""
    published: float = 0.0
    updated: float = 0.0
    tags: list[str] = []  # noqa: RUF012 - a named tuple's default, never changed
    enclosures: list[Enclosure] = []  # noqa: RUF012
    url: str = ""  # where it can be read on the web
    comments: Place = NOWHERE
    via: Place = NOWHERE
    answers: Place = NOWHERE
    order: int = 0
    unread: bool = False
    likes: int = 0
    liked: bool = False  # by us
    said: int = 0
    reactions: dict[str, int] = {}  # noqa: RUF012
    reacted: list[str] = []  # noqa: RUF012
    noticed: int = 0
    versions: list[Version] = []  # noqa: RUF012


class Translation(NamedTuple):
    """What a draft says in another language; ``body`` as in the draft."""

    lang: str
    title: str = ""
    body: str = ""


class Draft(NamedTuple):
    """What is written: ``body`` in Markdown, or in XHTML where it says so. A draft without a title takes the first
    line of the text for Atom, which wants one. ``slug`` is the id that the item gets, for addresses that people read;
    an empty one is made from the title. ``comments``: whether others may comment. ``published``: when it was published
    elsewhere, in seconds since 1970; 0: now. ``translations`` are the same in other languages than ``lang``."""

    body: str
    title: str = ""
    xhtml: bool = False
    lang: str = ""
    tags: list[str] = []  # noqa: RUF012
    enclosures: list[Enclosure] = []  # noqa: RUF012
    slug: str = ""
    comments: bool = True
    published: float = 0.0
    translations: list[Translation] = []  # noqa: RUF012
