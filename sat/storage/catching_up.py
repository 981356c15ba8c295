"""What an archive and the stored messages have in common, and what belongs to rooms."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred

from sat.api.errors import InvalidArgument, NotEditable, NotFound
from sat.api.messages import Message, MessageChange, MessageKind, MessageState
from sat.api.values import JID
from sat.storage import edits
from sat.storage.database import Cursor
from sat.storage.places import CatchUp, conversation_of
from sat.storage.rows import FROM, NewMessage, by_id
from sat.storage.together import Together
from sat.storage.unkept import Unkept


class CaughtUp:
    """Where the stored messages of a profile and those of an archive meet."""

    def __init__(self, database: Together, profile: int, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._profile = profile
        self._clock = clock
        self._catch_up = CatchUp()  # the worker's
        self._unkept = Unkept()

    def begin_catch_up(self, peer: JID | None = None) -> Deferred[None]:
        """There is a new connection, or we are in that room again: what comes ``missed`` from now on goes behind what
        is stored now and known to be in the archive."""

        def work(cursor: Cursor) -> None:  # in its turn: what came by the last connection is stored before
            if peer is None:
                self._catch_up = CatchUp()
            elif number := conversation_of(cursor, self._profile, str(peer)):
                self._catch_up.forget(str(peer), number)

        return self._database.read(work)

    def _catch_up_of(self, new: Sequence[NewMessage]) -> CatchUp:
        # What an archive tells for the first time, or from long ago, is no catch-up.
        return self._catch_up if new and (new[0].missed or not new[0].delayed) else CatchUp()

    def oldest_archived(self, peer: JID) -> Deferred[tuple[str, int]]:
        """The archive's id and the order of the oldest stored message of a conversation that has one, or nothing and
        0: page back from there (XEP-0313 §4.1, ``<before/>``)."""

        def work(cursor: Cursor) -> tuple[str, int]:
            cursor.execute(
                "SELECT archive_id, id FROM message WHERE conversation = ? AND archive_key IS NOT NULL"
                " ORDER BY id LIMIT 1",
                (conversation_of(cursor, self._profile, str(peer)),),
            )
            return cursor.fetchone() or ("", 0)

        return self._database.read(work)

    # -- rooms -------------------------------------------------------------------------------------------------------

    def rooms(self) -> Deferred[list[JID]]:
        """The conversations that are rooms."""

        def work(cursor: Cursor) -> list[JID]:
            cursor.execute(
                "SELECT c.peer FROM conversation c JOIN message m"
                " ON m.id = (SELECT max(id) FROM message WHERE conversation = c.id)"
                " WHERE c.profile = ? AND m.kind = ?",
                (self._profile, MessageKind.GROUPCHAT.value),
            )
            return [JID(row[0]) for row in cursor.fetchall()]

        return self._database.read(work)

    def last_heard(self, peer: JID) -> Deferred[float]:
        """When the newest stored message of a conversation was written that is not waiting to leave; 0: there is
        none."""

        def work(cursor: Cursor) -> float:
            cursor.execute(
                "SELECT time FROM message WHERE conversation = ? AND state NOT IN ('pending', 'failed')"
                " ORDER BY id DESC LIMIT 1",
                (conversation_of(cursor, self._profile, str(peer)),),
            )
            row = cursor.fetchone()
            return float(row[0]) if row else 0.0

        return self._database.read(work)

    def has_own(self, peer: JID, ids: Sequence[str]) -> Deferred[bool]:
        """Whether a message with one of these ids on the wire was written here, in this conversation."""

        def work(cursor: Cursor) -> bool:
            cursor.execute(
                f"SELECT 1 FROM message WHERE profile = ? AND own = 1 AND stanza_id IN ({', '.join('?' * len(ids))})"  # noqa: S608
                " AND conversation = ?",
                (self._profile, *ids, conversation_of(cursor, self._profile, str(peer))),
            )
            return cursor.fetchone() is not None

        return self._database.read(work)

    def room_id(self, id: str) -> Deferred[tuple[JID, str]]:
        """The room in which a message was written, and the id that it has there. Errors: NotFound, NotEditable."""

        def work(cursor: Cursor) -> tuple[JID, str]:
            condition, value = by_id(id, "m")
            cursor.execute(
                f"SELECT c.peer, m.kind, m.archive_id {FROM} WHERE m.profile = ? AND {condition}",
                (self._profile, value),
            )
            row = cursor.fetchone()
            if row is None:
                raise NotFound(what=f"message {id}")
            if row[1] != MessageKind.GROUPCHAT or not row[2]:
                raise NotEditable(reason="the room has no id for it")
            return JID(row[0]), row[2]

        return self._database.read(work)

    def archived(self, ids: Sequence[str], author: JID) -> Deferred[list[tuple[str, str]]]:
        """Under which ids which archives keep these messages of somebody; what no archive has is left out. Errors:
        NotFound, InvalidArgument where another has written it."""

        def work(cursor: Cursor) -> list[tuple[str, str]]:
            found = []
            for id in ids:
                condition, value = by_id(id, "m")
                cursor.execute(
                    f"SELECT m.sender, m.outgoing, m.archive, m.archive_id {FROM} WHERE m.profile = ? AND {condition}",
                    (self._profile, value),
                )
                row = cursor.fetchone()
                if row is None:
                    raise NotFound(what=f"message {id}")
                if row[1] or JID(row[0]).bare != author.bare:
                    raise InvalidArgument(reason=f"{author.bare} has not written the message {id}.")
                if row[3]:
                    found.append((row[2], row[3]))
            return found

        return self._database.read(work)

    def fail_pending(self, room: JID, error: str) -> Deferred[tuple[list[MessageChange], list[Message]]]:
        """What waits to leave to a room, or to somebody in it, will not: it is FAILED, with this sentence. The messages
        that have failed, and those of which a change has."""
        private = f"{room}/"
        of_room = (
            "SELECT id FROM conversation WHERE profile = ? AND (peer = ? OR substr(peer, 1, ?) = ?)",
            (self._profile, str(room), len(private), private),
        )

        def work(cursor: Cursor) -> tuple[list[MessageChange], list[Message]]:
            changes, messages = [], []
            for (number,) in cursor.execute(*of_room).fetchall():
                cursor.execute(
                    "UPDATE message SET state = 'failed', error = ? WHERE profile = ? AND state = 'pending'"
                    " AND conversation = ? RETURNING stanza_id, (SELECT peer FROM conversation WHERE id = ?)",
                    (error, self._profile, number, number),
                )
                changes += [MessageChange(id, JID(peer), MessageState.FAILED, error) for id, peer in cursor.fetchall()]
                cursor.execute("SELECT stanza_id FROM edit WHERE state = 'pending' AND conversation = ?", (number,))
                waiting = [row[0] for row in cursor.fetchall()]
                messages += edits.set_states(cursor, self._profile, waiting, MessageState.FAILED, error)
            return changes, messages

        return self._database.write(work)
