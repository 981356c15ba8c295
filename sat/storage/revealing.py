"""A stored message that could not be read takes its text, when that can be read after all."""

from __future__ import annotations

from sat.api.messages import Message
from sat.storage.database import Cursor
from sat.storage.edits import answering, apply_waiting
from sat.storage.extras import column_of
from sat.storage.rows import NewMessage, attachments_text, secured_text, select_message
from sat.storage.search import forget_words, note_unindexed


def reveal(cursor: Cursor, order: int, new: NewMessage) -> Message | None:
    """Put what is new into the row of a message that could not be read, or why it still cannot be; its place, its ids
    and its state stay. None where nothing is to be seen of it."""
    cursor.execute(
        "SELECT conversation, error FROM message WHERE id = ? AND own = 0 AND error != '' AND retracted = 0", (order,)
    )
    row = cursor.fetchone()
    if row is None or new.error == row[1]:
        return None
    conversation, _ = row
    if new.error:
        cursor.execute("UPDATE message SET error = ? WHERE id = ?", (new.error, order))
        return select_message(cursor, order)
    if new.reply_wire:
        new = answering(cursor, conversation, new)
    forget_words(cursor, [(order,)])
    cursor.execute(
        "UPDATE message SET body = ?, subject = ?, thread = ?, error = '', encrypted = ?, reply = ?, reply_to = ?,"
        " reply_wire = ?, quote = ?, markable = ?, mention = ?, attachments = ?, extra = ?, edited = 0 WHERE id = ?",
        (
            *(new.body, new.subject, new.thread, secured_text(new.encrypted), new.reply, str(new.reply_to)),
            *(new.reply_wire, new.quote, new.markable, new.mention, attachments_text(new.attachments)),
            *(column_of(new.extra), order),
        ),
    )
    note_unindexed(cursor, order)
    # What corrected the message without a text has to be believed by it now.
    cursor.execute("DELETE FROM edit WHERE message = ? AND kind = 'original'", (order,))
    cursor.execute("UPDATE edit SET message = 0 WHERE message = ? AND kind = 'correct'", (order,))
    cursor.notes.pop("waiting edits", None)
    apply_waiting(cursor, conversation, order)
    return select_message(cursor, order)
