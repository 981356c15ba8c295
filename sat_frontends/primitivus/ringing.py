"""The bell, and a notification of the terminal (OSC 9)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sat.api.messages import Message
from sat_frontends.quick_frontend.ringing import told, worth_it

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


def ring(app: App, messages: Sequence[Message]) -> None:
    """Tell of messages that have come where nobody looks, as far as the person wants that."""
    wanted = worth_it(app.live, messages)
    if wanted:
        sound(app, told(app.live, wanted))


def sound(app: App, text: str) -> None:
    """Ring, and have the terminal show a text, as far as the person wants that."""
    screen = app.loop.screen
    if not hasattr(screen, "write"):
        return
    sequence = "\a" if app.config.bell else ""
    if _from_afar() if app.config.osc9 is None else app.config.osc9:
        sequence += f"\x1b]9;{text}\x1b\\"
    if sequence:
        screen.write(sequence)


def _from_afar() -> bool:
    """Whether this terminal is on another machine, whose desktop the daemon cannot reach."""
    return bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))
