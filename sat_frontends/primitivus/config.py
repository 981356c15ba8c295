"""What ``sat.conf`` says about primitivus: the sections ``[tui]`` and ``[tui.keys]``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple


class Config(NamedTuple):
    """How primitivus looks and sounds on this machine.

    ``theme`` is ``auto``, ``light``, ``dark`` or ``mono``; ``pictures`` is ``auto``, ``kitty``, ``half-blocks`` or
    ``none``; ``osc9`` is None where it depends on the terminal; ``keys``
    are the lines of ``[tui.keys]``; ``problems`` are sentences about lines that could not be followed.
    """

    theme: str = "auto"
    pictures: str = "auto"
    ascii: bool = False
    bell: bool = True
    osc9: bool | None = None
    mouse: bool = True
    nick_colours: bool = True
    keys: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never changed
    problems: tuple[str, ...] = ()


CHOICES = {"theme": ("auto", "light", "dark", "mono"), "pictures": ("auto", "kitty", "half-blocks", "none")}
SWITCHES = ("ascii", "bell", "osc9", "mouse", "nick_colours")


def config_path() -> Path:
    """Where ``sat.conf`` is."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(base) / "sat" / "sat.conf"


def read_config(path: Path | None = None) -> Config:
    """Read the file; one that is missing or broken gives the defaults, and says so in ``problems``."""
    path = path or config_path()
    if not path.is_file():
        return Config()
    import configparser  # only who has a sat.conf pays for it

    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    try:
        parser.read_string(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        reason = " ".join(str(error).split())
        return Config(problems=(f"sat.conf could not be read, so the usual keys and colours are used: {reason}",))
    found: dict[str, Any] = {}
    problems: list[str] = []
    for key, value in parser["tui"].items() if parser.has_section("tui") else ():
        if value in CHOICES.get(key, ()):
            found[key] = value
        elif key in SWITCHES and value.lower() in parser.BOOLEAN_STATES:
            found[key] = parser.BOOLEAN_STATES[value.lower()]
        else:
            problems.append(f"sat.conf, [tui]: “{key} = {value}” is not known.")
    keys = dict(parser["tui.keys"]) if parser.has_section("tui.keys") else {}
    return Config(keys=keys, problems=tuple(problems), **found)
