"""Which messages that nobody looks at are worth a sound or a notification, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence

from sat.api.messages import Message
from sat.plugins.presence.api import Show
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.text import clean_line, short

NAMED = 3  # people in one notification
LONG = 40  # columns of a name


def worth_it(live: LiveProfile, messages: Sequence[Message]) -> list[Message]:
    """Of messages that came in conversations that nobody looks at (``live.arrived``), those to ring for: not what was
    written while we were away, nothing while the person does not want to be disturbed, and of each conversation what
    they want to be told of."""
    if live.own.show is Show.DND:
        return []
    return [each for each in messages if not each.delayed and live.notifying.wanted(each)]


def told(live: LiveProfile, messages: Sequence[Message]) -> str:
    """Who has written, never what. Clean, and short."""
    peers = dict.fromkeys(each.peer for each in messages)
    names = [short(clean_line(live.contacts.label(peer)), LONG) for peer in peers]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}: new messages"
