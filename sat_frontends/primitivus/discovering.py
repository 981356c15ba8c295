"""Blogs and communities that could be followed: a list that stays open while one follows some."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from sat.api import JID, SatError
from sat.api.errors import InvalidAddress
from sat.plugins.timeline.api import Found
from sat_frontends.primitivus.dialogs import Choice, Picker
from sat_frontends.primitivus.fuzzy import best
from sat_frontends.primitivus.picking import SHOWN_AT_MOST, open_contact_menu
from sat_frontends.quick_frontend.blog_commands import followed
from sat_frontends.quick_frontend.discovering import Discovery
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


def open_discovery(app: App, service: JID) -> None:
    """Show what could be followed."""
    _Discovering(app, service)


class _Discovering:
    """What was found, narrowed down by a few letters; an address that is typed is looked at itself."""

    def __init__(self, app: App, service: JID) -> None:
        self.app = app
        live = app.live
        self.model = Discovery(live.apis.timeline, live.jid, service)
        self._said = f"looking{app.symbols.ellipsis}"
        self.picker = Picker(self.model.title, self._matching, self._take, kit=app.kit, cancel=self._close)
        app.open_dialog(self.picker, 90, min(24, app.limit()))
        app.loop.spawn(self._load())

    def _close(self) -> None:
        self.app.close_dialog(self.picker)

    async def _load(self) -> None:
        try:
            await self.model.load()
            self._said = "Nothing was found; an address may be typed."
        except SatError as error:
            self._said = clean_line(f"{error} {error.advice}".strip())
        self.picker.refresh()

    def _matching(self, text: str) -> list[Choice]:
        symbols = self.app.symbols
        choices = []
        for each in self.model.found:
            mark = symbols.sent if each.followed else " "
            about = self.model.about(each).replace(" · ", f" {symbols.middot} ")
            choices.append(Choice(f"{mark} {self.model.name(each)}", about, each))
        shown = best(text, choices, lambda each: f"{each.label} {each.about}")[:SHOWN_AT_MOST]
        if not choices:
            shown = [Choice(self._said, attribute="hint")]
        address = _address(text)
        return [*shown, *([Choice(f"Look at {clean_line(address)}", "", address)] if address else [])]

    def _take(self, choice: Choice) -> None:
        if isinstance(choice.value, JID):
            self._close()
            open_discovery(self.app, choice.value)
        elif isinstance(choice.value, Found):
            found = choice.value
            actions: list[tuple[str, Callable[[], object]]] = [
                ("Follow no longer" if found.followed else "Follow", partial(self._begin, found)),
                ("Read", partial(self._read, found)),
            ]
            open_contact_menu(self.app, self.model.name(found), actions)

    def _read(self, found: Found) -> None:
        self._close()
        self.app.posts.open_blog(found.place)

    def _begin(self, found: Found) -> None:
        self.app.loop.spawn(self._follow(found))

    async def _follow(self, found: Found) -> None:
        try:
            now = await self.model.follow(found)
        except SatError as error:
            self.app.failed(error)
        else:
            self.app.telling.answer(followed(self.model.name(now), now.followed))
            at = self.picker.list.focus_position
            self.picker.refresh()
            self.picker.list.set_focus(at)


def _address(text: str) -> JID | None:
    """What is typed, where it is an address."""
    text = text.strip()
    if "." not in text or " " in text:
        return None
    try:
        return JID.parse(text).bare
    except InvalidAddress:
        return None
