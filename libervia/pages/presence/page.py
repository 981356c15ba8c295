"""How available one is, as contacts see it."""

from __future__ import annotations

from libervia.server.page import FormPage, Html, Visit, unknown_form
from sat.api import SatError
from sat.plugins.presence.api import Show

LONGEST = 200


class PresencePage(FormPage):
    """``/presence``, behind the name at the top of every page."""

    title = "How you appear"

    async def take(self, visit: Visit) -> str:
        """Appear otherwise, also after the next connection."""
        desk = await visit.desk()
        wanted = visit.form.get("show", "")
        if wanted not in Show.__members__.values():
            raise unknown_form()
        await desk.apis.presence.set_presence(Show(wanted), visit.form.get("status", "").strip()[:LONGEST])
        visit.notice("Your contacts see it now.")
        return self.path

    async def show(self, visit: Visit, error: SatError | None = None) -> Html:
        """The form, as it holds now."""
        desk = await visit.desk()
        own = desk.apis.presence.own.value
        values: dict[str, object] = {
            "shows": list(Show),
            "chosen": visit.form.get("show", own.show),
            "text": visit.form.get("status", own.status),
            "longest": LONGEST,
        }
        return desk.page("presence/presence.html", values, error)
