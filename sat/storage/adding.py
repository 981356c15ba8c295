"""Storing messages: each once, each at its place in the conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sat.api.messages import Message, MessageChange
from sat.api.values import JID
from sat.storage.copies import Keys, Known, are_own, find_known, find_own, is_own, keys_of
from sat.storage.database import Cursor
from sat.storage.edits import answering, apply_waiting, waiting
from sat.storage.extras import column_of
from sat.storage.faults import is_taken
from sat.storage.places import QUEUED, SECOND, CatchUp, free_order, order_of_new, place_of
from sat.storage.revealing import reveal
from sat.storage.rows import Missed, NewMessage, attachments_text, id_of, secured_text, select_message
from sat.storage.search import note_unindexed
from sat.storage.spread import note_spread
from sat.storage.states import BEFORE

_EARLIEST = 915_148_800.0  # 1999, the year of Jabber
_LATEST_AHEAD = 86_400.0  # seconds

AT_ONCE = (50, 10)
"""How many messages are tried to be stored by one statement."""

_COLUMNS = (
    "id, profile, conversation, sender, outgoing, own, body, time, state, kind, subject, thread, error, delayed,"
    " encrypted, stanza_id, origin_id, archive, archive_id, wire_key, archive_key, reply, reply_to, reply_wire, quote,"
    " markable, occupant, mention, attachments, extra"
)
_ROW = f"({', '.join('?' * (_COLUMNS.count(',') + 1))})"
_INSERT = {
    count: f"INSERT INTO message ({_COLUMNS}) VALUES {', '.join([_ROW] * count)}"  # noqa: S608 - the names are ours
    for count in (*AT_ONCE, 1)
}


class Added(list["Message | None"]):
    """For each new message what is stored, or None if it was known; ``changes`` are the states that this moved on.
    ``revealed`` are known ones that could not be read, and now say something."""

    def __init__(self, messages: Iterable[Message | None] = ()) -> None:
        super().__init__(messages)
        self.changes: list[MessageChange] = []
        self.revealed: list[Message] = []


def add_messages(cursor: Cursor, profile: int, batch: Sequence[NewMessage], now: float, catch_up: CatchUp) -> Added:
    """Store what is not known yet, in the order given; ``now`` is the clock, in seconds. ``catch_up`` is that of the
    messages that were ``missed``; it is kept up to date."""
    added, begin = Added(), 0
    while begin < len(batch):
        count = next((each for each in AT_ONCE if each <= len(batch) - begin), 1)
        some = batch[begin : begin + count]
        begin += count
        if count > 1 and (stored := _add_unknown(cursor, profile, some, now, catch_up)):
            added += stored
            continue
        for new in some:
            try:
                message = _add(cursor, profile, new, now, catch_up, added)
            except UnicodeEncodeError:  # before anything was written
                message = _add(cursor, profile, _without_surrogates(new), now, catch_up, added)
            added.append(message)
    return added


def _add_unknown(
    cursor: Cursor, profile: int, batch: Sequence[NewMessage], now: float, catch_up: CatchUp
) -> list[Message]:
    """Store messages by one statement, as a catch-up brings many that nobody has heard of. Nothing, where one of them
    may be known, or has to do with others: then each has to be looked at by itself."""
    if not all(new.delayed and new.kept and not (new.copy or new.reply or new.reply_wire) for new in batch):
        return []
    sent = [id for new in batch if new.outgoing for id in (new.stanza_id, new.origin_id)]
    if sent and are_own(cursor, profile, sent):
        return []
    places = {new.peer: place_of(cursor, profile, str(new.peer)) for new in batch}
    if {place.number for place in places.values()} & {conversation for conversation, _ in waiting(cursor)}:
        return []
    lasts = [(place, place.last) for place in places.values()]
    tried = catch_up.copy()
    rows: list[object] = []
    stored: list[Message] = []
    for new in batch:
        place, time = places[new.peer], _sane(new.time, now)
        order = order_of_new(cursor, place, new, int(time * SECOND), tried)
        rows += _row(order, profile, place.number, new, False, time, keys_of(new))
        stored.append(_message(new, False, order, time))
        place.last = max(place.last, order)
        tried.passed(place, new, order)
    try:
        cursor.execute(_INSERT[len(batch)], rows)
    except Exception as error:
        if not (is_taken(error) or isinstance(error, UnicodeEncodeError)):
            raise
        for place, last in lasts:
            place.last = last
        return []
    catch_up.become(tried)
    note_unindexed(cursor, *[message.order for message in stored])
    for message in stored:
        note_spread(cursor, message.order, message.time)
    return stored


def _add(
    cursor: Cursor,
    profile: int,
    new: NewMessage,
    now: float,
    catch_up: CatchUp,
    added: Added,
) -> Message | None:
    place = place_of(cursor, profile, str(new.peer))
    time = _sane(new.time, now)
    order = order_of_new(cursor, place, new, int(time * SECOND), catch_up)
    own = is_own(new)
    if new.reply or new.reply_wire:
        new = answering(cursor, place.number, new)
    keys = keys_of(new)
    # A carbon or the archive's copy of what was written here may have lost its origin-id: look before.
    known = find_own(cursor, profile, place.number, new) if new.outgoing and not own else None
    if new.copy and not known and not (known := find_known(cursor, profile, place.number, new, keys)):
        return None
    if known or not _insert(cursor, order, profile, place.number, new, own, time, keys):
        known = known or find_known(cursor, profile, place.number, new, keys)
        if known:
            _complete(cursor, known, new, keys, added.changes)
            if new.encrypted.method and not new.copy and (revealed := reveal(cursor, known.order, new)):
                added.revealed.append(revealed)
            if new.missed is Missed.ARCHIVED:
                cursor.execute("UPDATE message SET delayed = 1 WHERE id = ? AND delayed = ?", (known.order, QUEUED))
            catch_up.passed(place, new, known.order, known.own)
            return None
        keys = _free_keys(cursor, place.number, keys)
        order = free_order(cursor, order, down=new.below > 0)
        if not _insert(cursor, order, profile, place.number, new, own, time, keys):
            raise ValueError(f"an own message has an id that was used before: {new.stanza_id!r}")
    if not new.kept:
        cursor.execute("INSERT OR IGNORE INTO unkept VALUES (?)", (order,))
    note_unindexed(cursor, order)
    note_spread(cursor, order, time)
    changed = apply_waiting(cursor, place.number, order)
    place.last = max(place.last, order)
    catch_up.passed(place, new, order)
    return select_message(cursor, order) if changed else _message(new, own, order, time)


def _sane(time: float, now: float) -> float:
    """When a message was written; now where that cannot be."""
    time = float(time)
    return time if _EARLIEST <= time <= now + _LATEST_AHEAD else now  # NaN is not, either


def _insert(
    cursor: Cursor, order: int, profile: int, conversation: int, new: NewMessage, own: bool, time: float, keys: Keys
) -> bool:
    cursor.execute(f"{_INSERT[1]} ON CONFLICT DO NOTHING", _row(order, profile, conversation, new, own, time, keys))
    return cursor.rowcount == 1


def _row(
    order: int, profile: int, conversation: int, new: NewMessage, own: bool, time: float, keys: Keys
) -> tuple[object, ...]:
    # Exact types: the sqlite3 module asks its adapters about subclasses, which costs.
    return (
        order,
        profile,
        conversation,
        str(new.sender),
        1 if new.outgoing else 0,
        1 if own else 0,
        new.body,
        time,
        str(new.state),
        str(new.kind),
        new.subject,
        new.thread,
        new.error,
        QUEUED if new.missed is Missed.QUEUED else 1 if new.delayed else 0,
        secured_text(new.encrypted),
        new.stanza_id,
        new.origin_id,
        str(new.archive),
        new.archive_id,
        keys.wire,
        keys.archive,
        new.reply,
        str(new.reply_to),
        new.reply_wire,
        new.quote,
        1 if new.markable else 0,
        new.occupant,
        1 if new.mention else 0,
        attachments_text(new.attachments),
        column_of(new.extra),
    )


def _without_surrogates(new: NewMessage) -> NewMessage:
    # They cannot come in XML, but in what was decrypted.
    return NewMessage._make(value.encode("utf-8", "replace").decode() if type(value) is str else value for value in new)


def _free_keys(cursor: Cursor, conversation: int, keys: Keys) -> Keys:
    """Without those that another message has: it is not the same one, and only one can be found by the key."""
    free = []
    for column, key in zip(("wire_key", "archive_key"), keys, strict=True):
        cursor.execute(f"SELECT 1 FROM message WHERE conversation = ? AND {column} = ?", (conversation, key))  # noqa: S608 - the names in it are ours
        free.append(None if cursor.fetchone() else key)
    return Keys(*free)


def _complete(cursor: Cursor, known: Known, new: NewMessage, keys: Keys, changes: list[MessageChange]) -> None:
    """What another copy adds to the stored one: an archive's id, a later state."""
    if new.archive_id and not known.archive_id:
        cursor.execute(
            "UPDATE OR IGNORE message SET archive = ?, archive_id = ?, archive_key = ? WHERE id = ?",
            (str(new.archive), new.archive_id, keys.archive, known.order),
        )
    if known.state in BEFORE.get(new.state, ()):
        cursor.execute("UPDATE message SET state = ?, error = ? WHERE id = ?", (str(new.state), new.error, known.order))
        id = known.stanza_id if known.own else id_of(known.order)
        changes.append(MessageChange(id, JID(new.peer), new.state, new.error))


def _message(new: NewMessage, own: bool, order: int, time: float) -> Message:
    return Message(
        new.stanza_id if own else id_of(order),
        order,
        new.peer,
        new.sender,
        new.outgoing,
        new.body,
        time,
        new.state,
        new.kind,
        new.subject,
        new.thread,
        new.error,
        new.delayed,
        new.encrypted,
        reply=new.reply,
        reply_to=new.reply_to,
        quote=new.quote,
        mention=new.mention,
        attachments=new.attachments,
        extra=new.extra,
    )
