"""Logging out."""

from __future__ import annotations

from libervia.server.page import Access, Answer, Page, Redirect, Visit


class Logout(Page):
    """``/logout``, by a form only. The profile stays online; this browser forgets it, or, with ``do=everywhere``,
    every one."""

    access = Access.PUBLIC
    title = "Log out"
    methods = ("POST",)

    async def post(self, visit: Visit) -> Answer:
        """End the session here, not only in the browser."""
        if visit.session is not None:
            if visit.form.get("do") == "everywhere":
                visit.app.sessions.close_profile(visit.session.profile)
            visit.app.sessions.close(visit.session)
            visit.logged_out = True
        return Redirect("/")
