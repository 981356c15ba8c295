"""Searching in all that was written."""

from __future__ import annotations

from libervia.server.page import Answer, Html, Page, Visit
from libervia.server.render import page_with
from sat.api import JID
from sat.api.errors import InvalidArgument
from sat_frontends.quick_frontend.searching import FILTERS

FOUND_AT_MOST = 50


class Search(Page):
    """``/search?q=words`` and, in one conversation, ``&peer=address``."""

    title = "Search"
    menu = 6

    async def get(self, visit: Visit) -> Answer:
        """The box and what was found, newest first."""
        desk = await visit.desk()
        text = visit.query.get("q", "").strip()[:500]
        peer = desk.peer(visit.query["peer"]) if visit.query.get("peer") else JID("")
        before = visit.number("before")
        error: InvalidArgument | None = None
        try:
            found = await desk.apis.messages.search(text, peer, before, FOUND_AT_MOST) if text else []
        except InvalidArgument as wrong:  # of the filters
            found, error = [], wrong
        hits = [(each, desk.live.contacts.label(each.peer), page_with(each)) for each in found]
        more = found[-1].order if len(found) == FOUND_AT_MOST else 0
        values = {
            "live": desk.live,
            "q": text,
            "peer": peer,
            "hits": hits,
            "more": more,
            "error": error,
            "filters": FILTERS,
        }
        return Html("search/search.html", values, error.http_status if error else 200)
