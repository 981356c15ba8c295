"""The contact list: look, add, change, remove; and who asks to see our presence."""

from __future__ import annotations

from libervia.server.page import FormPage, Html, Visit, unknown_form
from sat.api import JID, SatError
from sat.plugins.roster.api import Contact
from sat_frontends.quick_frontend import inviting
from sat_frontends.quick_frontend.command_set import accepted, waited, withdrawn
from sat_frontends.quick_frontend.confirming import sentence
from sat_frontends.quick_frontend.reporting import report

SHOWN_AT_MOST = 100
GROUPS_AT_MOST = 20
JID_AT_MOST = 3071
"""Characters of an address (RFC 7622 §3)."""


class Contacts(FormPage):
    """``/contacts``, ``/contacts?q=filter``, ``/contacts?add=address``"""

    title = "Contacts"
    menu = 3

    async def take(self, visit: Visit) -> str:
        """One change."""
        visit.notice(await self._change(visit))
        return self.path

    async def _change(self, visit: Visit) -> str:
        desk = await visit.desk()
        what = visit.form.get("do", "")
        if what == "invite":
            made = await desk.apis.invitations.invite()
            return " · ".join(inviting.lines(made))
        if what in ("confirm", "deny"):
            return await desk.live.confirmations.answer(visit.form.get("number", "?"), what == "confirm")
        address = visit.form.get("jid", "").strip()
        name = visit.form.get("name", "").strip()[:500]
        groups = _groups(visit.form.get("groups", ""))
        if what == "add":
            return await inviting.add(desk.apis, desk.live.contacts.contact, address, name, groups)
        jid = JID.parse(address).bare
        label = desk.live.contacts.label(jid)
        if what == "edit":
            await desk.apis.roster.set_contact(jid, name, groups)
            return f"{name or label} was changed."
        if what == "remove":
            await desk.apis.roster.remove_contact(jid)
            return f"{label} was removed."
        if what == "block":
            await desk.apis.blocking.block(jid)
            return f"{jid} is blocked: nothing comes from there any more."
        if what.startswith("report-"):
            return await report(desk.apis, jid, what.removeprefix("report-"), visit.form.get("text", "").strip()[:2000])
        if what == "unblock":
            await desk.apis.blocking.unblock(jid)
            return f"{jid} is blocked no longer."
        if what == "accept":
            await desk.live.accept(jid)
            return f"{label} sees now when you are online."
        if what == "approve":
            await desk.apis.presence.approve(jid)
            return accepted(jid, asked=False)
        if what == "withdraw":
            await desk.apis.presence.unsubscribe(jid)
            return withdrawn(jid)
        if what == "refuse":
            await desk.live.refuse(jid)
            return f"{label} was refused."
        raise unknown_form()

    async def show(self, visit: Visit, error: SatError | None = None) -> Html:
        """The list."""
        desk = await visit.desk()
        text = visit.query.get("q", "").strip()[:200]
        found = [each for each in desk.live.contacts.contacts() if _matches(each, text)]
        found.sort(key=lambda each: not desk.live.contacts.unread(each.jid))  # who wrote is never cut off
        asked = {"jid": visit.query.get("add", "")[:JID_AT_MOST]} if visit.query.get("add") else {}
        entered = visit.form if error and visit.form.get("do") == "add" else asked
        values: dict[str, object] = {
            "q": text,
            "shown": found[:SHOWN_AT_MOST],
            "more": max(0, len(found) - SHOWN_AT_MOST),
            "groups": desk.live.contacts.groups(),
            "requests": desk.live.requests,
            "waited": waited(desk.live.contacts),
            "sites": [(each, sentence(each)) for each in desk.live.confirmations.waiting],
            "blocked": [each for each in desk.live.contacts.blocked if desk.live.contacts.contact(each) is None],
            "entered": entered,
        }
        return desk.page("contacts/contacts.html", values, error)


def _matches(contact: Contact, text: str) -> bool:
    folded = text.casefold()
    return folded in contact.label.casefold() or folded in contact.jid or folded in " ".join(contact.groups).casefold()


def _groups(text: str) -> list[str]:
    names = dict.fromkeys(name.strip()[:200] for name in text.split(","))
    return [name for name in names if name][:GROUPS_AT_MOST]
