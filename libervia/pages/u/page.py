"""The blog of a profile, for everybody: without an account, without scripts."""

from __future__ import annotations

import time
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from libervia.server import zones
from libervia.server.atom import TYPE, feed
from libervia.server.page import Access, Answer, HttpError, Page, Public, Visit, not_found
from libervia.server.posts import (
    FEED,
    comment_items,
    feed_path,
    in_language,
    languages,
    public_item,
    public_path,
    view_path,
)
from libervia.server.public import FRAME, Draw, PublicBlog, unavailable
from sat.api import SatError
from sat.api.errors import NotFound
from sat.api.posts import Post
from sat_frontends.quick_frontend import times
from sat_frontends.quick_frontend.text import clean_line, short

LOGIN = "/login"
OLDER_AT_MOST = 3000
LANG_AT_MOST = 35
TOLD = 200
"""Characters of a post that other sites tell of it."""
HTML = "text/html; charset=utf-8"
Drawn = tuple[str, bytes]


class PublicPage(Page):
    """``/u/<name>``, ``/u/<name>/<id>``, ``/u/<name>/tag/<tag>``, ``/u/<name>/atom.xml``; ``?older=``, ``?lang=``, and
    ``?id=`` or ``?tag=`` where a path cannot hold it"""

    access = Access.PUBLIC
    title = "Blog"
    argument = True
    more = 2

    async def get(self, visit: Visit) -> Answer:
        """What everybody may read there."""
        app = visit.app
        if not app.config.public_blogs:
            raise not_found()
        asked = _asked(visit)
        known = app.public.shelf.find((visit.origin, asked.uri))
        if known is not None:
            return Public(known)
        wait = app.public_limit.take(visit.address)
        if wait:
            raise HttpError(429, "Too much at once.", "Wait a moment.", {"Retry-After": str(wait)})
        try:
            return Public(await app.public.get(visit.origin, asked.uri, asked.name, _draw(visit, asked)))
        except NotFound:
            raise HttpError(404, "There is no such post.", "It may have been taken back.") from None
        except SatError:
            raise unavailable() from None


class _Asked(NamedTuple):
    """What is asked for, whatever else stood in the query."""

    name: str
    tag: str
    id: str
    feed: bool
    older: str
    lang: str

    @property
    def uri(self) -> str:
        """Its address as we write it."""
        if self.feed:
            return feed_path(self.name, self.older)
        return public_path(self.name, self.id, self.tag, older=self.older, lang=self.lang)


def _asked(visit: Visit) -> _Asked:
    """Errors: HttpError where it is nothing that there may be."""
    first, second = (*visit.more, "", "")[:2]
    tag = second if first == "tag" and second else visit.query.get("tag", "")
    id = first or visit.query.get("id", "")
    if (second and first != "tag") or not visit.argument:
        raise not_found()
    older, lang = visit.query.get("older", "")[:OLDER_AT_MOST], visit.query.get("lang", "")[:LANG_AT_MOST]
    if tag:
        return _Asked(visit.argument, tag, "", feed=False, older="", lang="")
    if first == FEED:
        return _Asked(visit.argument, "", "", feed=True, older=older, lang="")
    if id:
        return _Asked(visit.argument, "", id, feed=False, older="", lang=lang)
    return _Asked(visit.argument, "", "", feed=False, older=older, lang="")


def _draw(visit: Visit, asked: _Asked) -> Draw:
    async def draw(blog: PublicBlog) -> Drawn:
        if asked.tag:
            return await _tagged(visit, blog, asked.tag)
        if asked.feed:
            return await _feed(visit, blog, asked.older)
        return await _post(visit, blog, asked) if asked.id else await _blog(visit, blog, asked.older)

    return draw


def _article(visit: Visit, blog: PublicBlog, post: Post) -> Markup:
    """A post in a list."""
    articles, app = visit.app.public.articles, visit.app
    key = blog.name, post.place, times.day_of(time.time(), zones.offset)
    known = articles.find(key)
    if known is not None and known[0] == post:
        return known[1]
    html = app.renderer.fragment("posts.html:public", public_item(blog.name, post))
    articles.put(key, (post, html), len(html) + len(post.text) + len(post.html))
    return html


def _html(visit: Visit, template: str, blog: PublicBlog, values: dict[str, object]) -> Drawn:
    frame = FRAME | {
        "blog": public_path(blog.name),
        "name": blog.name,
        "jid": blog.place.service,
        "feed": feed_path(blog.name),
    }
    return HTML, visit.app.renderer.page(template, **(frame | values))


async def _blog(visit: Visit, blog: PublicBlog, older: str) -> Drawn:
    found = await blog.posts(older)
    values: dict[str, object] = {
        "articles": [_article(visit, blog, each) for each in found.posts],
        "heading": _called(blog),
        "url": visit.origin + public_path(blog.name),
        "older": public_path(blog.name, older=found.older) if found.older else "",
        "newest": public_path(blog.name) if older else "",
        "tag": "",
    }
    return _html(visit, "u/blog.html", blog, values)


async def _tagged(visit: Visit, blog: PublicBlog, tag: str) -> Drawn:
    found = await blog.tagged(tag)
    if not found:
        raise HttpError(404, "Nothing was published with this tag.", "It may have been long ago, too.")
    values: dict[str, object] = {
        "articles": [_article(visit, blog, each) for each in found],
        "heading": _called(blog),
        "url": visit.origin + public_path(blog.name, tag=tag),
        "older": "",
        "newest": public_path(blog.name),
        "tag": tag,
    }
    return _html(visit, "u/blog.html", blog, values)


async def _post(visit: Visit, blog: PublicBlog, asked: _Asked) -> Drawn:
    post, said = await blog.post(asked.id)
    shown = in_language(post, asked.lang)
    item = public_item(blog.name, shown, level=2)
    there = f"{view_path(post.place)}#comment"
    values: dict[str, object] = {
        "heading": item.heading,
        "url": visit.origin + item.path,
        "item": item,
        "comments": comment_items(None, said, blog.name),
        "languages": languages(post, shown, lambda lang: public_path(blog.name, asked.id, lang=lang)),
        "told": short(clean_line(" ".join(shown.text.split())), TOLD),
        "picture": next((each.url for each in item.files if each.picture), ""),
        "log_in": f"{LOGIN}?next={quote(there, safe='')}",
    }
    return _html(visit, "u/post.html", blog, values)


async def _feed(visit: Visit, blog: PublicBlog, older: str) -> Drawn:
    found = await blog.posts(older)
    items = [public_item(blog.name, each) for each in found.posts]
    before = blog.trail.before(older, found.older)
    return TYPE, feed(visit.origin, blog.name, blog.place, _called(blog), items, older, found.older, before)


def _called(blog: PublicBlog) -> str:
    return f"Blog of {clean_line(blog.name)}"
