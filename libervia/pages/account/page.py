"""The account at its server: another password, or its end."""

from __future__ import annotations

from libervia.server.login import TooSoon, confirm
from libervia.server.page import Answer, Html, Page, Redirect, Visit, unknown_form
from sat.api import SatError, Secret
from sat.api.errors import InvalidArgument


class Account(Page):
    """``/account``"""

    title = "Your account"
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The forms."""
        return await _show(visit)

    async def post(self, visit: Visit) -> Answer:
        """Change the password, or remove the account. Who has this browser and not the password can do neither."""
        desk, form = await visit.desk(), visit.form
        what, profile = form.get("do", ""), desk.apis.profile
        try:
            if what not in ("change", "remove"):
                raise unknown_form()
            new = form.get("new", "")
            if what == "change" and (not new or new != form.get("again", "")):
                raise InvalidArgument(reason="The new password has to be given twice, the same both times.")
            if what == "remove" and form.get("sure", "").strip() != desk.live.jid:
                raise InvalidArgument(reason="To remove the account, write its address.")
            await confirm(visit.app, visit.address, desk, form.get("password", ""))
            if what == "change":
                await profile.change_password(Secret(new))
            else:
                await profile.delete_account()
        except TooSoon as error:
            return await _show(visit, sentence=str(error), status=429)
        except SatError as error:
            return await _show(visit, error)
        # Whoever knew the old password is out, in other browsers too.
        for session in visit.app.sessions.of_profile(desk.name):
            if what == "remove" or session is not visit.session:
                visit.app.sessions.close(session)
        if what == "remove":
            visit.logged_out = True
            return Redirect("/")
        visit.notice("The password was changed. Your other programs have to be told.")
        return Redirect("/account")


async def _show(visit: Visit, error: SatError | None = None, sentence: str = "", status: int | None = None) -> Html:
    desk = await visit.desk()
    values = {"sentence": sentence, "removing": visit.form.get("do") == "remove"}
    return desk.page("account/account.html", values, error, status)
