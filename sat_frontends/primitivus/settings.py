"""The settings screen: a tab for each kind, Save and Cancel, a mark at what was changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import urwid

from sat.api import SatError
from sat.api.settings import SettingsApi, Tab
from sat_frontends.primitivus.dialogs import Answer, Dialog, button_row
from sat_frontends.primitivus.fields import setting_field
from sat_frontends.quick_frontend.account import AccountSettings
from sat_frontends.quick_frontend.settings import SettingsModel
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


class SettingsScreen(urwid.WidgetWrap):
    """All settings of the daemon and the profile, and the profile's account.

    Tab and Shift-Tab change the tab (Alt-← → too), ``/`` filters, Esc leaves and asks when something was changed.
    """

    def __init__(self, app: App, model: SettingsModel) -> None:
        self.app, self.model = app, model
        self._marks: dict[str, urwid.Text] = {}
        self._errors: dict[str, urwid.Pile] = {}
        self._filtering = False
        self.tabs = urwid.Tabs(
            attr_map="tab",
            selected_map="tab current",
            focus_map="focus",
            dividechars=2,
            underline=(app.symbols.rule, app.symbols.heavy),
        )
        self.tabs.contents[:] = [(self._page(tab), self.tabs.options(tab.value)) for tab in model.tabs()]
        self.tabs.focus_position = 0
        self._filter = urwid.Text("")
        buttons = button_row([Answer("Save", self.save), Answer("Cancel", self.leave)])
        self._pile = urwid.Pile(
            [(urwid.PACK, self._filter), self.tabs, (urwid.PACK, urwid.Divider()), (urwid.PACK, buttons)], focus_item=1
        )
        super().__init__(app.kit.box(self._pile, "Settings"))
        self._disconnect = model.changed.connect(self._changed)
        self._show_filter()

    @classmethod
    async def open(cls, app: App) -> None:
        """Load the settings and show them."""
        link, live = app.session.link, app.session.live
        if link is None:
            return
        apis: list[SettingsApi] = [link.settings]
        if live is not None:
            profile = link.profile(live.name)
            apis += [profile.settings, AccountSettings(profile.profile)]
        model = SettingsModel(*apis)
        try:
            await model.load()
        except SatError as error:
            model.close()
            app.failed(error)
            return
        app.root.open(cls(app, model), width=(urwid.RELATIVE, 100), height=(urwid.RELATIVE, 100))
        app.look()

    # -- pages ---------------------------------------------------------------------------------------------------

    def _page(self, tab: Tab) -> urwid.Widget:
        rows: list[urwid.Widget] = []
        for field in self.model.fields(tab):
            key = field.setting.key
            mark = self._marks[key] = urwid.Text("")
            error = self._errors[key] = urwid.Pile([])
            widget = setting_field(self.app.kit, field, partial(self.model.enter, key))
            rows.append(urwid.Columns([(2, mark), widget], focus_column=1))
            if field.setting.help:
                rows.append(urwid.Padding(urwid.Text(("hint", clean_line(field.setting.help))), left=6))
            rows.append(urwid.Padding(error, left=6))
            self._mark(key)
        if not rows:
            rows.append(urwid.Text(("hint", "Nothing to set here yet." if not self.model.filter else "Nothing fits.")))
        return urwid.ListBox(urwid.SimpleFocusListWalker(rows))

    def _mark(self, key: str) -> None:
        field = self.model.field(key)
        self._marks[key].set_text(("changed", self.app.symbols.changed) if field.changed else "")
        line = urwid.Text(("error", clean_line(field.error)))
        self._errors[key].contents[:] = [(line, (urwid.PACK, None))] if field.error else []

    def _changed(self, key: str) -> None:
        if key in self._marks:
            self._mark(key)
        elif not key:
            self._rebuild()
        self.app.loop.redraw()

    def _rebuild(self) -> None:
        self._marks, self._errors = {}, {}
        place = self.tabs.focus_position
        self.tabs.contents[:] = [(self._page(tab), self.tabs.options(tab.value)) for tab in self.model.tabs()]
        self.tabs.focus_position = place

    def _show_filter(self) -> None:
        words = self.model.filter
        if self._filtering or words:
            self._filter.set_text([("prompt", "/"), words, ("hint", "  Enter keeps it, Esc clears it")])
        else:
            dot = self.app.symbols.middot
            self._filter.set_text(("hint", f"Tab: next page {dot} /: filter {dot} Esc: leave"))

    # -- keys ----------------------------------------------------------------------------------------------------

    def keypress(self, size: tuple[int, int], key: str) -> str | None:
        if self._filtering:
            self._filter_key(key)
            return None
        left: str | None = super().keypress(size, key)
        if left is None:
            return None
        if left in ("tab", "meta right", "ctrl n"):
            self._turn(1)
        elif left in ("shift tab", "meta left", "ctrl p"):
            self._turn(-1)
        elif left == "/":
            self._filtering = True
        elif left == "esc":
            self.leave()
        else:
            return left
        self._show_filter()
        return None

    def _turn(self, step: int) -> None:
        self.tabs.focus_position = (self.tabs.focus_position + step) % len(self.tabs.contents)

    def _filter_key(self, key: str) -> None:
        words = self.model.filter
        if key == "enter":
            self._filtering = False
        elif key == "esc":
            self._filtering = False
            self.model.set_filter("")
        elif key == "backspace":
            self.model.set_filter(words[:-1])
        elif len(key) == 1 and key.isprintable():
            self.model.set_filter(words + key)
            self._go_where_something_fits()
        self._show_filter()

    def _go_where_something_fits(self) -> None:
        tabs = self.model.tabs()
        if not self.model.fields(tabs[self.tabs.focus_position]):
            found = next((n for n, tab in enumerate(tabs) if self.model.fields(tab)), None)
            if found is not None:
                self.tabs.focus_position = found

    # -- leaving -------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Store what was changed; close when all of it was taken."""
        self.app.loop.spawn(self._save())

    async def _save(self) -> None:
        changed = len(self.model.unsaved)
        if await self.model.save():
            self._close()
            self.app.telling.answer("Settings saved." if changed else "Nothing was changed.")
        else:
            refused = self.model.field(self.model.unsaved[0])
            self.tabs.focus_position = self.model.tabs().index(refused.setting.tab)
            label, error = refused.setting.label, clean_line(refused.error)
            self.app.telling.answer(error if label in error else f"{label}: {error}", error=True)

    def leave(self) -> None:
        """Close; what was changed is asked about."""
        if not self.model.unsaved:
            self._close()
            return

        def then(do: Callable[[], object]) -> Callable[[], object]:
            def go() -> None:
                self.app.close_dialog(dialog)
                do()

            return go

        number = len(self.model.unsaved)
        answers = [
            Answer("Save", then(self.save)),
            Answer("Discard", then(self._close)),
            Answer("Go on", then(lambda: None)),
        ]
        question = f"{number} {'setting was' if number == 1 else 'settings were'} changed and not saved."
        dialog = Dialog("Settings", [question], answers, kit=self.app.kit, cancel=lambda: self.app.close_dialog(dialog))
        self.app.open_dialog(dialog, 50)

    def _close(self) -> None:
        self._disconnect()
        self.model.close()
        self.app.close_dialog(self)
