"""What is done with contacts: add, rename, groups, remove, answer who asks."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from sat.api import JID, SatError
from sat.plugins.roster.api import Contact, RosterApi
from sat_frontends.primitivus.dialogs import Answer, Dialog, entry, framed
from sat_frontends.quick_frontend.addresses import added, contact_address
from sat_frontends.quick_frontend.contacts import ContactRow
from sat_frontends.quick_frontend.text import clean, clean_line, doubtful

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


def split_groups(text: str) -> list[str]:
    """``Friends, Work`` as a list, each group once."""
    return list(dict.fromkeys(name for name in (each.strip() for each in text.split(",")) if name))


class People:
    """The dialogs about contacts."""

    def __init__(self, app: App) -> None:
        self.app = app

    @property
    def _roster(self) -> RosterApi:
        assert self.app.session.link is not None
        return self.app.session.link.profile(self.app.live.name).roster

    def act(self, action: str, row: ContactRow | None) -> None:
        """An action of the key table on the contact in focus."""
        if self.app.session.live is None:
            return
        if action == "add_contact":
            self.add(row.jid if row is not None and self.app.live.contacts.contact(row.jid) is None else None)
            return
        contact = self.app.live.contacts.contact(row.jid) if row is not None else None
        if contact is None:
            self.app.notice("Select a contact of your list first.")
        else:
            handler: Callable[[Contact], object] = getattr(self, action)
            handler(contact)

    def act_on_current(self, action: str) -> None:
        """The same on the contact of the shown conversation (from the menu)."""
        peer, live = self.app.windows.current, self.app.session.live
        row = self.app.pane.selected_contact if self.app.pane is not None else None
        if live is not None and peer is not None:
            rows = (each for each in live.contacts.rows if isinstance(each, ContactRow) and each.jid == peer)
            row = next(rows, row)
        self.act(action, row)

    # -- dialogs -------------------------------------------------------------------------------------------------

    def _form(self, title: str, rows: list[Any], yes: str, do: Callable[[], Coroutine[Any, Any, None]]) -> Dialog:
        """A dialog that stays open, with its values, until what it asks for has worked."""

        async def work() -> None:
            try:
                await do()
            except SatError as error:
                dialog.say(error)
            else:
                self.app.close_dialog(dialog)

        cancel: Callable[[], object] = lambda: self.app.close_dialog(dialog)  # noqa: E731
        answers = [Answer(yes, lambda: self.app.loop.spawn(work())), Answer("Cancel", cancel)]
        dialog = Dialog(title, rows, answers, limit=self.app.limit, cancel=cancel)
        self.app.open_dialog(dialog, 60)
        return dialog

    def add(self, jid: JID | None = None) -> None:
        """Add a contact, and ask to see their presence."""
        address, name, groups = entry("Address:", jid or ""), entry("Name:"), entry("Groups:")

        async def do() -> None:
            wanted = contact_address(str(address.edit_text))
            before = self.app.live.contacts.contact(wanted)
            await self._roster.add_contact(wanted, str(name.edit_text).strip(), split_groups(str(groups.edit_text)))
            self.app.notice(clean_line(added(wanted, before)))

        rows = [framed(address), framed(name), framed(groups)]
        dialog = self._form("Add a contact", [*rows, "Groups are separated by commas."], "Add", do)
        if jid is not None and doubtful(jid):
            dialog.say(doubtful(jid))

    def rename_contact(self, contact: Contact) -> None:
        """Change what a contact is called here."""
        name = entry("Name:", clean_line(contact.name))

        async def do() -> None:
            await self._roster.set_contact(contact.jid, str(name.edit_text).strip(), contact.groups)

        self._form(f"Name of {clean_line(contact.jid)}", [framed(name)], "Rename", do)

    def contact_groups(self, contact: Contact) -> None:
        """Change the groups a contact is in."""
        groups = entry("Groups:", ", ".join(clean_line(each) for each in contact.groups))
        known = ", ".join(clean_line(each) for each in self.app.live.contacts.groups()) or "none yet"

        async def do() -> None:
            await self._roster.set_contact(contact.jid, contact.name, split_groups(str(groups.edit_text)))

        rows = [framed(groups), f"Separated by commas. You have: {known}."]
        self._form(f"Groups of {clean_line(contact.label)}", rows, "Save", do)

    def remove_contact(self, contact: Contact) -> None:
        """Take somebody out of the list; asks first."""
        who = clean_line(contact.label)

        async def do() -> None:
            try:
                await self._roster.remove_contact(contact.jid)
            except SatError as error:
                self.app.failed(error)
            else:
                self.app.notice(f"{who} was removed.")

        question = (
            f"Remove {who} ({clean_line(contact.jid)}) from your contacts? Neither will see the other's presence any"
            " more. The conversation stays."
        )
        self.app.ask("Remove a contact", question, "Remove", do)

    # -- who asks ------------------------------------------------------------------------------------------------

    def open_requests(self) -> None:
        """Answer the first of those who ask to see our presence; the next one follows."""
        live = self.app.session.live
        if live is None or not live.requests:
            self.app.notice("Nobody asks to see your presence.")
            return
        request = live.requests[0]
        rows = [f"{clean_line(request.jid)} asks to see when you are online."]
        if request.status:
            rows.append(f"They write: {clean(request.status[:500])}")
        if warning := doubtful(request.jid):
            rows.append(warning)

        def answer(do: Callable[[JID], Coroutine[Any, Any, None]]) -> Callable[[], object]:
            return lambda: self.app.loop.spawn(self._answer(dialog, do(request.jid)))

        cancel: Callable[[], object] = lambda: self.app.close_dialog(dialog)  # noqa: E731
        answers = [
            Answer("Accept", answer(live.accept)),
            Answer("Refuse", answer(live.refuse)),
            Answer("Later", cancel),
        ]
        dialog = Dialog("Request", rows, answers, limit=self.app.limit, cancel=cancel)
        self.app.open_dialog(dialog, 60)

    async def _answer(self, dialog: Dialog, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except SatError as error:
            dialog.say(error)
            return
        self.app.close_dialog(dialog)
        if self.app.live.requests:
            self.open_requests()
