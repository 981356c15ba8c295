"""Colours: dark, light, and none; each meaning has one name here, and is readable without colour too."""

from __future__ import annotations

import os
from collections.abc import Mapping

from sat_frontends.quick_frontend.colours import hsluv, hue

# name: (dark 16, dark 256, light 16, light 256, mono). Foreground[,background after a slash].
_COLOURS: dict[str, tuple[str, str, str, str, str]] = {
    "title": ("white/dark blue", "#fff/#036", "white/dark blue", "#fff/#06a", "standout"),
    "title dim": ("light gray/dark blue", "#acd/#036", "light gray/dark blue", "#def/#06a", "standout"),
    "title doubt": (
        "yellow,bold/dark blue",
        "#fd6,bold/#036",
        "yellow,bold/dark blue",
        "#ff8,bold/#06a",
        "bold,underline,standout",
    ),
    "bar": ("light gray/dark blue", "#acd/#036", "black/light gray", "#346/#dee", "standout"),
    "bar current": (
        "white,bold/dark blue",
        "#fff,bold/#036",
        "black,bold/light gray",
        "#000,bold/#dee",
        "bold,standout",
    ),
    "bar unread": (
        "yellow,bold/dark blue",
        "#fd6,bold/#036",
        "dark red,bold/light gray",
        "#a00,bold/#dee",
        "bold,underline,standout",
    ),
    "banner": ("white,bold/dark red", "#fff,bold/#800", "white,bold/dark red", "#fff,bold/#a00", "bold,standout"),
    "notice": ("black/dark cyan", "#000/#6bd", "black/dark cyan", "#000/#adf", "standout"),
    "notice error": ("white,bold/dark red", "#fff,bold/#800", "white,bold/dark red", "#fff,bold/#a00", "bold,standout"),
    "divider": ("dark gray", "#567", "dark gray", "#9ab", ""),
    "tab": ("dark gray", "#89a", "dark gray", "#678", ""),
    "tab current": ("white,bold", "#fff,bold", "black,bold", "#000,bold", "bold,underline"),
    "group": ("light blue", "#8bf", "dark blue", "#05a", "bold"),
    "focus": ("black/light gray", "#000/#acd", "white/dark blue", "#fff/#06a", "standout"),
    "contact": ("default", "default", "default", "default", ""),
    "contact open": ("white,bold", "#fff,bold", "black,bold", "#000,bold", "bold"),
    "unread": ("yellow,bold", "#fd6,bold", "dark red,bold", "#a00,bold", "bold"),
    "online": ("light green", "#6d6", "dark green", "#080", ""),
    "away": ("yellow", "#db4", "brown", "#950", ""),
    "busy": ("light red", "#f76", "dark red", "#b00", ""),
    "offline": ("dark gray", "#789", "dark gray", "#888", ""),
    "time": ("dark gray", "#789", "dark gray", "#888", ""),
    "nick own": ("light cyan,bold", "#6df,bold", "dark cyan,bold", "#067,bold", "bold"),
    "nick": ("light green,bold", "#8e8,bold", "dark green,bold", "#060,bold", "bold"),
    "body": ("default", "default", "default", "default", ""),
    "quote": ("dark gray", "#9ab", "dark gray", "#567", "italics"),
    "strong": ("default,bold", "default,bold", "default,bold", "default,bold", "bold"),
    "emphasis": ("default,italics", "default,italics", "default,italics", "default,italics", "italics"),
    "strike": ("dark gray,strikethrough", "#9ab,strikethrough", "dark gray,strikethrough", "#567,strikethrough", ""),
    "code": ("light cyan", "#9cf", "dark cyan", "#048", ""),
    "mention": ("light blue", "#8bf", "dark blue", "#05a", "bold"),
    "mention own": ("yellow,bold", "#fd6,bold", "dark red,bold", "#a00,bold", "bold,underline"),
    "found": ("black/yellow", "#000/#fd6", "black/yellow", "#000/#fd6", "underline"),
    "receipt": ("dark gray", "#789", "dark gray", "#888", ""),
    "receipt seen": ("light green", "#6d6", "dark green", "#080", "bold"),
    "reaction": ("default", "default", "default", "default", ""),
    "reaction own": ("light cyan,bold", "#6df,bold", "dark cyan,bold", "#067,bold", "bold"),
    "failed": ("light red", "#f76", "dark red", "#b00", "bold"),
    "unreadable": ("light red,italics", "#f76,italics", "dark red,italics", "#b00,italics", "bold,italics"),
    "day": ("dark gray", "#89a", "dark gray", "#678", ""),
    "new line": ("yellow", "#fd6", "dark red", "#a00", "bold"),
    "typing": ("dark gray,italics", "#9ab,italics", "dark gray,italics", "#567,italics", "italics"),
    "prompt": ("light cyan,bold", "#6df,bold", "dark cyan,bold", "#067,bold", "bold"),
    "dialog": ("default", "default", "default", "default", ""),
    "dialog title": ("white,bold", "#fff,bold", "black,bold", "#000,bold", "bold"),
    "field": ("white,underline", "#fff,underline", "black,underline", "#000,underline", "underline"),
    "field focus": ("black/light gray", "#000/#acd", "white/dark blue", "#fff/#06a", "standout"),
    "button": ("default", "default", "default", "default", ""),
    "hint": ("dark gray", "#9ab", "dark gray", "#567", ""),
    "error": ("light red", "#f76", "dark red", "#b00", "bold"),
    "changed": ("yellow,bold", "#fd6,bold", "dark red,bold", "#a00,bold", "bold"),
}

NICKS = 16  # hues on the colour circle; more could not be told apart
_NICKS_16_DARK = ("light red", "brown", "yellow", "light green", "light cyan", "light blue", "light magenta")
_NICKS_16_LIGHT = ("dark red", "brown", "dark green", "dark cyan", "dark blue", "dark magenta")


def _split(spec: str) -> tuple[str, str]:
    foreground, _slash, background = spec.partition("/")
    return foreground, background or "default"


def palette(theme: str) -> list[tuple[str, str, str, str, str, str]]:
    """The entries that urwid wants, for ``light`` or ``dark``."""
    light = theme == "light"
    entries = []
    for name, colours in _COLOURS.items():
        few, many = (colours[2], colours[3]) if light else (colours[0], colours[1])
        foreground, background = _split(few)
        rich, rich_background = _split(many)
        entries.append((name, foreground, background, colours[4], rich, rich_background))
    few_nicks = _NICKS_16_LIGHT if light else _NICKS_16_DARK
    for index in range(NICKS):
        few = few_nicks[index * len(few_nicks) // NICKS]
        rich = "#" + "".join(f"{round(15 * part):x}" for part in hsluv(index * 360 / NICKS, 100, 40 if light else 75))
        entries.append((f"nick {index}", f"{few},bold", "default", "bold", f"{rich},bold", "default"))
    return entries


def nick_attribute(address: str) -> str:
    """The same colour for the same address in all clients (XEP-0392), rounded to one of ours."""
    return f"nick {int(hue(address) * NICKS / 360)}"


def choose_theme(wanted: str, environ: Mapping[str, str] = os.environ) -> str:
    """``auto`` looks at NO_COLOR, then at COLORFGBG, which several terminals set; dark is the rest, until the
    terminal tells something else."""
    if wanted != "auto":
        return wanted
    if environ.get("NO_COLOR"):
        return "mono"
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return "light" if background in ("7", "15") else "dark"


def asks_terminal(wanted: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether only the terminal itself can tell if its background is light."""
    return wanted == "auto" and not environ.get("NO_COLOR") and not environ.get("COLORFGBG")
