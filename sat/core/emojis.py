"""What can be a reaction: to messages (XEP-0444), to posts (XEP-0470)."""

from __future__ import annotations

import unicodedata

from sat.api.errors import InvalidArgument
from sat.storage.edit_values import EMOJI_LENGTH, EMOJIS


def check_emojis(emojis: list[str]) -> None:
    """Errors: InvalidArgument where these are not the reactions of one person."""
    if len(emojis) > EMOJIS:
        raise InvalidArgument(reason=f"At most {EMOJIS} reactions are of one person.")
    for emoji in emojis:
        if not is_emoji(emoji):
            raise InvalidArgument(reason=f"“{emoji[:EMOJI_LENGTH]}” is no emoji.")


def is_emoji(text: str) -> bool:
    """Whether a text may be a single emoji, as far as the character database tells: symbols, with what joins and
    changes them. No letters, so that no text is hidden in a reaction; keycaps (1️⃣) are taken."""
    if not text or len(text) > EMOJI_LENGTH:
        return False
    if text.endswith("\N{COMBINING ENCLOSING KEYCAP}"):
        return text[0] in "0123456789#*" and len(text) <= 3
    kinds = [unicodedata.category(char) for char in text]
    return kinds[0] in ("So", "Sk", "Sm", "Po") and all(
        kind in ("So", "Sk", "Mn", "Sm", "Po") or char == "\N{ZERO WIDTH JOINER}" or 0xE0020 <= ord(char) <= 0xE007F
        for char, kind in zip(text, kinds, strict=True)
    )
