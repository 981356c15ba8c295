"""What ``sat.conf`` says about primitivus: the sections ``[tui]`` and ``[tui.keys]``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class Config(NamedTuple):
    """How primitivus looks and sounds on this machine.

    ``theme`` is ``auto``, ``light``, ``dark`` or ``mono``; ``osc9`` is None where it depends on the terminal; ``keys``
    are the lines of ``[tui.keys]``; ``problems`` are sentences about lines that could not be followed.
    """

    theme: str = "auto"
    ascii: bool = False
    bell: bool = True
    osc9: bool | None = None
    mouse: bool = True
    nick_colours: bool = True
    keys: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never changed
    problems: tuple[str, ...] = ()


THEMES = ("auto", "light", "dark", "mono")
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
    booleans: dict[str, bool] = {}
    theme, problems = "auto", []
    for key, value in parser["tui"].items() if parser.has_section("tui") else ():
        if key == "theme" and value in THEMES:
            theme = value
        elif key in SWITCHES and value.lower() in parser.BOOLEAN_STATES:
            booleans[key] = parser.BOOLEAN_STATES[value.lower()]
        else:
            problems.append(f"sat.conf, [tui]: “{key} = {value}” is not known.")
    keys = dict(parser["tui.keys"]) if parser.has_section("tui.keys") else {}
    return Config(theme=theme, keys=keys, problems=tuple(problems), **booleans)
