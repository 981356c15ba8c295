"""Emojis by their names, from the character database that Python has."""

from __future__ import annotations

import unicodedata
from functools import cache

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
