"""Which blog or post a person means, and how it is written so that it can be typed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.posts import MICROBLOG, Place
from sat_frontends.jp.people import resolve

if TYPE_CHECKING:
    from sat_frontends.bridge.access import ProfileAccess


async def blog_of(profile: ProfileAccess, text: str) -> Place:
    """The blog of somebody, who is named as everywhere; a community, ``SERVICE/NODE``; or an ``xmpp:`` address. Errors:
    Failure and InvalidAddress as for ``resolve``, InvalidArgument."""
    if text[:5].lower() == "xmpp:":
        return _linked(text)._replace(id="")
    who, _, node = text.partition("/")
    return Place(await resolve(profile, who or "me"), node or MICROBLOG)


async def place_of(profile: ProfileAccess, text: str) -> Place:
    """The same, or a post: ``WHO//ID`` of a blog, ``SERVICE/NODE/ID`` of a community."""
    if text[:5].lower() == "xmpp:":
        return _linked(text)
    who, _, rest = text.partition("/")
    node, slash, id = rest.rpartition("/")
    if not slash:
        node, id = rest, ""
    return Place(await resolve(profile, who or "me"), node or MICROBLOG, id)


async def post_of(profile: ProfileAccess, text: str, what: str = "post") -> Place:
    """A post. Errors: as above; InvalidArgument where a whole blog is named."""
    place = await place_of(profile, text)
    if not place.id:
        raise InvalidArgument(reason=f"“{text}” names no {what}. One is written WHO//ID or SERVICE/NODE/ID.")
    return place


def _linked(text: str) -> Place:
    from sat.api.places import from_uri

    if "?" not in text:  # somebody
        return Place(JID.parse(text[5:]).bare)
    place = from_uri(text)
    if place is None:
        raise InvalidArgument(reason=f"“{text}” is no address of a blog or a post.")
    return place


def typed(place: Place) -> str:
    """A place as one types it."""
    if "/" in place.id or "/" in place.service:
        from sat.api.places import to_uri

        return to_uri(place)
    node = "" if place.node == MICROBLOG else place.node
    if place.id:
        return f"{place.service}/{node}/{place.id}"
    return f"{place.service}/{node}" if node else place.service
