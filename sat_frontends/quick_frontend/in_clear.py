"""Which messages of a conversation are in clear among others that are encrypted."""

from __future__ import annotations

from collections.abc import Callable

from sat.api.messages import Message
from sat_frontends.quick_frontend.history import ChatChange, What
from sat_frontends.quick_frontend.window import Window


class InClear:
    """Those behind the first that was encrypted, as far as they are in memory, while the conversation is so, too."""

    def __init__(self, window: Window, tell: Callable[[ChatChange], None]) -> None:
        self._window, self._tell = window, tell
        self._encrypted = False
        self._first = (0, 0, 0)  # the positions for which it was worked out, and the order of the first

    def holds(self, message: Message) -> bool:
        """Whether a message is one of them."""
        return self._encrypted and self._is_behind(message)

    def _is_behind(self, message: Message) -> bool:
        if message.encrypted.method or message.retracted:
            return False
        window = self._window
        if self._first[:2] != (window.first, window.end):
            order = next((each.order for each in window if each.encrypted.method), 0)
            self._first = window.first, window.end, order
        return 0 < self._first[2] < message.order

    def set_encrypted(self, encrypted: bool) -> None:
        """What is written from now on is encrypted, or no longer."""
        if encrypted is not self._encrypted:
            self._encrypted = encrypted
            for order in [each.order for each in self._window if self._is_behind(each)]:
                position = self._window.at(order)
                self._tell(ChatChange(What.UPDATED, position, position + 1))
