"""How the server of a profile is reached, as settings: so that the settings screens have it."""

from __future__ import annotations

from typing import Any

from sat.api.errors import UnknownSetting
from sat.api.profile import Account, ProfileApi
from sat.api.settings import Setting, SettingChange, SettingKind, SettingsApi, Tab

_PREFIX = "account."
_LATER = "It holds from the next connection on."
_FIELDS: dict[str, tuple[SettingKind, Tab, str, str]] = {
    "host": (SettingKind.TEXT, Tab.MAIL_SERVER, "Host of the server", f"Empty: as DNS tells. {_LATER}"),
    "port": (SettingKind.INT, Tab.MAIL_SERVER, "Port of the server", f"0: as DNS tells, or the usual one. {_LATER}"),
    "direct_tls": (
        SettingKind.BOOL,
        Tab.MAIL_SERVER,
        "Encrypt from the first byte",
        f"Direct TLS, mostly on port 5223, where a host or port is set; else STARTTLS. {_LATER}",
    ),
    "require_tls": (
        SettingKind.BOOL,
        Tab.MAIL_SERVER,
        "Never go on without encryption",
        f"Off lets a server on this machine go without; no other can. {_LATER}",
    ),
    "pin": (
        SettingKind.TEXT,
        Tab.MAIL_SERVER,
        "Certificate to trust",
        "The fingerprint of one that would be refused otherwise: SHA256:… Only if the server's administrator confirms"
        f" it. Empty: none. {_LATER}",
    ),
    "websocket": (
        SettingKind.TEXT,
        Tab.MAIL_SERVER,
        "Address of a WebSocket",
        f"wss://…: the server is reached only through it. Empty: where nothing else gets through. {_LATER}",
    ),
    "resource": (
        SettingKind.TEXT,
        Tab.CONNECTION,
        "Resource",
        f"What this program is called among your others. Empty: the server chooses. {_LATER}",
    ),
    "autoconnect": (
        SettingKind.BOOL,
        Tab.CONNECTION,
        "Go online when the daemon starts",
        "Connecting switches it on, disconnecting off.",
    ),
}


class AccountSettings(SettingsApi):
    """The account of a profile. What others change meanwhile is seen at the next look."""

    def __init__(self, profile: ProfileApi) -> None:
        self._profile = profile

    async def get_settings(self) -> list[Setting]:
        account = await self._profile.get_account()
        return [_setting(account, name) for name in _FIELDS]

    async def get_setting(self, key: str) -> Setting:
        return _setting(await self._profile.get_account(), _name(key))

    async def set_setting(self, key: str, value: str) -> None:
        name = _name(key)
        account = await self._profile.get_account()
        await self._profile.set_account(account._replace(**{name: _parsed(_FIELDS[name][0], value.strip())}))
        self.changed.emit(SettingChange(key, value.strip()))


def _name(key: str) -> str:
    name = key.removeprefix(_PREFIX)
    if not key.startswith(_PREFIX) or name not in _FIELDS:
        raise UnknownSetting(key=key, suggestion="")
    return name


def _setting(account: Account, name: str) -> Setting:
    kind, tab, label, help = _FIELDS[name]
    value, default = getattr(account, name), Account._field_defaults[name]
    return Setting(f"{_PREFIX}{name}", label, kind, _shown(value), _shown(default), tab, help=help)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parsed(kind: SettingKind, value: str) -> Any:
    """The model has checked that it is a number where one is wanted (``settings.problem``)."""
    if kind is SettingKind.BOOL:
        return value == "true"
    return int(value) if kind is SettingKind.INT else value
