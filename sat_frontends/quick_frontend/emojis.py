"""Emojis by their names, from the character database that Python has."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import islice

_RANGES = ((0x1F600, 0x1F64F), (0x1F900, 0x1F9FF), (0x1F300, 0x1F5FF), (0x1F680, 0x1F6FF), (0x1FA70, 0x1FAFF))
_PICTURE = "\N{VARIATION SELECTOR-16}"
_TEXTUAL = (
    "☀☁☂☃☎☑☕☘☝☠☢☣☮☯☸☹☺♀♂♈♉♊♋♌♍♎♏♐♑♒♓♟♠♣♥♦♨♻♾♿⚒⚓⚔⚕⚖⚗⚙⚛"
    "⚜⚠⚡⚪⚫⚰⚱⚽⚾⛄⛅⛈⛏⛑⛔⛪⛰⛱⛲⛳⛴⛵⛷⛸⛹⛺⛽✂✅✈✉✊✋✌✍✏✒✔✖✝✡✨✳✴❄❇❌❎"
    "❓❔❕❗❣❤➕➖➗➡⬅⬆⬇⭐⭕"
)


@cache
def all_emojis() -> tuple[tuple[str, str], ...]:
    """Each emoji of one character with its name, faces first."""
    many = [chr(code) for first, last in _RANGES for code in range(first, last + 1)]
    pictures = [char for char in many if unicodedata.category(char) == "So"]
    return tuple((emoji, emoji_name(emoji)) for emoji in [*pictures, *(char + _PICTURE for char in _TEXTUAL)])


def emoji_name(emoji: str) -> str:
    """What an emoji is called; of a sequence, what its first character is."""
    return unicodedata.name(emoji[:1], "").lower()


def find_emojis(text: str, limit: int = 60) -> list[tuple[str, str]]:
    """The emojis whose names hold all the words, each with its name. What is typed as an emoji is found as it is, so
    that sequences can be used, too."""
    words = text.lower().split()
    if not words:
        return []
    if len(words) == 1 and not any(char.isascii() or char.isalpha() for char in words[0]):
        return [(words[0], emoji_name(words[0]))]
    fitting = (pair for pair in all_emojis() if all(word in pair[1] for word in words))
    return list(islice(fitting, limit))
