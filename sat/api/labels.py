"""The parts of a server's name that hold more than ASCII, each in its one readable form (RFC 7622 §3.2, IDNA 2008).

Only such names load this: it is not needed for most.
"""

from __future__ import annotations

import re
import unicodedata

_JOINERS = str.maketrans("", "", "\u200c\u200d")
# IDNA 2003 made “ss” and “σ” of the first two and dropped the others; to IDNA 2008 and DNS they make another name, so
# who mapped them would take strangers for acquaintances (UTS 46 §7, “deviations”).
_KEPT = "ßς\u200c\u200d"
_IGNORED = re.compile(  # UTS 46 §4, status “ignored”: what cannot be seen and makes no other name
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0100-\U000e01ef]"
)
_BACKWARD = ("R", "AL")  # written from the right
_UNWANTED = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")
_VIRAMA = 9  # the combining class


def folded(label: str) -> str:
    """The one form of all spellings of a label, as UTS 46 §4 maps them (not its transitional mapping)."""
    chars = (
        char if char in _KEPT else "ß" if char == "ẞ" else unicodedata.normalize("NFKC", char).casefold()
        for char in label
    )
    return unicodedata.normalize("NFKC", _IGNORED.sub("", "".join(chars)))


def readable(label: str) -> str:
    """What an ``xn--…`` stands for. ValueError where it stands for nothing, or not for a label in its one form: then
    it would be a second name beside the one that people read."""
    found = label[4:].encode("ascii").decode("punycode")
    if found.isascii() or folded(found) != found or _coded(found) != label:
        raise ValueError(label)
    return found


def is_sound(label: str) -> bool:
    """Whether a label in its one form is one that a server can have, as far as it matters for telling names apart:
    nothing in it is hidden or undefined, it does not change another's look, and DNS has room for it."""
    seen = label.translate(_JOINERS)
    if any(unicodedata.category(char) in _UNWANTED for char in seen):
        return False
    if unicodedata.category(label[0]).startswith("M") or not all(map(_may_join, *_surroundings(label))):
        return False
    directions = {unicodedata.bidirectional(char) for char in seen}
    if directions.intersection(_BACKWARD) and (  # RFC 5893 §2, its rules 1 and 2
        "L" in directions or unicodedata.bidirectional(label[0]) not in _BACKWARD
    ):
        return False
    return len(label) <= 63 and len(_coded(label)) <= 63


def _surroundings(label: str) -> tuple[str, str, str]:
    return f"\0{label[:-1]}", label, f"{label[1:]}\0"


def _may_join(before: str, char: str, after: str) -> bool:
    """Whether a joiner, which nobody sees, changes what its neighbours look like (RFC 5892 A.1 and A.2): behind a
    virama; a non-joiner also between the letters of a script that joins them, which is where these are Arabic's."""
    if char not in "\u200c\u200d" or unicodedata.combining(before) == _VIRAMA:
        return True
    between = unicodedata.bidirectional(before), unicodedata.bidirectional(after)
    return char == "\u200c" and between == ("AL", "AL")


def _coded(label: str) -> str:
    return f"xn--{label.encode('punycode').decode()}"
