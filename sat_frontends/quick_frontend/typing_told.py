"""Telling a contact that we type."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sat.api import JID, SatError
from sat.plugins.chat_states.api import ChatStatesApi
from sat_frontends.quick_frontend.loop import Spawn

TOLD_EVERY = 2.0  # seconds: the daemon notices a pause by itself, so it need not hear each key


class TypingTold:
    """What one contact was told."""

    def __init__(self, peer: JID, states: ChatStatesApi | None, spawn: Spawn, clock: Callable[[], float]) -> None:
        self._peer, self._states, self._spawn, self._clock = peer, states, spawn, clock
        self._told: float | None = None

    def written(self, typing: bool) -> None:
        """The text being written has changed; ``typing``: to one that is for them."""
        now = self._clock()
        if typing and (self._told is None or now - self._told >= TOLD_EVERY):
            self._told = now
            self._spawn(self._tell(True))
        elif not typing and self._told is not None:
            self._told = None
            self._spawn(self._tell(False))

    def forget(self) -> None:
        """They know by other means that we do not, or nobody does any more."""
        self._told = None

    async def _tell(self, typing: bool) -> None:
        if self._states is not None:
            with suppress(SatError):  # a courtesy only: nothing is lost when it fails
                await self._states.set_typing(self._peer, typing)


def is_command(text: str) -> bool:
    """Whether a text in the input line is for the frontend (``/away``), and for nobody else."""
    return text.startswith("/") and not text.startswith(("//", "/me "))
