"""Who somebody is, with what they answer meanwhile; and what we tell of ourselves."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import urwid

from sat.api import JID, SatError
from sat_frontends.primitivus.dialogs import Reading
from sat_frontends.primitivus.filling import open_form
from sat_frontends.primitivus.gallery import Drawn
from sat_frontends.quick_frontend.about import Pairs, Question, questions
from sat_frontends.quick_frontend.cards import card_of, form_of
from sat_frontends.quick_frontend.forms import FormModel
from sat_frontends.quick_frontend.text import clean

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

COLUMNS, ROWS = 24, 12  # cells of a picture at most


class About:
    """The dialog of one person: what is known at once, then each answer when it comes."""

    def __init__(self, app: App, jid: JID) -> None:
        self._app, self._jid = app, jid
        self._found: dict[int, Pairs] = {}
        self._picture: Drawn | None = None
        self._dialog = Reading("Details", self._lines(), kit=app.kit, cancel=self._close)

    def open(self) -> None:
        """Show it, and ask."""
        self._app.open_dialog(self._dialog, 72)
        if self._app.frame.gallery.can_show:
            self._app.loop.spawn(self._fetch())
        if self._app.live.contacts.room(self._jid.bare) is None:
            self._app.live.programs.look(self._jid)
            for place, question in enumerate(questions(self._app.live.apis, self._app.live.contacts, self._jid)):
                self._app.loop.spawn(self._ask(place, question))

    def _close(self) -> None:
        self._app.close_dialog(self._dialog)

    async def _fetch(self) -> None:
        try:
            picture = await self._app.live.apis.avatars.get_picture(self._jid.bare)
        except SatError:  # they show none
            return
        self._picture = await self._app.frame.gallery.make(BytesIO(picture.data), COLUMNS, ROWS)
        self._show()

    def _show(self) -> None:
        self._dialog.set_lines(self._lines())
        self._app.loop.redraw()

    async def _ask(self, place: int, question: Question) -> None:
        self._found[place] = await question
        if self._found[place]:
            self._show()

    def _lines(self) -> list[urwid.Widget | str]:
        lines: list[urwid.Widget | str] = [urwid.Text(line) for line in self._app.status.details(self._jid)]
        if self._picture is not None:
            lines = [self._picture(), *lines]
        for place in sorted(self._found):
            if self._found[place]:
                lines.append("")
            lines += [urwid.Text([("hint", f"{label}: "), clean(value)]) for label, value in self._found[place]]
        return lines


def open_about(app: App, jid: JID) -> None:
    """Who somebody is."""
    About(app, jid).open()


async def open_card(app: App) -> None:
    """What we tell of ourselves, to be changed."""
    api = app.live.apis.vcard
    try:
        known = await api.get_card(app.live.jid)
    except SatError as error:
        app.failed(error)
        return

    async def save(model: FormModel) -> None:
        await api.set_own(card_of(model.answers))
        app.telling.answer("Your card was changed.")

    open_form(app, "Your card", form_of(known), [("Save", save)])
