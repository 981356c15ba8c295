"""Commands of other packages: an entry point of the group ``sat.jp`` names the module of a command group.

Where they are is read from the packages' metadata here, because ``importlib.metadata`` alone costs as much as a
command. They are imported only to be used or explained.
"""

from __future__ import annotations

import os
import sys

from sat_frontends.jp.failure import Failure
from sat_frontends.jp.groups import GROUPS

ENTRY_POINTS = "sat.jp"


def installed() -> dict[str, str]:
    """The groups that other packages have, each with its module. Where two have the same, Python's path decides."""
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            with os.scandir(folder or ".") as entries:
                names = [each.name for each in entries if each.name.endswith((".dist-info", ".egg-info"))]
        except OSError:  # a zip file, or nothing
            continue
        for name in sorted(names):
            for group, module in _declared(os.path.join(folder, name, "entry_points.txt")):
                found.setdefault(group, module)
    return found


def _declared(path: str) -> list[tuple[str, str]]:
    """What a package's metadata declares (Python packaging, “Entry points specification”)."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:  # most packages declare none
        return []
    found, section = [], ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line
        elif section == f"[{ENTRY_POINTS}]" and line and line[0] not in "#;":
            group, _, module = line.partition("=")
            found.append((group.strip(), module.partition(":")[0].partition("[")[0].strip()))
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
