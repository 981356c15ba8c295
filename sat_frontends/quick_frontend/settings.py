"""The settings screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sat.api import SatError, Signal
from sat.api.errors import InvalidSetting, UnknownSetting
from sat.api.settings import Setting, SettingChange, SettingKind, SettingsApi, Tab


class SettingField(NamedTuple):
    """A setting being looked at. ``value`` is as entered; ``error`` says what is wrong with it."""

    setting: Setting
    value: str
    changed: bool
    error: str = ""


class SettingsModel:
    """Settings of the daemon, of a profile and of its account on one screen, changed together by ``save``.

    Where two apis have a setting of the same key, that of the last one is shown.
    """

    def __init__(self, *apis: SettingsApi) -> None:
        self.changed: Signal[str] = Signal()
        """The key of the setting that looks different now; empty: all."""
        self.filter = ""
        self._apis = apis
        self._owners: dict[str, SettingsApi] = {}
        self._settings: dict[str, Setting] = {}
        self._entered: dict[str, str] = {}
        self._errors: dict[str, str] = {}
        self._disconnects = [api.changed.connect(self._hearing(api)) for api in apis]

    async def load(self) -> None:
        """Load all settings; what was entered and not saved is forgotten. Raises SatError."""
        owners: dict[str, SettingsApi] = {}
        settings: dict[str, Setting] = {}
        for api in self._apis:
            for setting in await api.get_settings():
                owners[setting.key], settings[setting.key] = api, setting
        self._owners, self._settings = owners, settings
        self.cancel()

    def close(self) -> None:
        """Hear nothing any more."""
        for disconnect in self._disconnects:
            disconnect()

    def tabs(self, empty: bool = True) -> list[Tab]:
        """The tabs in their order; those without a setting only if asked for."""
        used = {setting.tab for setting in self._settings.values()}
        return [tab for tab in Tab if empty or tab in used]

    def fields(self, tab: Tab) -> list[SettingField]:
        """The settings of a tab that match the filter."""
        wanted = self.filter.casefold()
        return [
            self.field(setting.key)
            for setting in self._settings.values()
            if setting.tab is tab and wanted in f"{setting.label}\n{setting.key}\n{setting.help}".casefold()
        ]

    def field(self, key: str) -> SettingField:
        """One setting. Errors: UnknownSetting."""
        setting = self._settings.get(key)
        if setting is None:
            raise UnknownSetting(key=key, suggestion="")
        value = self._entered.get(key, setting.value)
        return SettingField(setting, value, key in self._entered, self._errors.get(key, ""))

    def set_filter(self, text: str) -> None:
        """Show only settings whose label, key or help holds this text."""
        if text != self.filter:
            self.filter = text
            self.changed.emit("")

    def enter(self, key: str, value: str) -> None:
        """The person entered a value; it is checked as far as can be here."""
        setting = self.field(key).setting
        if value == setting.value:
            self._entered.pop(key, None)
        else:
            self._entered[key] = value
        self._errors[key] = problem(setting, value)
        self.changed.emit(key)

    def reset(self, key: str) -> None:
        """Enter the default."""
        self.enter(key, self.field(key).setting.default)

    @property
    def unsaved(self) -> list[str]:
        """The keys of the settings that were changed and not saved."""
        return list(self._entered)

    async def save(self) -> bool:
        """Store what was changed; whether all of it was. Refused values stay, with their ``error``."""
        for key, value in tuple(self._entered.items()):
            if problem(self._settings[key], value):
                continue
            try:
                await self._owners[key].set_setting(key, value)
            except InvalidSetting as error:  # people know it by its label
                self._errors[key] = str(InvalidSetting(**{**error.details, "key": self._settings[key].label}))
            except SatError as error:
                self._errors[key] = str(error)
            else:
                self._store(key, value)
                self._errors.pop(key, None)
                if self._entered.get(key) == value:  # it may have been edited while we waited
                    del self._entered[key]
            self.changed.emit(key)
        return not self._entered

    def cancel(self) -> None:
        """Forget what was entered."""
        self._entered.clear()
        self._errors.clear()
        self.changed.emit("")

    def _store(self, key: str, value: str) -> None:
        if key in self._settings:
            self._settings[key] = self._settings[key]._replace(value=value)

    def _hearing(self, api: SettingsApi) -> Callable[[SettingChange], None]:
        def heard(change: SettingChange) -> None:
            if self._owners.get(change.key) is api:
                self._store(change.key, change.value)
                if self._entered.get(change.key) == change.value:  # changed elsewhere to what was entered here
                    del self._entered[change.key]
                self.changed.emit(change.key)

        return heard


_NUMBERS: dict[SettingKind, tuple[type[int] | type[float], str]] = {
    SettingKind.INT: (int, "This must be a whole number."),
    SettingKind.FLOAT: (float, "This must be a number."),
}


def problem(setting: Setting, value: str) -> str:
    """What is wrong with a value, as far as can be said without the daemon, as a sentence."""
    if setting.kind is SettingKind.BOOL and value not in ("true", "false"):
        return "This is either true or false."
    if setting.kind is SettingKind.CHOICE and value not in setting.choices:
        return f"This is one of {', '.join(setting.choices)}."
    if setting.kind in _NUMBERS:
        number, sentence = _NUMBERS[setting.kind]
        try:
            number(value)
        except ValueError:
            return sentence
    return ""
