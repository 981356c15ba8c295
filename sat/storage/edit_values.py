"""Changes to messages as values: see ``sat.storage.edits``."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api.messages import IN_CLEAR, PLAIN, Extra, MessageKind, Secured, Trust
from sat.api.values import ANYBODY, JID


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
    another (XEP-0425). ``encrypted`` is how it came: what came in clear corrects nothing that was encrypted."""

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
    ``method`` is how the message is encrypted. ``reply_to``, ``reply_wire`` and ``quote`` tell what it answers, as
    those of :class:`NewMessage` do."""

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


def is_believed_less(kind: str, new: Secured, found: Secured) -> bool:
    """Whether a correction came in clear, or by a key that nobody believes, so that a server can have made it up, and
    the text that it would replace did not."""
    if kind != EditKind.CORRECT or not found.method:
        return False
    return not new.method or (new.trust in _ASIDE and found.trust not in _ASIDE)
