"""Who can read a blog of ours: seen, and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import urwid

from sat.api.forms import Choice
from sat.api.posts import Audience, Place
from sat.plugins.blog.api import Access
from sat_frontends.primitivus.asking import ask_for
from sat_frontends.primitivus.dialogs import framed
from sat_frontends.primitivus.fields import OneOf
from sat_frontends.primitivus.people import read_groups
from sat_frontends.quick_frontend.addressees import resolve
from sat_frontends.quick_frontend.post_words import AUDIENCES, audience, node_name
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


async def open_access(app: App, node: Place) -> None:
    """Show who can read it, to be changed. Raises SatError."""
    access = await app.live.apis.blog.get_access(node)
    _Access(app, node, access)


class _Access:
    """The dialog; below the audience stands who belongs to it, where that has to be said."""

    def __init__(self, app: App, node: Place, access: Access) -> None:
        self.app, self.node, self.chosen = app, node, access.audience
        self._before = access.groups
        self._groups = app.kit.entry("Groups:", ", ".join(clean_line(each) for each in access.groups))
        self._listed = app.kit.entry("Who:", ", ".join(access.listed))
        choices = [Choice(each.value, words) for each, words in AUDIENCES.items()]
        self._audience = urwid.AttrMap(OneOf("", choices, access.audience, self._choose), None, "focus")
        title = f"Who can read: {node_name(node, app.live.jid)}"
        self._dialog = ask_for(app, title, self._rows(), [("Save", self._save), ("Cancel", None)])

    def _rows(self) -> list[urwid.Widget | str]:
        groups = ", ".join(clean_line(each) for each in self.app.live.contacts.groups()) or "none yet"
        more: dict[Audience, list[urwid.Widget | str]] = {
            Audience.GROUPS: [framed(self._groups), f"Separated by commas. You have: {groups}."],
            Audience.LISTED: [framed(self._listed), "Addresses or names of contacts, separated by commas."],
        }
        hint = urwid.Text(("hint", "Space or an arrow changes it. Comments on your newest posts follow."))
        return [self._audience, *more.get(self.chosen, []), hint]

    def _choose(self, value: str) -> None:
        self.chosen = Audience(value)
        self._dialog.set_rows(self._rows())

    async def _save(self) -> None:
        live = self.app.live
        access = Access(self.chosen)
        if self.chosen is Audience.GROUPS:
            known = [*self._before, *live.contacts.groups()]
            access = access._replace(groups=read_groups(str(self._groups.edit_text), known))
        elif self.chosen is Audience.LISTED:
            who = [each for each in str(self._listed.edit_text).split(",") if each.strip()]
            access = access._replace(listed=list(dict.fromkeys(resolve(live.contacts, each) for each in who)))
        await live.apis.blog.set_access(self.node, access)
        self.app.telling.answer(audience(access))
