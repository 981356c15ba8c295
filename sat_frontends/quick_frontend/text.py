"""Text of others made safe for a terminal, and times for people.

Everything that came from the network passes ``clean`` or ``clean_line`` before a terminal shows it.
"""

from __future__ import annotations

import re
import time as clocks
import unicodedata
from functools import cache
from typing import NamedTuple

from sat_frontends.quick_frontend import times

PLACEHOLDER = "�"
_ZERO_ADVANCE_LIMIT = 8  # marks and joiners on one character; real scripts need up to five

# -- cleaning ----------------------------------------------------------------------------------------------------

# What a terminal or a bidi algorithm obeys, what hides text in text, and what cannot be encoded. Never shown as it is.
_ACTING = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u2028\u2029"  # line and paragraph separator
    "\u202a-\u202e\u2066-\u2069"  # bidi embedding, override, isolate
    "\u206a-\u206f"  # deprecated format characters
    "\ufff9-\ufffb"  # interlinear annotation
    "\ud800-\udfff"  # surrogates: they cannot be written to any terminal
    "\U000e0000-\U000e007f"  # tags
    "\U0010eeee"  # where the kitty terminal puts a picture
)
_DIRECTION = "\u061c\u200e\u200f"  # marks that only say which way their neighbours go
_JOINERS = "\u200c\u200d"
_INVISIBLE = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u3164\ufeff\uffa0\U0001d173-\U0001d17a"


class _Patterns(NamedTuple):
    fine: re.Pattern[str]
    """Latin, Greek and Cyrillic letters: nothing to look at."""
    acting: re.Pattern[str]
    direction: re.Pattern[str]
    unwanted_in_line: re.Pattern[str]
    zero_width: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    """Compiled when the first text comes that is not plain: it takes longer than all else that jp imports here."""
    return _Patterns(
        re.compile("[\t\n -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482]*"),
        re.compile(f"[{_ACTING}]"),
        re.compile(f"[{_DIRECTION}]"),
        re.compile(f"[{_ACTING}{_DIRECTION}{_INVISIBLE}]"),
        re.compile(f"[{_DIRECTION}{_INVISIBLE}{_JOINERS}]"),
    )


def clean(text: str) -> str:
    """A text of several lines without what could act on a terminal or deceive a reader. Newline and tab stay; other
    control characters, bidi controls, line separators, tag characters, lone surrogates and floods of zero-width or
    combining characters become visible placeholders. ``clean(clean(x)) == clean(x)``.

    Direction marks (U+200E, U+200F) stay where there is a right-to-left script that they are needed for.
    """
    if (text.isascii() and text.isprintable()) or _patterns().fine.fullmatch(text):
        return text
    text = _patterns().acting.sub(_placeholder, text.replace("\r\n", "\n"))
    if not any(unicodedata.bidirectional(char) in ("R", "AL") for char in text if char not in _DIRECTION):
        text = _patterns().direction.sub(PLACEHOLDER, text)
    return _without_floods(text)


def clean_line(text: str) -> str:
    """The same for what stands in one line, such as a name: newlines and tabs become visible too, and nothing
    invisible stays but the joiners that emoji and some scripts need."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\n", "␤").replace("\t", "␉")
    return _without_floods(_patterns().unwanted_in_line.sub(_placeholder, text))


def _placeholder(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)  # ␛: a picture of the control character
    return "␡" if code == 0x7F else PLACEHOLDER


def _without_floods(text: str) -> str:
    """At most one zero-width character in a row, and at most a few marks on one character."""
    if text.isascii():
        return text
    kept: list[str] = []
    zero_width_one = _patterns().zero_width
    run = zero_width = 0
    for char in text:
        hidden = zero_width_one.match(char) is not None
        if not hidden and unicodedata.category(char) not in ("Mn", "Me"):
            run = zero_width = 0
            kept.append(char)
            continue
        run += 1
        zero_width = zero_width + 1 if hidden else 0
        if run > _ZERO_ADVANCE_LIMIT or zero_width > 1:
            if kept[-1] != PLACEHOLDER:
                kept.append(PLACEHOLDER)
        else:
            kept.append(char)
    return "".join(kept)


# -- width -------------------------------------------------------------------------------------------------------


def width(text: str) -> int:
    """How many columns a terminal needs for a clean line."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def short(text: str, columns: int, ellipsis: str = "…") -> str:
    """A clean line cut to so many columns, with … at its end if something is missing."""
    if width(text) <= columns:
        return text
    room = columns - width(ellipsis)
    if room < 0:
        return ellipsis[: max(0, columns)]
    kept = []
    for char in text:
        room -= _columns(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + ellipsis


# -- addresses ---------------------------------------------------------------------------------------------------

# Scripts that are written together (Unicode TR 39, "highly restrictive").
_TOGETHER = (
    {"LATIN", "HIRAGANA", "KATAKANA", "CJK"},
    {"LATIN", "BOPOMOFO", "CJK"},
    {"LATIN", "HANGUL", "CJK"},
)


def doubtful(address: str) -> str:
    """A warning, as a sentence, if an address mixes scripts so that it may be made to look like another; else
    nothing."""
    if address.isascii():
        return ""
    local, _, domain = address.partition("/")[0].rpartition("@")
    for part in (local, *domain.split(".")):
        scripts = {_script(char) for char in part if char.isalpha()}
        if len(scripts) > 1 and not any(scripts <= allowed for allowed in _TOGETHER):
            names = " and ".join(sorted(script.capitalize() for script in scripts))
            return f"“{clean_line(part)}” mixes {names} letters: it may be made to look like another address."
    return ""


def _script(char: str) -> str:
    name = unicodedata.name(char, "unknown").removeprefix("FULLWIDTH ").removeprefix("HALFWIDTH ")
    return name.partition(" ")[0].partition("-")[0]


# -- times -------------------------------------------------------------------------------------------------------


def utc_offset(time: float) -> int:
    """Seconds that this machine's local time is ahead of UTC at that time."""
    return clocks.localtime(times.possible(time)).tm_gmtoff


def clock(time: float) -> str:
    """The local time of day: see ``times.clock``."""
    return times.clock(time, utc_offset)


def day(time: float, now: float) -> str:
    """The local day: see ``times.day``."""
    return times.day(time, now, utc_offset)


def moment(time: float, now: float) -> str:
    """A local moment: see ``times.moment``."""
    return times.moment(time, now, utc_offset)
