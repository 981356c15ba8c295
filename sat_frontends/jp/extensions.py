"""Commands of other packages: an entry point of the group ``sat.jp`` names the module of a command group.

They are imported only to be used or explained.
"""

from __future__ import annotations

from sat.entry_points import declared
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.groups import GROUPS

ENTRY_POINTS = "sat.jp"


def installed() -> dict[str, str]:
    """The groups that other packages have, each with its module. Where two have the same, Python's path decides."""
    found: dict[str, str] = {}
    for group, value in declared(ENTRY_POINTS):
        found.setdefault(group, value.partition(":")[0].partition("[")[0].strip())
    return found


def learn(group: str) -> bool:
    """Import the commands of that group, if an installed package has them. Failure where it cannot be imported."""
    module = installed().get(group)
    if module is None:
        return False
    try:
        return _learn(group, module)
    except Exception as error:  # whatever is wrong with it: it is not ours
        raise Failure(f"{module} cannot be loaded: {error}") from error


def learn_all() -> dict[str, str]:
    """The groups of other packages, each with what it is for, or why it cannot be used."""
    found = {}
    for group, module in sorted(installed().items()):
        try:
            found[group] = GROUPS[group][0] if _learn(group, module) else f"{module} declares no command"
        except Exception as error:  # whatever is wrong with it: the help must come
            found[group] = f"{module} cannot be loaded: {error}"
    return found


def _learn(group: str, module: str) -> bool:
    from importlib import import_module

    from sat_frontends.jp.command import COMMANDS

    purpose = (import_module(module).__doc__ or "").strip().partition("\n")[0]
    verbs = COMMANDS.get(group, {})
    if verbs:
        GROUPS[group] = (purpose.removeprefix(f"jp {group}: ").rstrip("."), tuple(verb for verb in verbs if verb))
    return bool(verbs)
