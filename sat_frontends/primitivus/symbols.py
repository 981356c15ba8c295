"""The signs on the screen, and what stands for them on a terminal without Unicode."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from sat.api.messages import MessageState
from sat.plugins.presence.api import Show
from sat_frontends.quick_frontend.encryption_words import Seal


class Symbols(NamedTuple):
    """One set of signs, all one column wide except ``delivered``, ``ellipsis`` and ``lock``; ``corners`` are those of a
    box, as one reads."""

    here: str
    away: str
    busy: str
    gone: str
    folded: str
    unfolded: str
    pending: str
    sent: str
    delivered: str
    failed: str
    prompt: str
    rule: str
    dots: str
    vertical: str
    ellipsis: str
    down: str
    changed: str
    middot: str
    heavy: str
    thumb: str
    corners: str
    to: str
    file: str
    begun: str
    lock: str
    doubt: str
    outgoing: str
    incoming: str

    def seal(self, seal: Seal) -> tuple[str, str]:
        """The attribute of a title and the sign of how safe something is; what is in clear says so in words only."""
        return {
            Seal.LOCKED: ("title", self.lock),
            Seal.DOUBTFUL: ("title doubt", self.doubt),
        }.get(seal, ("title", ""))

    def show(self, show: Show) -> tuple[str, str]:
        """The attribute and the sign of a presence; the sign alone says it too."""
        return {
            Show.ONLINE: ("online", self.here),
            Show.CHAT: ("online", self.here),
            Show.AWAY: ("away", self.away),
            Show.XA: ("away", self.away),
            Show.DND: ("busy", self.busy),
        }.get(show, ("offline", self.gone))

    def receipt(self, state: MessageState) -> tuple[str, str]:
        """The attribute and the sign of how far a message of ours has come."""
        return {
            MessageState.PENDING: ("receipt", self.pending),
            MessageState.SENT: ("receipt", self.sent),
            MessageState.DELIVERED: ("receipt", self.delivered),
            MessageState.DISPLAYED: ("receipt seen", self.delivered),
            MessageState.FAILED: ("failed", self.failed),
        }.get(state, ("receipt", ""))


UNICODE = Symbols(
    *("●", "◐", "⊖", "○", "▸", "▾", "·", "✓", "✓✓", "✗", "›", "─", "┄", "│", "…", "↓", "•", "·", "━", "█", "┌┐└┘"),
    *("→", "▤", "✎", "🔒", "!", "⇡", "⇣"),
)
ASCII = Symbols(
    *("*", "~", "-", "o", ">", "v", ".", "+", "++", "x", ">", "-", ".", "|", "...", "v", "*", "-", "=", "#", "++++"),
    *(">", "#", "_", "e", "!", "^", "v"),
)


def choose(ascii: bool, encoding: str) -> Symbols:
    """The signs that a terminal of this encoding can show; ``ascii`` is for those who want no others."""
    try:
        "".join(UNICODE).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return ASCII if ascii else UNICODE


def fallbacks() -> dict[str, str]:
    """What stands for a character that the terminal cannot show, each one column wide: a letter without its accents,
    and punctuation."""
    letters = {char: unicodedata.normalize("NFD", char)[0] for char in map(chr, range(0xC0, 0x250))}
    found = {char: plain for char, plain in letters.items() if plain.isascii()}
    return found | dict(zip("“”„«»‘’–—…·•→←↑↓×", '"""""\'\'--.-*><^vx', strict=True))


SHOWN = {
    Show.CHAT: "wants to chat",
    Show.ONLINE: "online",
    Show.AWAY: "away",
    Show.XA: "away for long",
    Show.DND: "do not disturb",
    Show.OFFLINE: "offline",
}
