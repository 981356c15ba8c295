"""What we tell of ourselves, to be changed."""

from __future__ import annotations

from libervia.server.filling import fill
from libervia.server.page import Answer, Html, Page, Redirect, Visit
from sat.api import SatError
from sat_frontends.quick_frontend.cards import card_of, form_of
from sat_frontends.quick_frontend.forms import FormModel


class OwnCard(Page):
    """``/card``"""

    title = "Your card"
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The form, with what is told now."""
        desk = await visit.desk()
        try:
            model = FormModel(form_of(await desk.apis.vcard.get_card(desk.live.jid)))
        except SatError as error:
            return await _show(visit, None, error)
        return await _show(visit, model)

    async def post(self, visit: Visit) -> Answer:
        """Tell something else."""
        desk = await visit.desk()
        model = None
        try:
            model = FormModel(form_of(await desk.apis.vcard.get_card(desk.live.jid)))
            fill(visit, model)
            await desk.apis.vcard.set_own(card_of(model.answers))
        except SatError as error:
            return await _show(visit, model, error, error.http_status)
        visit.notice("Your card was changed.")
        return Redirect("/card")


async def _show(visit: Visit, model: FormModel | None, error: SatError | None = None, status: int = 200) -> Html:
    desk = await visit.desk()
    return desk.page("card/card.html", {"model": model}, error, status)
