"""Another address for a post: it is published there, then taken back where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api.errors import InvalidArgument, NotFound, PeerError, PostExists
from sat.api.places import from_uri, to_uri
from sat.api.posts import Place
from sat.plugins.blog import atom, writing
from sat.xmpp import xml
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.blog.plugin import Blog


async def rename(blog: Blog, place: Place, slug: str) -> Place:
    """Give a post of ours another id; where it is then. Who fails in between leaves it at both places, and the next try
    goes on from there. Errors: InvalidArgument, PostExists, NotFound, PeerError."""
    new = place._replace(id=writing.checked_slug(slug))
    if not new.id:
        raise InvalidArgument(reason="Say which address the post gets.")
    post, entry = await blog.pages.single(place)
    if post.author != blog.own:
        raise InvalidArgument(reason="Only who has written a post can change it.")
    if new == place:
        return place
    if not await _is_there(blog, new, entry):
        await blog.send(post._replace(place=new), writing.fits(_moved(entry, place, new)))
    await blog.nodes.rename(place, new, post.comments)
    if (source := await blog.store.get(to_uri(place))) is not None:
        await blog.store.set(to_uri(new), source)
    try:
        await blog.pubsub.retract(blog.at(place.service), place.node, place.id)
    except PeerError as error:
        if error.details.get("condition") != "item-not-found":
            raise
    await blog.store.delete(to_uri(place))
    if place.service == blog.own:  # what is put to a post is bound to its address; nobody can move it
        blog.spawn(blog.reacting.drop(place))
        blog.spawn(blog.reacting.make(new))
    return new


async def _is_there(blog: Blog, new: Place, entry: Element) -> bool:
    """Whether the same post is at the new place, because of a try before. Errors: PostExists."""
    try:
        post, found = await blog.pages.single(new)
    except NotFound:
        return False
    id = atom.id_of(entry)
    if not id or atom.id_of(found) != id or post.author != blog.own:
        raise PostExists(slug=new.id)
    return True


def _moved(entry: Element, place: Place, new: Place) -> Element:
    """The same entry, whose address is another one; its id stays (RFC 4287 §4.2.6)."""
    for link in xml.elements(entry, "link", atom.NS):
        if link.attributes.get("rel") == "alternate" and from_uri(str(link.attributes.get("href", ""))) == place:
            link.attributes["href"] = to_uri(new)
    return entry
