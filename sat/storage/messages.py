"""The messages of one profile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from twisted.internet.defer import Deferred

from sat.api.errors import NotFound, StorageError
from sat.api.messages import (
    IN_CLEAR,
    PLAIN,
    Extra,
    Message,
    MessageChange,
    MessageState,
    Secured,
    Version,
    may_go_on,
)
from sat.api.values import JID
from sat.storage import edits, reading, search
from sat.storage.adding import Added, add_messages
from sat.storage.catching_up import CaughtUp
from sat.storage.database import Cursor, Database
from sat.storage.edit_values import Edit, EditKind, NewEdit
from sat.storage.places import conversation_of
from sat.storage.reading import Read
from sat.storage.revealing import reveal
from sat.storage.rows import COLUMNS, FROM, NewMessage, by_id, id_of, message_of, order_of, page_of, select_message
from sat.storage.search import ALL, Found, Narrow
from sat.storage.states import BEFORE
from sat.storage.together import Together
from sat.storage.unkept import delete_all

__all__ = ["Added", "Edit", "EditKind", "Latest", "Messages", "NewEdit", "NewMessage", "Pending", "Read"]

LIMIT = 500
"""Messages in one answer."""

PREVIEW = 10_000
"""Characters of the last message of a conversation, in a list of many."""

_END = (1 << 63) - 1


class Latest(NamedTuple):
    """A conversation: how many messages are unread, the last one, and how many of the unread name us."""

    peer: JID
    unread: int
    last: Message
    mentions: int = 0


class Pending(NamedTuple):
    """A message that has to leave, its id on the wire, and that of the message which it answers."""

    message: Message
    stanza_id: str
    reply_wire: str


class Outgoing(NamedTuple):
    """What has to leave: messages, and changes to messages, each in order."""

    messages: list[Pending]
    edits: list[Edit]


class Messages(CaughtUp):
    """What one profile has sent and received. Every result comes as a Deferred; writes fire when they are on disk."""

    def __init__(self, database: Database, profile: int, clock: Callable[[], float] = time.time) -> None:
        super().__init__(Together(database, self._add), profile, clock)

    # -- writing -------------------------------------------------------------------------------------------------

    def add(self, new: Sequence[NewMessage]) -> Deferred[Added]:
        """Store messages, all or none. The answer is a list of what is stored, with None for what was known already
        (see ``sat/storage/copies.py``); its ``changes`` are known messages whose state this has moved on.

        A message written here is outgoing and PENDING, and has a ``stanza_id`` that is unique: it is the id.
        Errors: StorageFull, StorageError."""
        return self._database.add(new)

    def together(self) -> AbstractContextManager[None]:
        """Within this, what is added one by one is stored as by one :meth:`add`, as far as nothing else is asked for in
        between. Not beyond one turn of the event loop."""
        return self._database.meanwhile()

    def _add(self, new: Sequence[NewMessage]) -> Deferred[Added]:
        now = self._clock()
        shells = self._unkept.shells(new)
        adding = self._database.write(
            lambda cursor: add_messages(cursor, self._profile, shells, now, self._catch_up_of(new))
        )
        return adding if shells is new else adding.addCallback(self._unkept.note, new)

    def forget_unkept(self) -> Deferred[None]:
        """Delete what an earlier run was not to keep."""
        return self._database.write(lambda cursor: delete_all(cursor, self._profile))

    def set_state(self, ids: Sequence[str], state: MessageState, error: str = "") -> Deferred[list[MessageChange]]:
        """Move messages on: PENDING, SENT, DELIVERED; FAILED out of the first two; UNREAD, READ. What is unknown or
        would go back is left out."""

        def work(cursor: Cursor) -> list[MessageChange]:
            changes = [self._move(cursor, id, state, BEFORE.get(state, ()), error) for id in ids]
            return [change for change in changes if change]

        return self._database.write(work)

    def set_state_of_outgoing(
        self, stanza_id: str, peer: JID, state: MessageState, error: str = ""
    ) -> Deferred[list[MessageChange]]:
        """The same for the message of this conversation that was sent with this id on the wire."""

        def work(cursor: Cursor) -> list[MessageChange]:
            before = BEFORE.get(state, ())
            change = self._move_own(cursor, stanza_id, peer, state, before, error)  # nearly always
            if change is None and (id := self._find_outgoing(cursor, stanza_id, peer)):
                change = self._move(cursor, id, state, before, error)
            return [change] if change else []

        return self._database.write(work)

    def retry(self, id: str) -> Deferred[MessageChange | None]:
        """A message that had failed is PENDING again; None if it had not."""
        return self._database.write(lambda cursor: self._move(cursor, id, MessageState.PENDING, ("failed",), ""))

    # -- what has been read: see sat/storage/reading.py ------------------------------------------------------------

    def mark_read(self, peer: JID, order: int = 0) -> Deferred[Read]:
        """What is unread in a conversation up to ``order`` (0: all of it) has been read."""
        return self._database.write(lambda cursor: reading.mark_read(cursor, self._profile, peer, order))

    def mark_unread(self, peer: JID, order: int = 0) -> Deferred[Read]:
        """What they wrote from ``order`` on is unread again, the last of it at least. Errors: NotFound."""
        return self._database.write(lambda cursor: reading.mark_unread(cursor, self._profile, peer, order))

    def place_of_incoming(self, peer: JID, stanza_id: str) -> Deferred[int]:
        """The order of the contact's newest message with this id on the wire, 0 where there is none."""
        return self._database.read(lambda cursor: reading.place_of_incoming(cursor, self._profile, peer, stanza_id))

    def place_in_archive(self, peer: JID, archive: JID, archive_id: str) -> Deferred[int]:
        """The order of the message of a conversation that this archive calls so (XEP-0359), 0 where there is none."""
        profile = self._profile
        return self._database.read(lambda cursor: reading.place_in_archive(cursor, profile, peer, archive, archive_id))

    def mark_displayed(self, peer: JID, stanza_id: str) -> Deferred[list[MessageChange]]:
        """The contact has seen what we sent up to the message with this id on the wire (XEP-0333)."""
        return self._database.write(lambda cursor: reading.mark_displayed(cursor, self._profile, peer, stanza_id))

    # -- changes to messages: see sat/storage/edits.py ---------------------------------------------------------------

    def edit(
        self, id: str, kind: EditKind, value: str, stanza_id: str, extra: Extra = PLAIN, seal: Secured = IN_CLEAR
    ) -> Deferred[tuple[Message, Edit]]:
        """Change a message from here: what it is now, and what has to leave; ``seal`` is how that is encrypted where
        the message is not. Errors: NotFound, NotEditable."""
        now = self._clock()

        def fill(edited: tuple[Message, Edit]) -> tuple[Message, Edit]:
            return self._unkept.fill(edited[0]), edited[1]

        return self._database.write(
            lambda cursor: edits.edit_own(cursor, self._profile, id, kind, value, stanza_id, now, extra, seal)
        ).addCallback(fill)

    def take_edit(self, new: NewEdit) -> Deferred[Message | None]:
        """Keep a change that has come; the message as it is now, None where nothing is to be seen of it."""
        now = self._clock()
        new = new._replace(time=min(new.time, now))
        taking = self._database.write(lambda cursor: edits.take(cursor, self._profile, new))
        return taking.addCallback(lambda message: message and self._unkept.fill(message))

    def set_edit_state(
        self, stanza_ids: list[str], state: MessageState, error: str = "", peer: JID | None = None
    ) -> Deferred[list[Message]]:
        """Changes of ours have come further: SENT, or FAILED, as their ``peer`` says. The messages they change."""
        return self._database.write(
            lambda cursor: edits.set_states(cursor, self._profile, stanza_ids, state, error, peer)
        ).addCallback(self._unkept.fill_all)

    def versions(self, id: str) -> Deferred[list[Version]]:
        """What a message has said, oldest first, the present text last. Errors: NotFound."""
        return self._database.read(lambda cursor: edits.versions(cursor, self._profile, id))

    def reveal(self, id: str, new: NewMessage) -> Deferred[Message | None]:
        """What could not be read says something now (see ``sat/storage/revealing.py``); ``id`` is of one that came."""
        order = order_of(id)
        return self._database.write(lambda cursor: None if order is None else reveal(cursor, order, new))

    # -- one message ---------------------------------------------------------------------------------------------

    def get(self, id: str) -> Deferred[Message]:
        """One message. Errors: NotFound."""

        def work(cursor: Cursor) -> Message:
            condition, value = by_id(id, "m")
            cursor.execute(f"SELECT {COLUMNS} {FROM} WHERE m.profile = ? AND {condition}", (self._profile, value))
            row = cursor.fetchone()
            if row is None:
                raise NotFound(what="such message")
            return message_of(row)

        return self._database.read(work).addCallback(self._unkept.fill)

    # -- many messages -------------------------------------------------------------------------------------------

    def history(self, peer: JID, before: int = 0, limit: int = 50) -> Deferred[list[Message]]:
        """The newest messages of a conversation below ``before`` (0: from the end), oldest first; at most 500."""

        def work(cursor: Cursor) -> list[Message]:
            conversation = conversation_of(cursor, self._profile, str(peer))
            cursor.execute(
                f"SELECT {COLUMNS} {FROM} WHERE m.conversation = ? AND m.id < ? ORDER BY m.id DESC LIMIT ?",
                (conversation, before if before > 0 else _END, _bounded(limit)),
            )
            return page_of(cursor)[::-1]

        return self._database.read(work).addCallback(self._unkept.fill_all)

    async def search(
        self, text: str, peers: Sequence[JID] = (), before: int = 0, limit: int = 50, narrow: Narrow = ALL
    ) -> list[Message]:
        """Messages with all the words, the last one as a beginning, that are what they must be; newest first; of some
        conversations or of all. Retracted ones are not found."""
        limit, top, messages = _bounded(limit), before if before > 0 else _END, list[Message]()
        while top and len(messages) < limit:
            found = await self._search(text, narrow, peers, top, limit - len(messages))
            messages += found.messages
            if may_go_on(messages, limit):
                break
            top = found.next
        return messages

    def _search(self, text: str, narrow: Narrow, peers: Sequence[JID], top: int, limit: int) -> Deferred[Found]:
        def find(cursor: Cursor) -> Found:
            numbers = [conversation_of(cursor, self._profile, str(peer)) for peer in peers]
            conversations = [number for number in numbers if number is not None]
            if peers and not conversations:
                return Found([], 0)
            return search.find(cursor, text, narrow, self._profile, conversations, top, limit)

        def index_and_find(cursor: Cursor) -> Found:
            search.index_all(cursor)
            return find(cursor)

        found = self._database.write(lambda cursor: search.with_sound_index(cursor, lambda: index_and_find(cursor)))
        # A full disk keeps nobody from searching what the index has.
        return found.addErrback(lambda failure: failure.trap(StorageError) and self._database.read(find))

    def conversations(self, limit: int = 100) -> Deferred[list[Latest]]:
        """The conversations, the one written in last first."""

        def work(cursor: Cursor) -> list[Latest]:
            cursor.execute(
                "SELECT id, (SELECT max(m.id) FROM message m WHERE m.conversation = conversation.id) AS last"
                " FROM conversation WHERE profile = ? AND last IS NOT NULL ORDER BY last DESC LIMIT ?",
                (self._profile, _bounded(limit)),
            )
            rows = cursor.fetchall()
            unread = self._unread(cursor)
            latest = []
            for conversation, last in rows:
                message = select_message(cursor, last)
                assert message is not None, "it is the conversation's last one"
                message = message._replace(body=message.body[:PREVIEW], subject=message.subject[:PREVIEW])
                count, mentions = unread.get(conversation, (0, 0))
                latest.append(Latest(message.peer, count, message, mentions))
            return latest

        def fill(latest: list[Latest]) -> list[Latest]:
            return [each._replace(last=self._unkept.fill(each.last)) for each in latest]

        return self._database.read(work).addCallback(fill)

    def unread(self) -> Deferred[dict[JID, tuple[int, int]]]:
        """How many messages are unread, and how many of them name us, for each conversation that has any."""

        def work(cursor: Cursor) -> dict[JID, tuple[int, int]]:
            counts = {}
            for conversation, count in self._unread(cursor).items():
                cursor.execute("SELECT peer FROM conversation WHERE id = ?", (conversation,))
                counts[JID(cursor.fetchone()[0])] = count
            return counts

        return self._database.read(work)

    def pending(self) -> Deferred[Outgoing]:
        """What is to be sent again after a reconnection, as it is at one moment."""

        def work(cursor: Cursor) -> Outgoing:
            cursor.execute(
                f"SELECT {COLUMNS}, m.reply_wire {FROM} WHERE m.profile = ? AND m.state = 'pending' ORDER BY m.id",
                (self._profile,),
            )
            messages = [Pending(message_of(row[:-1]), row[2], row[-1]) for row in cursor.fetchall()]
            return Outgoing(messages, edits.pending(cursor, self._profile))

        def fill(found: Outgoing) -> Outgoing:
            messages = [each._replace(message=self._unkept.fill(each.message)) for each in found.messages]
            return found._replace(messages=messages)

        return self._database.read(work).addCallback(fill)

    def reply_wire(self, id: str) -> Deferred[str]:
        """The id on the wire of the message that one of ours answers."""

        def work(cursor: Cursor) -> str:
            condition, value = by_id(id, "m")
            cursor.execute(f"SELECT m.reply_wire {FROM} WHERE m.profile = ? AND {condition}", (self._profile, value))
            row = cursor.fetchone()
            return row[0] if row else ""

        return self._database.read(work)

    # -- what these share ----------------------------------------------------------------------------------------

    def _move(
        self, cursor: Cursor, id: str, state: MessageState, before: tuple[str, ...], error: str
    ) -> MessageChange | None:
        condition, value = by_id(id, "m")
        states = ", ".join("?" * len(before))
        cursor.execute(
            f"UPDATE message AS m SET state = ?, error = ? WHERE m.profile = ? AND {condition}"  # noqa: S608 - the names in it are ours
            f" AND m.state IN ({states}) RETURNING (SELECT peer FROM conversation WHERE id = conversation)",
            (state.value, error, self._profile, value, *before),
        )
        row = cursor.fetchone()
        return None if row is None else MessageChange(id, JID(row[0]), state, error)

    def _move_own(
        self, cursor: Cursor, stanza_id: str, peer: JID, state: MessageState, before: tuple[str, ...], error: str
    ) -> MessageChange | None:
        states = ", ".join("?" * len(before))
        cursor.execute(
            f"UPDATE message SET state = ?, error = ? WHERE profile = ? AND own = 1 AND stanza_id = ?"  # noqa: S608 - the names in it are ours
            f" AND state IN ({states})"
            " AND conversation = (SELECT id FROM conversation WHERE profile = ? AND peer = ?) RETURNING 1",
            (state.value, error, self._profile, stanza_id, *before, self._profile, str(peer)),
        )
        return MessageChange(stanza_id, peer, state, error) if cursor.fetchone() else None

    def _find_outgoing(self, cursor: Cursor, stanza_id: str, peer: JID) -> str | None:
        if not stanza_id:
            return None
        conversation = conversation_of(cursor, self._profile, str(peer))
        cursor.execute(
            "SELECT own, id FROM message WHERE conversation = ? AND stanza_id = ? AND outgoing = 1"
            " ORDER BY own DESC, id DESC LIMIT 1",
            (conversation, stanza_id),
        )
        row = cursor.fetchone()
        if row is None:
            return None
        return stanza_id if row[0] else id_of(row[1])

    def _unread(self, cursor: Cursor) -> dict[int, tuple[int, int]]:
        cursor.execute(
            "SELECT conversation, count(*), sum(mention) FROM message WHERE profile = ? AND state = 'unread'"
            " GROUP BY conversation",
            (self._profile,),
        )
        return {conversation: (unread, mentions) for conversation, unread, mentions in cursor.fetchall()}


def _bounded(limit: int) -> int:
    return max(1, min(limit, LIMIT))
