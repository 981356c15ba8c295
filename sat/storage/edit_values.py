"""Changes to messages as values: see ``sat.storage.edits``."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from sat.api.messages import IN_CLEAR, PLAIN, Extra, MessageKind, Secured, Trust
from sat.api.values import ANYBODY, JID

EMOJIS = 20
"""Reactions of one person to one message."""

EMOJI_LENGTH = 40
"""Characters of one: families and flags are sequences."""


class EditKind(StrEnum):
    """What a change does. The value is: CORRECT the new text (and what goes with it), RETRACT nothing, REACT all
    emojis, split by spaces."""

    CORRECT = "correct"
    RETRACT = "retract"
    REACT = "react"


class NewEdit(NamedTuple):
    """A change that came from the network. ``target`` is the message's id on the wire. ``sender`` is who wrote the
    change; whoever hands it over has checked that. Where the message is not there, it ``waits`` for it. In a ``room``,
    ``occupant`` is how that knows the author (XEP-0421), and with ``by_room`` the room itself changes the message of
    another (XEP-0425). ``encrypted`` is how it came: see :func:`is_believed_less`."""

    peer: JID
    kind: EditKind
    target: str
    value: str
    sender: JID
    outgoing: bool
    time: float
    stanza_id: str
    room: bool = False
    waits: bool = True
    occupant: str = ""
    by_room: bool = False
    extra: Extra = PLAIN
    encrypted: Secured = IN_CLEAR


class Edit(NamedTuple):
    """A change of ours that has to leave. ``target`` is the message's id on the wire, ``stanza_id`` the change's;
    ``method`` is how the message is encrypted, or what is written there now. ``reply_to``, ``reply_wire`` and ``quote``
    tell what it answers, as those of :class:`NewMessage` do."""

    peer: JID
    message_kind: MessageKind
    kind: EditKind
    target: str
    value: str
    time: float
    stanza_id: str
    extra: Extra = PLAIN
    reply_to: JID = ANYBODY
    reply_wire: str = ""
    quote: str = ""
    method: str = ""


_ASIDE = (Trust.UNDECIDED, Trust.DISTRUSTED)


def is_less(new: Secured, found: Secured) -> bool:
    """Whether something came in clear, or by a key that nobody believes, so that a server can have made it up, and the
    other did not."""
    return bool(found.method) and (not new.method or (new.trust in _ASIDE and found.trust not in _ASIDE))


def is_believed_less(kind: str, new: Secured, found: Secured) -> bool:
    """Whether a change does not touch a message, because of how the two came (docs/decisions/021). In clear, only what
    programs write that encrypt texts alone is believed: whoever takes back, too, where that is ``whole``. A reaction
    stands beside the text, and is shown with any."""
    if kind == EditKind.RETRACT and not new.method:
        return found.whole
    return kind != EditKind.REACT and is_less(new, found)


def emojis_of(value: str) -> Iterator[str]:
    """The emojis of a reaction, each once, bounded."""
    seen = dict.fromkeys(each for each in value.split() if len(each) <= EMOJI_LENGTH)
    return iter(list(seen)[:EMOJIS])
