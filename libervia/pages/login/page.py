"""Logging in with an XMPP address and its password."""

from __future__ import annotations

from libervia.server.advice import sentences
from libervia.server.login import TooSoon, WrongLogin, for_strangers, log_in, read_place
from libervia.server.page import Access, Answer, Html, Page, Redirect, Visit
from sat.api import SatError


class Login(Page):
    """``/login``"""

    access = Access.PUBLIC
    title = "Log in"
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The form."""
        if visit.session is not None:
            return Redirect("/chat")
        return self._form(visit)

    async def post(self, visit: Visit) -> Answer:
        """Check the password; a new session on success."""
        app = visit.app
        address = visit.form.get("address", "").strip()
        password = visit.form.get("password", "")
        try:
            profile = await log_in(visit.app, visit.address, address, password, read_place(visit.form))
        except TooSoon as error:
            return self._form(visit, str(error), 429)
        except WrongLogin as error:
            return self._form(visit, str(error), 403)
        except SatError as failure:
            told = for_strangers(failure, app.config)
            return self._form(visit, sentences(told), told.http_status)
        if visit.session is not None:
            visit.app.sessions.close(visit.session)
        visit.new_session = visit.app.log_in(profile)
        return Redirect(own_path(visit.form.get("next", "")))

    def _form(self, visit: Visit, error: str = "", status: int = 200) -> Html:
        values = {
            "error": error,
            "address": visit.form.get("address", "")[:1000],
            "next": visit.form.get("next", "") or visit.query.get("next", ""),
            "allow_new": visit.app.config.allow_new,
            "host": visit.form.get("host", ""),
            "port": visit.form.get("port", ""),
        }
        return Html("login/login.html", values, status)


def own_path(path: str) -> str:
    """A path of this site to go to after the log-in; anything else (``//evil``, ``/\\evil``) is the first page."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    return path if fine and len(path) < 2000 else "/chat"
