"""Telling the person of messages that they do not look at: the bell, and a notification of the terminal (OSC 9)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sat.api.messages import Message, MessageKind
from sat.plugins.presence.api import Show
from sat_frontends.quick_frontend.text import clean_line, short

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

NAMED = 3  # people in one notification
LONG = 40  # columns of a name


def ring(app: App, messages: Sequence[Message]) -> None:
    """Tell of messages that have come, as far as the person wants that: not while they are not to be disturbed, and in
    rooms only of what names them."""
    live, screen = app.live, app.loop.screen
    wanted = [each for each in messages if each.kind is not MessageKind.GROUPCHAT or each.mention]
    if not wanted or live.own.show is Show.DND or not hasattr(screen, "write"):
        return
    told = "\a" if app.config.bell else ""
    if _from_afar() if app.config.osc9 is None else app.config.osc9:
        told += _notification([live.contacts.label(peer) for peer in dict.fromkeys(each.peer for each in wanted)])
    if told:
        screen.write(told)


def _from_afar() -> bool:
    """Whether this terminal is on another machine, whose desktop the daemon cannot reach."""
    return bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))


def _notification(names: Sequence[str]) -> str:
    """Who has written, never what. Nothing in a name can end it."""
    shown = ", ".join(short(clean_line(name), LONG) for name in names[:NAMED])
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"\x1b]9;{shown}{more}: new messages\x1b\\"
