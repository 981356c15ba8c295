"""Commands of other packages: an entry point of the group ``sat.jp`` names the module of a command group.

They are looked for only when a word is no command of ours, because looking costs as much as a command.
"""

from __future__ import annotations

from sat_frontends.jp.groups import GROUPS

ENTRY_POINTS = "sat.jp"


def learn(group: str) -> bool:
    """Import the commands of that group, if an installed package has them."""
    from importlib.metadata import entry_points

    from sat_frontends.jp.command import COMMANDS

    for entry in entry_points(group=ENTRY_POINTS, name=group):
        purpose = (entry.load().__doc__ or "").strip().partition("\n")[0]
        verbs = COMMANDS.get(group, {})
        GROUPS[group] = (purpose.removeprefix(f"jp {group}: "), tuple(verb for verb in verbs if verb))
        return bool(verbs)
    return False
