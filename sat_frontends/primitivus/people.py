"""What is done with contacts: add, rename, groups, remove, answer who asks."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sat.api import JID, SatError
from sat.plugins.blocking.api import Report
from sat.plugins.http_auth.api import Confirmation
from sat.plugins.roster.api import Contact, RosterApi
from sat_frontends.primitivus.asking import Work, ask_for
from sat_frontends.primitivus.dialogs import Dialog, framed
from sat_frontends.primitivus.picking import open_contact_menu
from sat_frontends.quick_frontend import inviting
from sat_frontends.quick_frontend.command_set import blocked, removed, renamed, unblocked, waited, withdrawn
from sat_frontends.quick_frontend.confirming import sentence
from sat_frontends.quick_frontend.contact_rows import STRANGERS, ContactRow
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.reporting import LABELS, TOLD, report
from sat_frontends.quick_frontend.text import clean, clean_line, doubtful

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


def read_groups(text: str, known: Iterable[str] = ()) -> list[str]:
    """``Friends, Work`` as a list, each group once. A group that is ``known`` is recognised as it is shown, though its
    name may hold commas or what had to be cleaned, and keeps its name."""
    shown: dict[str, str] = {}
    for name in known:
        shown.setdefault(clean_line(name).strip(), name)
    found, rest = [], text.strip()
    while rest:
        fitting = [each for each in shown if each and f"{rest},".startswith(f"{each},")]
        taken = max(fitting, key=len, default=rest.partition(",")[0].strip())
        found.append(shown.get(taken, taken))
        rest = rest.removeprefix(taken).lstrip().removeprefix(",").lstrip()
    return list(dict.fromkeys(name for name in found if name))


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
            strange = row is not None and row.group == STRANGERS and not row.jid.resource
            self.add(row.jid if row is not None and strange else None)
            return
        if action == "block_contact" and row is not None:  # a stranger, too
            self.block_contact(row.jid)
            return
        contact = self.app.live.contacts.contact(row.jid) if row is not None else None
        if action == "remove_contact" and row is not None and self.app.live.contacts.room(row.jid) is not None:
            self.app.rooms.leave(row.jid)
        elif contact is None:
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

    # -- looking -------------------------------------------------------------------------------------------------

    def open_details(self, row: ContactRow | None) -> None:
        """Who the selected contact is."""
        if row is None:
            self.app.notice("Select a contact first.")
        else:
            self.read_details(row.jid)

    def read_details(self, jid: JID) -> None:
        """What is known of somebody."""
        from sat_frontends.primitivus.about import open_about

        open_about(self.app, jid)

    def open_menu(self, row: ContactRow) -> None:
        """What can be done with a contact, or with somebody who is none (the right button of the mouse)."""
        if self.app.live.contacts.room(row.jid.bare) is not None:
            self._open_room_menu(row)
            return
        known = self.app.live.contacts.contact(row.jid) is not None
        named = [("rename_contact", "Change the name"), ("contact_groups", "Change the groups")]
        named = [*named, ("remove_contact", "Remove")] if known else [("add_contact", "Add to the contacts")]
        actions: list[tuple[str, Callable[[], object]]] = [
            ("Write", partial(self.app.open_chat, row.jid)),
            ("Details", partial(self.open_details, row)),
            *((label, partial(self.act, action, row)) for action, label in named),
            *([("Ask no longer", partial(self._withdraw, row.jid))] if row.asked else []),
            ("Block no longer" if row.blocked else "Block", partial(self.block_contact, row.jid)),
        ]
        open_contact_menu(self.app, clean_line(row.label), actions)

    def _withdraw(self, jid: JID) -> None:
        async def do() -> None:
            try:
                await self.app.live.apis.presence.unsubscribe(jid.bare)
            except SatError as error:
                self.app.failed(error)
            else:
                self.app.telling.answer(withdrawn(jid))

        self.app.loop.spawn(do())

    def _open_room_menu(self, row: ContactRow) -> None:
        actions: list[tuple[str, Callable[[], object]]] = [
            ("Write", partial(self.app.open_chat, row.jid)),
            ("Details", partial(self.open_details, row)),
            ("Leave the room", partial(self.app.rooms.leave, row.jid.bare)),
        ]
        open_contact_menu(self.app, clean_line(row.label), actions)

    # -- dialogs -------------------------------------------------------------------------------------------------

    def _form(self, title: str, rows: list[Any], yes: str, do: Work) -> Dialog:
        return ask_for(self.app, title, rows, [(yes, do), ("Cancel", None)])

    def add(self, jid: JID | None = None) -> None:
        """Add a contact, and ask to see their presence."""
        entry = self.app.kit.entry
        address, name, groups = entry("Address:", jid or ""), entry("Name:"), entry("Groups:")

        async def do() -> None:
            called, among = str(name.edit_text).strip(), self._groups(str(groups.edit_text))
            live = self.app.live
            self.app.telling.answer(
                await inviting.add(live.apis, live.contacts.contact, str(address.edit_text), called, among)
            )

        rows = [framed(address), framed(name), framed(groups)]
        dialog = self._form("Add a contact", [*rows, "Groups are separated by commas."], "Add", do)
        if jid is not None and doubtful(jid):
            dialog.say(doubtful(jid))

    def _groups(self, text: str, own: Sequence[str] = ()) -> list[str]:
        return read_groups(text, [*own, *self.app.live.contacts.groups()])

    def rename_contact(self, contact: Contact) -> None:
        """Change what a contact is called here."""
        name = self.app.kit.entry("Name:", clean_line(contact.name))

        async def do() -> None:
            entered = str(name.edit_text).strip()
            if entered != clean_line(contact.name).strip():  # else it stays as it is, also where it was cleaned
                await self._roster.set_contact(contact.jid, entered, contact.groups)
            self.app.telling.answer(renamed(contact.jid, entered) if entered else "")

        self._form(f"Name of {clean_line(contact.jid)}", [framed(name)], "Rename", do)

    def contact_groups(self, contact: Contact) -> None:
        """Change the groups a contact is in."""
        groups = self.app.kit.entry("Groups:", ", ".join(clean_line(each) for each in contact.groups))
        known = ", ".join(clean_line(each) for each in self.app.live.contacts.groups()) or "none yet"

        async def do() -> None:
            entered = self._groups(str(groups.edit_text), contact.groups)
            if entered != contact.groups:
                await self._roster.set_contact(contact.jid, contact.name, entered)
            self.app.telling.answer()

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
                self.app.telling.answer(removed(contact.label))

        question = (
            f"Remove {who} ({clean_line(contact.jid)}) from your contacts? Neither will see the other's presence any"
            " more. The conversation stays."
        )
        self.app.ask("Remove a contact", question, "Remove", do)

    def block_contact(self, jid: JID) -> None:
        """Hear nothing more of somebody, after asking; or hear of them again."""
        blocking, live = self.app.live.apis.blocking, self.app.live
        name, who = clean_line(live.contacts.label(jid)), clean_line(jid)

        async def do(work: Coroutine[Any, Any, None], told: str) -> None:
            try:
                await work
            except SatError as error:
                self.app.failed(error)
            else:
                self.app.telling.answer(told)

        if live.contacts.is_blocked(jid):
            named = jid if jid in live.contacts.blocked else JID(jid.domain)
            self.app.loop.spawn(do(blocking.unblock(named), unblocked(named)))
            return
        question = (
            f"Block {name} ({who})? Nothing comes from them any more, and they do not see when you are there. The"
            " conversation stays."
        )

        async def block() -> None:
            await blocking.block(jid)
            self.app.telling.answer(blocked(jid))

        async def reported() -> None:
            self.app.loop.spawn(self._report(jid))  # when the first dialog is closed

        ask_for(self.app, "Block", [question], [("Cancel", None), ("Block", block), ("Report…", reported)])

    async def _report(self, jid: JID) -> None:
        """Ask what to tell the administrator of our server, then block and report."""
        said = self.app.kit.entry("What to tell:")

        async def do(why: Report) -> None:
            self.app.telling.answer(await report(self.app.live.apis, jid, why, str(said.edit_text).strip()))

        answers: list[tuple[str, Work | None]] = [(label, partial(do, why)) for why, label in LABELS.items()]
        rows = [TOLD, framed(said)]
        ask_for(self.app, f"Report {clean_line(jid)}", rows, [*answers, ("Cancel", None)])

    # -- who asks ------------------------------------------------------------------------------------------------

    def open_requests(self) -> None:
        """Answer the first of those who ask to see our presence, then who invites us; the next one follows. Where there
        are none: whom we have asked."""
        live = self.app.session.live
        if live is None or not _anybody(live):
            self._open_waited(waited(live.contacts) if live is not None else [])
            return
        if live.confirmations.waiting:  # there is somebody who waits
            self._confirm(live.confirmations.waiting[0])
            return
        if live.voices.waiting:
            self.app.rooms.open_voice()
            return
        if not live.requests:
            self.app.rooms.open_invitation()
            return
        request = live.requests[0]
        rows = [f"{clean_line(request.jid)} asks to see when you are online."]
        if request.status:
            rows.append(f"They write: {clean(request.status[:500])}")
        if warning := doubtful(request.jid):
            rows.append(warning)
        accept, refuse = partial(live.accept, request.jid), partial(live.refuse, request.jid)
        answers = [("Accept", accept), ("Refuse", refuse), ("Later", None)]
        ask_for(self.app, "Request", rows, answers, self._next, stands=lambda: request in live.requests)

    def _open_waited(self, asked: Sequence[Contact]) -> None:
        if not asked:
            self.app.notice("Nobody asks to see your presence, and nobody invites you.")
            return
        actions: list[tuple[str, Callable[[], object]]] = [
            (f"Ask {clean_line(each.label)} no longer ({clean_line(each.jid)})", partial(self._withdraw, each.jid))
            for each in asked
        ]
        open_contact_menu(self.app, "No answer yet", actions)

    def _next(self) -> None:
        if _anybody(self.app.live):
            self.open_requests()

    def _confirm(self, asked: Confirmation) -> None:
        """A web site asks whether it is we."""
        sites = self.app.live.confirmations

        async def allow() -> None:
            self.app.telling.answer(await sites.answer(asked.number, True))

        async def deny() -> None:
            self.app.telling.answer(await sites.answer(asked.number, False))

        answers = [("It was not me", deny), ("It is me", allow), ("Later", None)]
        rows = [sentence(asked)]
        ask_for(self.app, "A web site asks", rows, answers, self._next, stands=lambda: asked in sites.waiting)


def _anybody(live: LiveProfile) -> bool:
    return bool(live.requests or live.rooms.invitations or live.confirmations.waiting or live.voices.waiting)
