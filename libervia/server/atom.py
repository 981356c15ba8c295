"""A public blog as a feed for news readers (Atom, RFC 4287)."""

from __future__ import annotations

from libervia.server.posts import PostItem, feed_path, public_path
from sat.api.posts import Enclosure, Place
from sat_frontends.quick_frontend import atom

TYPE = "application/atom+xml; charset=utf-8"


def feed(
    origin: str,
    name: str,
    place: Place,
    title: str,
    items: list[PostItem],
    here: str,
    older: str,
    before: str | None,
) -> bytes:
    """The feed; ``here``, ``older`` and ``before`` are where this page of it, the next and the previous one begin (RFC
    5005 §3). None: it is not known where that is."""
    base = f"{origin}{public_path(name)}"
    entries = [_entry(origin, each) for each in items]
    root = atom.begun(place, title, entries, name)
    atom.link(root, "alternate", base, "text/html")
    pages = {"self": here, "first": "", "next": older or None, "previous": before}
    for rel, page in pages.items():
        if page is not None:
            atom.link(root, rel, f"{origin}{feed_path(name, page)}", "application/atom+xml")
    for each in entries:
        atom.add(root, each)
    return atom.encoded(root)


def _entry(origin: str, item: PostItem) -> atom.Entry:
    post, url = item.post, f"{origin}{item.path}"
    return atom.Entry(
        post.place,
        item.heading,
        item.author,
        post.published,
        post.updated,
        str(item.html),
        item.address,
        item.lang,
        url,
        f"{url}#comments" if item.can_comment else "",
        post.said,
        [tag for tag, _ in item.tags],
        [Enclosure(each.url) for each in item.files],
    )
