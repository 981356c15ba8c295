"""Creating an account on a server (XEP-0077): its own form, then logged in at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from libervia.server.advice import asks_for_place, sentences_at_place
from libervia.server.filling import fill
from libervia.server.login import Place, TooSoon, add_account, for_strangers, read_place
from libervia.server.page import Access, Answer, Html, HttpError, Page, Redirect, Visit
from sat.api import JID, SatError
from sat.api.forms import Form
from sat_frontends.quick_frontend.addresses import read_invitation
from sat_frontends.quick_frontend.forms import FormModel


class Asked(NamedTuple):
    """Which server somebody wants an account on. ``token`` is that of an invitation."""

    server: str
    token: str
    place: Place


class Register(Page):
    """``/register``: the server's name, then its form."""

    access = Access.PUBLIC
    title = "Create an account"
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """Which server?"""
        self._check(visit)
        return _show(visit)

    async def post(self, visit: Visit) -> Answer:
        """Show the server's form, or send it."""
        self._check(visit)
        app = visit.app
        await app.daemon.check()
        wait = app.address_limit.wait(visit.address)
        if wait > 0:
            return _show(visit, sentence=str(TooSoon(wait)), status=429)
        take_back = app.address_limit.attempt(visit.address)  # each asks another server something
        try:
            invitation = read_invitation(visit.form.get("server", ""))
            asked = Asked(invitation.server, invitation.token, read_place(visit.form))
            form = await app.daemon.registration.get_form(asked.server, *asked.place, token=asked.token)
        except SatError as error:
            return _show(visit, error=error)
        if visit.form.get("do") != "register":
            model = FormModel(form)
            model.suggest("username", invitation.username)
            return _show(visit, model)
        return await self._submit(visit, asked, form, take_back)

    async def _submit(self, visit: Visit, asked: Asked, form: Form, take_back: Callable[[], None]) -> Answer:
        """Send what was filled in, or show ``form``, which has just come: its picture is another than that answered."""
        model, again = FormModel(form), FormModel(form)
        fill(visit, model)
        again.take_over(model)
        if not model.check():
            again.check()
            return _show(visit, again, status=400)
        app = visit.app
        try:
            await app.daemon.registration.register(
                asked.server, model.result, model.password, *asked.place, token=asked.token
            )
            jid = JID.parse(f"{model.value('username')}@{asked.server}")
            async with app.adding(jid):
                profile = await add_account(app, jid, model.password, asked.place)
        except SatError as error:
            return _show(visit, again, error)
        take_back()
        visit.new_session = app.log_in(profile)
        return Redirect("/chat")

    def _check(self, visit: Visit) -> None:
        if not visit.app.config.allow_new:
            raise HttpError(403, "Accounts are not created here.", "Who runs this server can make one for you.")


def _show(
    visit: Visit, model: FormModel | None = None, error: SatError | None = None, sentence: str = "", status: int = 200
) -> Html:
    if error is not None:
        error = for_strangers(error, visit.app.config)
    entered = {name: visit.form.get(name, visit.query.get(name, "")) for name in ("server", "host", "port")}
    values: dict[str, object] = {
        **entered,
        "model": model,
        "elsewhere": asks_for_place(error),
        "sentence": sentences_at_place(error) if error else sentence,
    }
    return Html("register/register.html", values, error.http_status if error else status)
