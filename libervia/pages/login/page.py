"""Logging in with an XMPP address and its password."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from libervia.server.advice import sentences
from libervia.server.editing import KEPT
from libervia.server.live import Conversation
from libervia.server.login import TooSoon, WrongLogin, for_strangers, log_in, read_place
from libervia.server.page import Access, Answer, Html, Page, Redirect, Visit
from sat.api import JID, SatError

if TYPE_CHECKING:
    from libervia.server.app import App

CHAT = "/chat/"
BLOG = "/blog/"


class Login(Page):
    """``/login``"""

    access = Access.PUBLIC
    title = "Log in"
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The form; also in place of a private page to which a form was sent after its session had ended."""
        if visit.session is not None:
            return Redirect(own_path(visit.query.get("next", "")))
        return self._form(visit)

    async def post(self, visit: Visit) -> Answer:
        """Check the password; a new session on success. What was written before waits in its conversation."""
        app = visit.app
        address = visit.form.get("address", "").strip()
        password = visit.form.get("password", "")
        where = own_path(visit.form.get("next", ""))
        try:
            profile = await log_in(app, visit.address, address, password, read_place(visit.form))
            session = app.log_in(profile)
            try:
                await _keep(app, profile, where, visit.form.get("body", ""))
                if where.startswith(BLOG):
                    written = {each: visit.form[each] for each in ("body", *KEPT) if each in visit.form}
                    session.written = (where.partition("?")[0], written)
            except BaseException:
                app.sessions.close(session)
                raise
        except TooSoon as error:
            return self._form(visit, str(error), 429)
        except WrongLogin as error:
            return self._form(visit, str(error), 403)
        except SatError as failure:
            told = for_strangers(failure, app.config)
            return self._form(visit, sentences(told), told.http_status)
        if visit.session is not None:
            app.sessions.close(visit.session)
        visit.new_session = session
        return Redirect(where)

    def _form(self, visit: Visit, error: str = "", status: int = 200) -> Html:
        values = {
            "error": error,
            "ended": bool(visit.came_from),
            "address": visit.form.get("address", "")[:1000],
            "next": visit.came_from or visit.form.get("next", "") or visit.query.get("next", ""),
            "body": visit.form.get("body", ""),
            "kept": {each: visit.form[each] for each in KEPT if visit.form.get(each)},
            "allow_new": visit.app.config.allow_new,
            "host": visit.form.get("host", ""),
            "port": visit.form.get("port", ""),
        }
        return Html("login/login.html", values, status)


async def _keep(app: App, profile: str, where: str, body: str) -> None:
    """Put what was written into the conversation that one comes back to."""
    path = where.partition("?")[0]
    if body.strip() and path.startswith(CHAT):
        peer = JID.parse(unquote(path.removeprefix(CHAT))).bare
        await Conversation(await app.desk(profile), peer).add_draft(body)


def own_path(path: str) -> str:
    """A path of this site to go to after the log-in; anything else (``//evil``, ``/\\evil``) is the first page."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    return path if fine and len(path) < 2000 else "/chat"
