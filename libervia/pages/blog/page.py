"""From an address to what it names: a blog, a community, a post."""

from __future__ import annotations

from libervia.server.page import Answer, Page, Redirect, Visit
from libervia.server.posts import own_blog, view_path
from sat.api import JID
from sat.api.errors import InvalidAddress, InvalidArgument
from sat.api.places import from_uri
from sat_frontends.quick_frontend.text import short

ADDRESS_AT_MOST = 6000
SHOWN_AT_MOST = 60
"""Columns of what is none, in the sentence that says so."""


class Blog(Page):
    """``/blog`` (ours), ``/blog?at=`` an XMPP address, or ``xmpp:…?;node=…``"""

    title = "Blog"

    async def get(self, visit: Visit) -> Answer:
        """Go there, or say what an address is."""
        desk = await visit.desk()
        text = visit.query.get("at", "").strip()[:ADDRESS_AT_MOST]
        if not text:
            return Redirect(view_path(own_blog(desk.live.jid)))
        try:
            return Redirect(view_path(from_uri(text) or own_blog(_address(text, desk.live.jid.domain))))
        except (InvalidAddress, InvalidArgument) as error:
            return desk.page("blog/open.html", {"at": text}, error)


def _address(text: str, own: str) -> JID:
    """The account or the service that is meant; a mere word is none, unless our own server is called so. Errors:
    InvalidAddress, InvalidArgument."""
    jid = JID.parse(text.removeprefix("xmpp:"))
    if not jid.local and jid.domain != own and not any(each in jid.domain for each in ".:"):
        raise InvalidArgument(
            reason=f"“{short(text, SHOWN_AT_MOST)}” is no address of a blog: that is one like juliet@example.org,"
            " or that of a service like pubsub.example.org."
        )
    return jid
