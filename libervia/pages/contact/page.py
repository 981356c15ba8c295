"""Who somebody is: how they are there, and what they tell of themselves."""

from __future__ import annotations

from time import time

from libervia.server.page import Answer, Page, Redirect, Visit, unknown_form
from libervia.server.render import contact_path, room_path
from libervia.server.tasks import together
from sat.api import JID
from sat.plugins.notify_settings.api import Notify
from sat_frontends.quick_frontend.about import ago, questions
from sat_frontends.quick_frontend.notifying import chosen

PATIENCE = 8.0  # seconds for answers: the page comes then with those that are there


class AboutContact(Page):
    """``/contact/<address>``"""

    title = "Contact"
    argument = True
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """What is known of them, and what they answer now."""
        desk = await visit.desk()
        jid = JID.parse(visit.argument).bare
        if desk.live.contacts.room(jid) is not None:
            return Redirect(room_path(jid))
        resources = desk.live.contacts.resources(jid)
        asked = [*questions(desk.apis, desk.live.contacts, jid), *desk.live.programs.questions(jid)]
        answers = await together(asked, PATIENCE)
        values: dict[str, object] = {
            "jid": jid,
            "contact": desk.live.contacts.contact(jid),
            "resources": resources,
            "idle": {each.jid: ago(time() - each.idle_since) for each in resources if each.idle_since},
            "programs": desk.live.programs,
            "answers": [each for each in answers if each],
        }
        return desk.page("contact/contact.html", values)

    async def post(self, visit: Visit) -> Answer:
        """Choose of which of their messages, or of a room, to be told."""
        desk = await visit.desk()
        jid, wanted = JID.parse(visit.argument).bare, visit.form.get("notify", "")
        if wanted not in list(Notify):
            raise unknown_form()
        await desk.apis.notify_settings.choose(jid, Notify(wanted))
        visit.notice(chosen(desk.live.contacts.label(jid), Notify(wanted)))
        return Redirect(contact_path(jid))
