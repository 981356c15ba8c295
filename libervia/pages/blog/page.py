"""From an address to what it names: a blog, a community, a post."""

from __future__ import annotations

from libervia.server.page import Answer, Page, Redirect, Visit
from libervia.server.posts import own_blog, view_path
from sat.api import JID
from sat.api.places import from_uri

ADDRESS_AT_MOST = 6000


class Blog(Page):
    """``/blog`` (ours), ``/blog?at=`` an XMPP address, or ``xmpp:…?;node=…``"""

    title = "Blog"

    async def get(self, visit: Visit) -> Answer:
        """Go there. Errors: InvalidAddress."""
        text = visit.query.get("at", "").strip()[:ADDRESS_AT_MOST]
        if not text:
            return Redirect(view_path(own_blog((await visit.desk()).live.jid)))
        return Redirect(view_path(from_uri(text) or own_blog(JID.parse(text.removeprefix("xmpp:")))))
