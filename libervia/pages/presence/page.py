"""How available one is, as contacts see it."""

from __future__ import annotations

from libervia.server.page import Answer, Html, Page, Redirect, Visit
from sat.api import SatError
from sat.api.errors import InvalidArgument
from sat.plugins.presence.api import Show

LONGEST = 200


class PresencePage(Page):
    """``/presence``, behind the name at the top of every page."""

    title = "How you appear"
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The form, as it holds now."""
        return await self._show(visit)

    async def post(self, visit: Visit) -> Answer:
        """Appear otherwise, also after the next connection."""
        desk = await visit.desk()
        wanted = visit.form.get("show", "")
        try:
            if wanted not in Show.__members__.values():
                raise InvalidArgument(reason="This form asks for nothing that is known here.")
            await desk.apis.presence.set_presence(Show(wanted), visit.form.get("status", "").strip()[:LONGEST])
        except SatError as error:
            return await self._show(visit, error)
        visit.notice("Your contacts see it now.")
        return Redirect(self.path)

    async def _show(self, visit: Visit, error: SatError | None = None) -> Html:
        desk = await visit.desk()
        own = desk.apis.presence.own.value
        values = {
            "live": desk.live,
            "shows": list(Show),
            "chosen": visit.form.get("show", own.show),
            "text": visit.form.get("status", own.status),
            "longest": LONGEST,
            "error": error,
        }
        return Html("presence/presence.html", values, error.http_status if error else 200)
