"""jp param: settings of a profile and of the daemon."""

from __future__ import annotations

from sat.api.settings import Setting, SettingsApi, Tab
from sat_frontends.jp.command import command, option, positional, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import nearest, usage
from sat_frontends.jp.output import BOLD, DIM, Column

_DAEMON = switch("-d", "--daemon", help="settings of the daemon instead of those of the profile")
_KEY = positional("KEY", "the setting, as jp param list shows it", complete="setting")


async def _settings(jp: Jp, daemon: bool) -> SettingsApi:
    return jp.bridge.settings if daemon else (await jp.profile()).settings


@command(
    "Show the settings.",
    examples=("jp param list", "jp param list --tab Connection", "jp param list --daemon -o json"),
    tab=option("-t", "--tab", metavar="TAB", help="only those of this tab of the settings screen", complete="tab"),
    changed=switch("-c", "--changed", help="only those that are not as they were at first"),
    daemon=_DAEMON,
)
async def list_(jp: Jp, tab: str | None, changed: bool, daemon: bool) -> None:
    """Columns in a pipe: key, value, default, tab, label."""
    found = await (await _settings(jp, daemon)).get_settings()
    if tab is not None:
        tabs = {each.value.casefold(): each.value for each in Tab}
        if tab.casefold() not in tabs:
            raise usage(f"There is no tab “{tab}”.", nearest(tab, list(tabs.values())) or ", ".join(tabs.values()))
        found = [each for each in found if each.tab == tabs[tab.casefold()]]
    if changed:
        found = [each for each in found if each.value != each.default]
    columns = (
        Column("Key", BOLD),
        Column("Value", flexible=True),
        Column("Default", DIM),
        Column("Tab", DIM),
        Column("Label", flexible=True),
    )
    jp.out.table(found, columns, [(each.key, each.value, each.default, each.tab, each.label) for each in found])


@command(
    "Show one setting.",
    examples=("jp param get chat_states.send", "jp param get chat_states.send -v"),
    key=_KEY,
    daemon=_DAEMON,
)
async def get(jp: Jp, key: str, daemon: bool) -> None:
    """Its value; with --verbose what it is for, too."""
    found = await (await _settings(jp, daemon)).get_setting(key)
    if jp.out.verbose:
        jp.out.record(found, _pairs(found))
    else:
        jp.out.text(found, found.value)


def _pairs(setting: Setting) -> list[tuple[str, str]]:
    pairs = [(name, str(value)) for name, value in setting._asdict().items() if name != "choices"]
    return [*pairs, ("choices", ", ".join(setting.choices))]


@command(
    "Change a setting.",
    examples=("jp param set chat_states.send false", "jp param set --daemon log.level debug"),
    key=_KEY,
    value=positional("VALUE", "true or false, a number, a word: as jp param get shows it", complete="value"),
    daemon=_DAEMON,
)
async def set_(jp: Jp, key: str, value: str, daemon: bool) -> None:
    """It is stored and works at once."""
    await (await _settings(jp, daemon)).set_setting(key, value)
