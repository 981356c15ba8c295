"""Posts that say the same in several languages (RFC 5646), and which of these a person reads."""

from __future__ import annotations

import os
from collections.abc import Mapping

from sat.api.posts import Post, Version


def own_language(environ: Mapping[str, str] = os.environ) -> str:
    """The language in which the programs of this terminal speak: ``fr``; nothing where none was chosen."""
    chosen = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    lang = chosen.partition(".")[0].partition("@")[0].replace("_", "-")
    return "" if lang in ("C", "POSIX") else lang


def languages(post: Post) -> list[str]:
    """Those in which a post can be read, its own first; an empty one is not told."""
    return list(dict.fromkeys([post.lang, *(each.lang for each in post.versions)]))


def spoken(post: Post, lang: str) -> Post:
    """The post as it says that in a language, or in a kind of it (``fr`` for ``fr-CH``); as it is where it does not.
    What it says otherwise is in ``versions`` then."""
    own = Version(post.lang, post.title, post.text, post.html)
    for fits in (_same, _akin):
        for found in (own, *post.versions):
            if lang and fits(found.lang.casefold(), lang.casefold()):
                others = [each for each in (own, *post.versions) if each != found]
                title, text, html = found.title, found.text, found.html
                return post._replace(lang=found.lang, title=title, text=text, html=html, versions=others)
    return post


def _same(one: str, other: str) -> bool:
    return one == other


def _akin(one: str, other: str) -> bool:
    return one.partition("-")[0] == other.partition("-")[0]
