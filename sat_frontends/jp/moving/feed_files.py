"""A blog as one file that news readers and other programs read: Atom, JSON Feed, or everything that is known."""

from __future__ import annotations

from collections.abc import Sequence
from mimetypes import guess_type
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup

from sat.api.places import to_uri
from sat.api.posts import Place, Post
from sat.api.values import ANYBODY
from sat_frontends.quick_frontend import atom
from sat_frontends.quick_frontend.dates import stamp
from sat_frontends.quick_frontend.post_html import post_html
from sat_frontends.quick_frontend.post_words import author, harmless, heading, node_name
from sat_frontends.quick_frontend.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

JSON_FEED = "https://jsonfeed.org/version/1.1"


class About:
    """What a blog is called, and where it will be on the web, as far as that is known."""

    def __init__(self, place: Place, title: str = "", url: str = "") -> None:
        self.place, self.url = place, harmless(url).rstrip("/")
        self.title = title or node_name(place, ANYBODY)
        self.author = place.service.local or place.service


def html_of(post: Post) -> Markup:
    """What is in a post, harmless."""
    if post.html:
        return post_html(post.html, True, 2)
    return Markup("<p>{}</p>").format(clean(post.text))


def atom_feed(about: About, posts: Sequence[Post], address: Callable[[Post], str], here: str = "") -> bytes:
    """An Atom feed (RFC 4287). ``address`` is where a post is read on the web, ``here`` where the feed is."""
    entries = [
        atom.Entry(
            post.place,
            heading(post),
            author(post),
            post.published,
            post.updated,
            str(html_of(post)),
            post.author,
            post.lang,
            address(post),
            tags=post.tags,
            files=[each for each in post.enclosures if harmless(each.url)],
        )
        for post in posts
    ]
    root = atom.begun(about.place, about.title, entries, about.author)
    atom.link(root, "alternate", about.url or to_uri(about.place), "text/html" if about.url else "")
    if here:
        atom.link(root, "self", here, "application/atom+xml")
    for each in entries:
        atom.add(root, each)
    return atom.encoded(root)


def json_feed(about: About, posts: Sequence[Post]) -> dict[str, Any]:
    """A feed of JSON Feed 1.1."""
    page = {"home_page_url": about.url} if about.url else {}
    return {"version": JSON_FEED, "title": about.title, **page, "items": [_item(post) for post in posts]}


def _item(post: Post) -> dict[str, Any]:
    url, changed = harmless(post.url), post.updated > post.published
    files = [
        {
            "url": each.url,
            "mime_type": each.type or guess_type(urlsplit(each.url).path)[0] or "application/octet-stream",
            **({"title": each.title} if each.title else {}),
            **({"size_in_bytes": each.size} if each.size > 0 else {}),
        }
        for each in post.enclosures
        if harmless(each.url)
    ]
    return {
        "id": to_uri(post.place),
        **({"url": url} if url else {}),
        "title": heading(post),
        "content_html": str(html_of(post)),
        "content_text": post.text,
        "date_published": stamp(post.published),
        **({"date_modified": stamp(post.updated)} if changed else {}),
        "authors": [{"name": author(post), "url": f"xmpp:{post.author}"}],
        **({"tags": list(post.tags)} if post.tags else {}),
        **({"language": post.lang} if post.lang else {}),
        **({"attachments": files} if files else {}),
    }
