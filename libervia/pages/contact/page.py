"""Who somebody is: how they are there, and what they tell of themselves."""

from __future__ import annotations

from time import time

from libervia.server.page import Answer, Html, Page, Redirect, Visit
from libervia.server.render import room_path
from libervia.server.tasks import together
from sat.api import JID
from sat_frontends.quick_frontend.about import ago, questions

PATIENCE = 8.0  # seconds for answers: the page comes then with those that are there


class AboutContact(Page):
    """``/contact/<address>``"""

    title = "Contact"
    argument = True

    async def get(self, visit: Visit) -> Answer:
        """What is known of them, and what they answer now."""
        desk = await visit.desk()
        jid = JID.parse(visit.argument).bare
        if desk.live.contacts.room(jid) is not None:
            return Redirect(room_path(jid))
        resources = desk.live.contacts.resources(jid)
        answers = await together(questions(desk.apis, desk.live.contacts, jid), PATIENCE)
        values = {
            "live": desk.live,
            "notices": desk.notices,
            "jid": jid,
            "contact": desk.live.contacts.contact(jid),
            "resources": resources,
            "idle": {each.jid: ago(time() - each.idle_since) for each in resources if each.idle_since},
            "answers": [each for each in answers if each],
        }
        return Html("contact/contact.html", values)
