"""What is done with rooms and those who are in them: write to one alone, moderate, leave, answer an invitation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from sat.api import JID, SatError
from sat.api.messages import Message
from sat.plugins.rooms.api import Occupant
from sat_frontends.primitivus.asking import ask_for
from sat_frontends.primitivus.dialogs import Choice, framed
from sat_frontends.primitivus.filling import open_form
from sat_frontends.primitivus.picking import open_contact_menu, pick
from sat_frontends.quick_frontend.forms import FormModel
from sat_frontends.quick_frontend.moderating import HELP, LABELS, TAKING_BACK, Deed, carry_out, possible
from sat_frontends.quick_frontend.room_words import invited, joined, lines_about, listed, only_listed
from sat_frontends.quick_frontend.text import clean_line
from sat_frontends.quick_frontend.voices import asks

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


class Rooms:
    """The dialogs about rooms."""

    def __init__(self, app: App) -> None:
        self.app = app

    # -- with one of those who are there -------------------------------------------------------------------------

    def act(self, action: str, occupant: Occupant | None) -> None:
        """An action of the key table on who is selected in the room that is shown."""
        peer = self.app.windows.current
        if occupant is None or peer is None:
            self.app.notice("Select somebody first.")
        else:
            handler: Callable[[JID, Occupant], object] = getattr(self, action)
            handler(peer.bare, occupant)

    def write_alone(self, room: JID, occupant: Occupant) -> None:
        """Open the private conversation."""
        if occupant.own:
            self.app.notice("That is you.")
        else:
            self.app.open_chat(room.with_resource(occupant.nick))

    def occupant_menu(self, room: JID, occupant: Occupant) -> None:
        """What can be done with them."""
        own = self.app.live.contacts.occupants.own(room)
        actions: list[tuple[str, Callable[[], object]]] = [
            ("Write to them alone", partial(self.write_alone, room, occupant)),
            ("Details", partial(self._read, occupant)),
            *((LABELS[deed], partial(self._moderate, room, occupant, deed)) for deed in possible(own, occupant)),
        ]
        open_contact_menu(self.app, clean_line(occupant.nick), actions)

    def _read(self, occupant: Occupant) -> None:
        self.app.read("Details", list(lines_about(occupant)))

    def _moderate(self, room: JID, occupant: Occupant, deed: Deed) -> None:
        """Ask for a reason, then do it."""
        reason = self.app.kit.entry("Reason:")

        async def do() -> None:
            told = await carry_out(self.app.live.apis.rooms, room, occupant, deed, str(reason.edit_text).strip())
            self.app.telling.answer(told)

        rows = [*([HELP[deed]] if deed in HELP else []), framed(reason)]
        title = f"{LABELS[deed]}: {clean_line(occupant.nick)}"
        ask_for(self.app, title, rows, [(LABELS[deed], do), ("Cancel", None)])

    def take_back(self, message: Message) -> None:
        """Ask for a reason, then take back what somebody else wrote."""
        reason = self.app.kit.entry("Reason:")

        async def do() -> None:
            await self.app.live.apis.rooms.moderate(message.id, str(reason.edit_text).strip())
            self.app.telling.answer("The message was taken back.")

        rows = [TAKING_BACK, framed(reason)]
        title = f"Take back what {clean_line(message.sender.resource)} wrote"
        ask_for(self.app, title, rows, [("Take back", do), ("Cancel", None)])

    # -- with a room ---------------------------------------------------------------------------------------------

    def leave(self, room: JID) -> None:
        """Leave a room; asks first."""

        async def do() -> None:
            try:
                await self.app.live.apis.rooms.leave(room)
            except SatError as error:
                self.app.failed(error)
            else:
                self.app.telling.answer(f"You have left {clean_line(room)}. Its conversation stays here.")

        question = f"Leave {clean_line(self.app.live.contacts.label(room))}? Its conversation stays here."
        self.app.ask("Leave a room", question, "Leave", do)

    async def open_settings(self, room: JID) -> None:
        """Change the settings of a room, by its own form."""
        api = self.app.live.apis.rooms

        async def save(model: FormModel) -> None:
            await api.set_configuration(room, model.changes)
            self.app.telling.answer("The settings of the room were changed.")

        try:
            form = await api.get_configuration(room)
        except SatError as error:
            self.app.failed(error)
            return
        open_form(self.app, f"Settings of {clean_line(room)}", form, [("Save", save)])

    # -- finding -------------------------------------------------------------------------------------------------

    async def open_found(self, words: str, after: str = "") -> None:
        """The rooms that words find: one is entered, or more are looked for."""
        try:
            found = await self.app.live.rooms.search(words, after=after)
        except SatError as error:
            self.app.failed(error)
            return
        choices = [Choice(clean_line(each.name or each.jid.local), listed(each), each.jid) for each in found.rooms]
        if found.more:
            choices.append(Choice("More", f"of what {clean_line(found.service)} finds", None))
        title = f"Rooms {'of your own server, ' if found.listed else 'found at '}{clean_line(found.service)}"
        if not choices:
            told = f"No {'other ' if after else ''}room was found.", only_listed(found)
            self.app.read(title, [each for each in told if each])
            return

        def take(choice: Choice) -> None:
            room = choice.value
            self.app.loop.spawn(self._join(room) if isinstance(room, JID) else self.open_found(words, found.more))

        pick(self.app, title, choices, take)

    async def _join(self, room: JID) -> None:
        try:
            joined = await self.app.live.rooms.join(room)
        except SatError as error:
            self.app.failed(error)
        else:
            self.app.open_chat(joined.jid)

    # -- who asks ------------------------------------------------------------------------------------------------

    def open_voice(self) -> None:
        """Let the first visitor write who asks for it, or not; the next one follows."""
        voices = self.app.live.voices
        asked = voices.waiting[0]

        async def answer(allow: bool) -> None:
            self.app.telling.answer(await voices.answer(asked.number, allow))

        answers = [("Let them write", partial(answer, True)), ("Refuse", partial(answer, False)), ("Later", None)]
        rows = [f"{joined(asks(asked))}."]
        ask_for(self.app, "Request", rows, answers, self._next_voice, stands=lambda: asked in voices.waiting)

    def _next_voice(self) -> None:
        if self.app.live.voices.waiting:
            self.open_voice()

    def open_invitation(self) -> None:
        """Answer the first invitation; the next one follows."""
        live = self.app.live
        invitation = live.rooms.invitations[0]

        async def follow() -> None:
            room = await live.rooms.join(invitation.room)
            self.app.open_chat(room.jid)

        async def decline() -> None:
            await live.rooms.decline(invitation.room)

        answers = [("Join", follow), ("Decline", decline), ("Later", None)]
        rows = [f"{joined(invited(invitation))}."]
        ask_for(self.app, "Invitation", rows, answers, self._next, stands=lambda: invitation in live.rooms.invitations)

    def _next(self) -> None:
        if self.app.live.rooms.invitations:
            self.open_invitation()
