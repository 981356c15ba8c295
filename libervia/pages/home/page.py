"""The first page: what this is, for strangers; who is logged in goes on to the conversations."""

from __future__ import annotations

from libervia.server.page import Access, Answer, Html, Page, Redirect, Visit


class Home(Page):
    """``/``"""

    access = Access.PUBLIC
    title = "Welcome"

    async def get(self, visit: Visit) -> Answer:
        """The pitch, or the conversations."""
        if visit.session is not None:
            return Redirect("/chat")
        return Html("home/home.html", {"allow_new": visit.app.config.allow_new})
