"""Settings of the daemon, of the profile and of its account, by tab."""

from __future__ import annotations

from libervia.server.page import THEMES, Answer, Html, Page, Redirect, Visit, not_found
from sat.api.settings import SettingKind, Tab
from sat_frontends.quick_frontend.account import AccountSettings
from sat_frontends.quick_frontend.settings import SettingField, SettingsModel

PLACES = ("files.folder",)
"""Settings that name places of the daemon's machine. Where others can reach this page, nobody chooses such a place:
what is put there could be run by it."""


class Settings(Page):
    """``/settings/<tab>``"""

    title = "Settings"
    menu = 7
    argument = True
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The settings of a tab."""
        tab = _tab(visit.argument)
        return await self._show(visit, tab, await _load(visit))

    async def post(self, visit: Visit) -> Answer:
        """Save, or forget what was entered; or choose how this browser shows pages."""
        tab = _tab(visit.argument)
        if visit.form.get("do") == "theme":
            theme = visit.form.get("theme", "")
            visit.theme = theme if theme in THEMES else ""
            return Redirect(path_of(tab))
        if visit.form.get("do") == "cancel":
            return Redirect(path_of(tab))
        model = await _load(visit)
        for field in _fields(visit, model, tab):
            key = field.setting.key
            if field.setting.kind is SettingKind.BOOL:
                model.enter(key, "true" if visit.form.get(key) else "false")
            elif key in visit.form:
                model.enter(key, visit.form[key].replace("\r\n", "\n"))
        changed = len(model.unsaved)
        if await model.save():
            visit.notice("Saved." if changed else "Nothing was changed.")
            return Redirect(path_of(tab))
        return await self._show(visit, tab, model, 400)

    async def _show(self, visit: Visit, tab: Tab, model: SettingsModel, status: int = 200) -> Html:
        desk = await visit.desk()
        browsers = len(visit.app.sessions.of_profile(desk.name))
        tabs = [(each, path_of(each)) for each in Tab if each is tab or _fields(visit, model, each)]
        values = {
            "live": desk.live,
            "tab": tab,
            "tabs": tabs,
            "fields": _fields(visit, model, tab),
            "browsers": browsers,
        }
        values |= {"themes": {"": "as the system says", **{each: each for each in THEMES}}}
        return Html("settings/settings.html", values, status)


async def _load(visit: Visit) -> SettingsModel:
    desk = await visit.desk()
    # Where others can reach this page, nobody points the daemon at a machine of their choice (threats: SSRF).
    account = [AccountSettings(desk.apis.profile)] if visit.app.config.private else []
    model = SettingsModel(visit.app.daemon.settings, desk.apis.settings, *account)
    await model.load()
    model.close()
    return model


def _fields(visit: Visit, model: SettingsModel, tab: Tab) -> list[SettingField]:
    return [each for each in model.fields(tab) if visit.app.config.private or each.setting.key not in PLACES]


def path_of(tab: Tab) -> str:
    """The address of a tab: ``/settings/mail-server``."""
    return f"/settings/{tab.value.lower().replace(' ', '-')}"


def _tab(name: str) -> Tab:
    if not name:
        return Tab.GENERAL
    for tab in Tab:
        if path_of(tab) == f"/settings/{name}":
            return tab
    raise not_found()
