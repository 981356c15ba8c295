"""The signs on the screen, and what stands for them on a terminal without Unicode."""

from __future__ import annotations

from typing import NamedTuple

from sat.api.messages import MessageState
from sat.plugins.presence.api import Show


class Symbols(NamedTuple):
    """One set of signs, all one column wide except ``delivered``."""

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
            MessageState.FAILED: ("failed", self.failed),
        }.get(state, ("receipt", ""))


UNICODE = Symbols("●", "◐", "⊖", "○", "▸", "▾", "·", "✓", "✓✓", "✗", "›", "─", "┄", "│", "…", "↓", "•")
ASCII = Symbols("*", "~", "-", "o", ">", "v", ".", "+", "++", "x", ">", "-", ".", "|", "...", "v", "*")

SHOWN = {
    Show.CHAT: "wants to chat",
    Show.ONLINE: "online",
    Show.AWAY: "away",
    Show.XA: "away for long",
    Show.DND: "do not disturb",
    Show.OFFLINE: "offline",
}
