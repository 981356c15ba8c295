"""Settings of the daemon (at the root object) and of a profile (at its object), as frontends see them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api.contract import Api, method, signal


class SettingKind(StrEnum):
    """What a setting holds, so how it is drawn."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    TEXT = "text"
    CHOICE = "choice"


class Tab(StrEnum):
    """The pages of the settings screens, in their order: first what people use daily, last what experts need."""

    GENERAL = "General"
    COMPOSITION = "Composition"
    NOTIFICATIONS = "Notifications"
    BLOG_PAGE = "Blog page"
    MISC = "Misc"
    MAIL_SERVER = "Mail Server"
    CONNECTION = "Connection"
    DEBUG = "Debug"


class Setting(NamedTuple):
    """One setting. Values are text, as in sat.conf: true, 30, away."""

    key: str
    label: str
    kind: SettingKind
    value: str
    default: str
    tab: Tab
    choices: list[str] = []  # noqa: RUF012 - a named tuple's default, never changed
    help: str = ""


class SettingChange(NamedTuple):
    """A setting has another value now."""

    key: str
    value: str


class SettingsApi(Api):
    """Look at settings and change them."""

    changed = signal(SettingChange, "Somebody changed a setting.")

    @method
    async def get_settings(self) -> list[Setting]:
        """Every setting, by tab, then by key."""

    @method
    async def get_setting(self, key: str) -> Setting:
        """One setting. Errors: UnknownSetting."""

    @method
    async def set_setting(self, key: str, value: str) -> None:
        """Change a setting; it is stored and works at once. Errors: UnknownSetting, InvalidSetting."""
