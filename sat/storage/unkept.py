"""Messages that are off the record: what they say is in memory only, and never on the disk.

Such a message has a row like any other, with its place, its state and its ids, so nothing else needs to know of it.
Nothing that was written stands in the row: that is put in again when the row is read. When the profile is opened the
next time, the rows are deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from sat.api.messages import PLAIN, Message
from sat.storage.adding import Added
from sat.storage.database import Cursor
from sat.storage.rows import NewMessage
from sat.storage.search import forget_words, with_sound_index

M = TypeVar("M", bound="list[Message] | list[Message | None]")
MOST = 10_000  # messages of a profile whose texts are in memory; the oldest are forgotten first


class Unkept:
    """What those of one profile say."""

    def __init__(self) -> None:
        self._said: dict[int, Message] = {}

    @staticmethod
    def shells(batch: Sequence[NewMessage]) -> Sequence[NewMessage]:
        """New messages as they are stored."""
        return batch if all(new.kept for new in batch) else [new if new.kept else _shell(new) for new in batch]

    def note(self, added: Added, batch: Sequence[NewMessage]) -> Added:
        """Remember what the new ones of these say, now that their rows are stored."""
        for at, (message, new) in enumerate(zip(added, batch, strict=True)):
            if message is not None and not new.kept:
                said = _with(message, new)
                self._said[said.order] = added[at] = said
        while len(self._said) > MOST:
            del self._said[next(iter(self._said))]
        return added

    def fill(self, message: Message) -> Message:
        """A message as it was written."""
        said = self._said.get(message.order)
        return message if said is None or message.retracted else _with(message, said)

    def fill_all(self, messages: M) -> M:
        """The same, of a list."""
        for at, message in enumerate(messages) if self._said else ():
            if message is not None:
                messages[at] = self.fill(message)
        return messages


def _with(message: Message, said: Message | NewMessage) -> Message:
    return message._replace(
        body=said.body,
        subject=said.subject,
        thread=said.thread,
        attachments=said.attachments,
        extra=said.extra,
    )


def _shell(new: NewMessage) -> NewMessage:
    # Copies of one that has come are not known by its text: its row has none.
    id = new.stanza_id if new.outgoing else ""
    return new._replace(body="", subject="", thread="", quote="", attachments=[], extra=PLAIN, stanza_id=id)


def delete_all(cursor: Cursor, profile: int) -> None:
    """Delete the rows of those of a profile; nobody has their texts any more."""
    cursor.execute("SELECT id FROM message WHERE profile = ? AND id IN (SELECT message FROM unkept)", (profile,))
    messages: Iterable[Sequence[int]] = cursor.fetchall()
    with_sound_index(cursor, lambda: forget_words(cursor, messages))
    cursor.executemany("DELETE FROM edit WHERE message = ?", messages)
    cursor.executemany("DELETE FROM message WHERE id = ?", messages)
    cursor.execute("DELETE FROM unkept WHERE message NOT IN (SELECT id FROM message)")
