"""What has come as it is stored."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.messages import PLAIN, UNENCRYPTED, Extra, MessageKind, MessageState
from sat.api.values import ANYBODY
from sat.core.pipeline import Arrival
from sat.plugins.messages.edits import LONG_NAME, NS_SID
from sat.storage.edits import QUOTE
from sat.storage.messages import NewMessage
from sat.storage.rows import Missed
from sat.xmpp.times import delay_of

KINDS = {kind.value: kind for kind in MessageKind}


def written(
    arrival: Arrival,
    own: JID,
    stamp: float | None,
    now: float,
    archive_id: str,
    extra: Extra = PLAIN,
    kept: bool = True,
) -> NewMessage:
    """The message of an arrival. ``own`` is our bare address; ``stamp`` is when it was written, None for now."""
    message, room, answers = arrival.message, arrival.room, arrival.answers
    origin = message.child("origin-id", NS_SID)
    return NewMessage(
        peer=arrival.peer,
        sender=arrival.sender,
        outgoing=arrival.outgoing,
        body=message.body,
        time=now if stamp is None else stamp,
        state=_first_state(arrival),
        kind=KINDS[message.kind],
        subject=message.subject,
        thread=message.thread[:LONG_NAME],
        error=arrival.unreadable,
        delayed=stamp is not None,
        encrypted=arrival.encrypted,
        stanza_id=message.id[:LONG_NAME],
        origin_id=str(origin.attributes.get("id", ""))[:200] if origin is not None else "",
        archive=arrival.peer if room else own,
        archive_id=archive_id,
        below=arrival.below,
        missed=Missed.QUEUED if stamp is not None and not arrival.archived else arrival.missed,
        reply_to=answers.author if answers else ANYBODY,
        reply_wire=answers.wire_id[:LONG_NAME] if answers else "",
        quote=answers.quote[:QUOTE] if answers else "",
        markable=arrival.markable,
        occupant=room.occupant if room else "",
        mention=_names_us(arrival, extra),
        attachments=arrival.attachments,
        extra=extra,
        copy=arrival.copy,
        kept=kept,
    )


def time_of(arrival: Arrival, own: JID, now: float) -> float | None:
    """When it was written, in seconds since 1970, None for now; see ``Messages.time_of``."""
    if arrival.time is not None:
        return arrival.time
    if arrival.room:
        return delay_of(arrival.message.element, now, arrival.peer)
    return delay_of(arrival.message.element, now, own.domain, own)


def archive_id(arrival: Arrival, own: JID) -> str:
    """How its archive calls it; see ``Messages.archive_id``."""
    if arrival.room and not arrival.room.trusted:
        return ""
    keeper = arrival.peer if arrival.room else own
    for child in arrival.message.children(NS_SID):
        if child.name == "stanza-id" and child.attributes.get("by") == keeper:
            return str(child.attributes.get("id", ""))[:200]
    return ""


def _names_us(arrival: Arrival, extra: Extra) -> bool:
    if arrival.room is None or arrival.outgoing:
        return False
    return arrival.room.mention or any(each.own for each in extra.mentions)


def _first_state(arrival: Arrival) -> MessageState:
    if arrival.outgoing:  # written on another device of ours, or it has come back from a room
        return MessageState.DELIVERED if arrival.room else MessageState.SENT
    return MessageState.READ if arrival.old else MessageState.UNREAD


async def in_clear(peer: JID, wanted: str) -> str:
    """The method by which a message is encrypted, where nothing encrypts: none. Errors: InvalidArgument where one is
    wanted."""
    if wanted not in ("", UNENCRYPTED):
        raise InvalidArgument(reason="There is no way to encrypt: the plugin for it is switched off.")
    return ""
