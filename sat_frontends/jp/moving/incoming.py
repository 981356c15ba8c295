"""What was read from files, before it is published."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import NamedTuple
from unicodedata import category, normalize
from urllib.parse import unquote, urlsplit

from sat.api.posts import Draft

TITLE, TAG, TAGS = 300, 100, 50  # characters; how many tags
_SLUG = 60  # characters of one that is made here
_LONGEST = 200  # characters that one of others may have
_LANG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}")
_NAMELESS = ("", "index", "feed")
"""Ends of addresses that name no post."""


class Incoming(NamedTuple):
    """A post of another place, and whether it was not published there."""

    draft: Draft
    unfinished: bool = False


class Found:
    """All that was read: the posts, and how much there was that is none."""

    def __init__(self) -> None:
        self.posts: list[Incoming] = []
        self.comments = 0
        self.locked = 0
        """Posts with a password: they are for few, and a blog is for many."""
        self.others = 0
        """Pages, menus and the like."""
        self._slugs: set[str] = set()

    def add(self, draft: Draft, unfinished: bool = False, known_as: str = "") -> None:
        """Take a post. Two with the same slug are told apart by what they are ``known_as``, and are so each time."""
        if draft.slug in self._slugs:
            draft = draft._replace(slug=f"{draft.slug}-{_mark(known_as or draft.title + draft.body)}")
        self._slugs.add(draft.slug)
        self.posts.append(Incoming(draft, unfinished))


def draft_of(html: str, title: str, lang: str, tags: list[str]) -> Draft:
    """A post of another program, within the bounds of ours."""
    named = dict.fromkeys(" ".join(each.split())[:TAG].lstrip("#") for each in tags)
    return Draft(
        html,
        " ".join(title.split())[:TITLE],
        xhtml=True,
        lang=lang if _LANG.fullmatch(lang) else "",
        tags=[each for each in named if each][:TAGS],
    )


def slug_of(link: str, title: str, id: str) -> str:
    """The id of a post that was at a link, the same each time that it is read: the end of the link, or a part of the
    title with a mark."""
    try:
        path = urlsplit(link).path
    except ValueError:
        path = ""
    name = unquote(path.rstrip("/").rpartition("/")[2])
    name = plain(name.rpartition(".")[0] or name)
    return name if name not in _NAMELESS else f"{plain(title) or 'post'}-{_mark(id or link or title)}"


def harmless_slug(slug: str) -> str:
    """A slug as it was elsewhere, if one of ours can be so."""
    slug = unquote(slug).strip()
    seen = slug.isprintable() and not any(category(each) == "Zs" for each in slug) and "/" not in slug
    return slug if seen and slug != "0" and len(slug) <= _LONGEST else plain(slug)


def plain(text: str) -> str:
    """A text as a part of an address: letters, digits, dashes; never 0, which tells of the whole blog (XEP-0277 §5)."""
    letters = "".join(each for each in normalize("NFKD", text[: 4 * _SLUG].lower()) if category(each) != "Mn")
    found = re.sub(r"[\W_]+", "-", normalize("NFKC", letters))[:_SLUG].strip("-")
    return "" if found == "0" else found


def _mark(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:6]
