"""Which messages that nobody looks at are worth a sound or a notification, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence

from sat.api.messages import Message
from sat.api.transfers import Transfer
from sat.plugins.notify_settings.api import Notify
from sat.plugins.presence.api import Show
from sat.plugins.timeline.api import Response
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.post_words import author
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


def answers_told(live: LiveProfile, responses: Sequence[Response]) -> str:
    """Who has published something about us, not what; nothing while the person does not want to be disturbed."""
    if live.own.show is Show.DND:
        return ""
    names = list(dict.fromkeys(short(author(each.post), LONG) for each in responses))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}: news about your posts, or you"


def offer_worth_it(live: LiveProfile, transfer: Transfer) -> bool:
    """Whether to ring for a file that somebody has just offered."""
    silent = live.notifying.chosen(live.contacts.conversation(transfer.peer)) is Notify.NEVER
    return live.own.show is not Show.DND and not silent


def offer_told(live: LiveProfile, transfer: Transfer) -> str:
    """Who offers a file, not which. Clean, and short."""
    return f"{short(clean_line(live.contacts.label(transfer.peer)), LONG)}: offers a file"
