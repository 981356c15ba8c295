"""Full-text search (SQLite FTS5).

The index follows behind: the tables ``indexed`` and ``unindexed`` say, in the same transactions, what it has seen. It
is brought up to date when the daemon has nothing else to store, and before a search. So a burst does not wait for it,
a kill loses nothing, and an index that is found broken is made again from the messages.
"""

from __future__ import annotations

import json
import logging
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from sat.api.messages import Message, MessageKind, may_go_on
from sat.storage.beginnings import words_with
from sat.storage.database import Cursor
from sat.storage.faults import is_damage
from sat.storage.message_text import REMAKE
from sat.storage.rows import COLUMNS, page_of
from sat.storage.spread import spread_of

T = TypeVar("T")

log = logging.getLogger(__name__)

MANY = 200
"""Messages that are worth a commit for the index alone."""

SLICE = 1000
"""Messages indexed in one work, so that others need not wait long."""

AT_ONCE = 20_000
"""Messages indexed at most before a search. More are missing only after an import or a repair, and come soon."""

LOOKED_AT = 2000
"""Messages with the words that are looked at in one work, for what else they must be."""

_WORDS = 16
_TEXT = 1000
MARK = "\ue000"
"""Begins the words that say whose something is. Of private use: nothing that a person looks for has it."""


def note_unindexed(cursor: Cursor, *orders: int) -> None:
    """Remember that new messages are to be indexed. Nothing is to be done for one that is newer than all indexed."""
    up_to = _indexed_up_to(cursor)
    if older := [(order,) for order in orders if order <= up_to]:
        cursor.executemany("INSERT INTO unindexed VALUES (?)", older)


def has_many_unindexed(cursor: Cursor) -> bool:
    """Whether indexing is worth a commit of its own: a few messages can wait for the next search."""
    for table, key, after in (("message", "id", _indexed_up_to(cursor)), ("unindexed", "message", -1)):
        cursor.execute(f"SELECT 1 FROM {table} WHERE {key} > ? LIMIT 1 OFFSET {MANY - 1}", (after,))  # noqa: S608 - the names in it are ours
        if cursor.fetchone():
            return True
    return False


def index_some(cursor: Cursor, limit: int = SLICE) -> bool:
    """Bring messages into the index; whether there may be more."""
    cursor.execute("SELECT message FROM unindexed ORDER BY message LIMIT ?", (limit,))
    rows = cursor.fetchall()
    if rows:
        span = (rows[0][0], rows[-1][0])
        _index(cursor, "unindexed u CROSS JOIN message_words w ON w.id = u.message", span)
        cursor.execute("DELETE FROM unindexed WHERE message BETWEEN ? AND ?", span)
        return True
    up_to = _indexed_up_to(cursor)
    cursor.execute(
        "SELECT max(id), count(*) FROM (SELECT id FROM message WHERE id > ? ORDER BY id LIMIT ?)", (up_to, limit)
    )
    newest, count = cursor.fetchone()
    if count:
        _index(cursor, "message_words w", (up_to + 1, newest))
        cursor.execute("UPDATE indexed SET up_to = ?", (newest,))
        cursor.notes["indexed_up_to"] = newest
    return bool(count == limit)


def index_all(cursor: Cursor) -> None:
    """Bring the index up to date, as far as can be waited for."""
    for _ in range(AT_ONCE // SLICE):
        if not index_some(cursor):
            break


def forget_words(cursor: Cursor, messages: Iterable[Sequence[Any]]) -> None:
    """Take messages, as rows with their order, out of the index; before they are deleted."""
    up_to = _indexed_up_to(cursor)
    for order, *_ in messages:
        cursor.execute("DELETE FROM unindexed WHERE message = ?", (order,))
        if cursor.rowcount == 0 and order <= up_to:
            cursor.execute(
                "INSERT INTO message_text (message_text, rowid, body, subject, scope)"
                " SELECT 'delete', id, body, subject, scope FROM message_words WHERE id = ?",
                (order,),
            )


def rebuild(cursor: Cursor) -> None:
    """Empty the index; it is made again from the messages, in slices."""
    for statement in REMAKE:
        cursor.execute(statement)
    cursor.notes.pop("indexed_up_to", None)


def _indexed_up_to(cursor: Cursor) -> int:
    order = cursor.notes.get("indexed_up_to")
    if order is None:
        order = cursor.notes["indexed_up_to"] = cursor.execute("SELECT up_to FROM indexed").fetchone()[0]
    return int(order)


def _index(cursor: Cursor, source: str, span: tuple[int, int]) -> None:
    cursor.execute(
        "INSERT INTO message_text (rowid, body, subject, scope) SELECT w.id, w.body, w.subject, w.scope"  # noqa: S608 - the names in it are ours
        f" FROM {source} WHERE w.id BETWEEN ? AND ?",
        span,
    )


def with_sound_index(cursor: Cursor, work: Callable[[], T], remake: Callable[[Cursor], None] = rebuild) -> T:
    """Do what needs the index; if that is found broken, make it again first."""
    try:
        return work()
    except Exception as error:
        if not is_broken_index(error):
            raise
        log.warning("the index for the search was damaged, and is made again")
        remake(cursor)
        return work()


class Narrow(NamedTuple):
    """What a message must be, beside having the words. ``senders`` are bare addresses, "" is us; times are seconds
    since 1970, 0 for any; ``has`` names conditions of :data:`HAS`. ``nicks``: so is called who wrote it in a room."""

    senders: frozenset[str] = frozenset()
    since: float = 0.0
    until: float = 0.0
    has: frozenset[str] = frozenset()
    nicks: frozenset[str] = frozenset()


ALL = Narrow()

_SUFFIXED = [
    f" OR m.attachments LIKE '%.{each}{end}%'" for each in ("jpg", "jpeg", "png", "gif", "webp", "avif") for end in '"#'
]

HAS = {
    "link": "(m.body LIKE '%http://%' OR m.body LIKE '%https://%' OR m.body LIKE '%xmpp:%')",
    "file": "m.attachments != ''",
    "picture": f"""(m.attachments LIKE '%"image/%'{"".join(_SUFFIXED)})""",
    "reaction": "m.reactions != ''",
    "reply": "m.reply_wire != ''",
    "correction": "m.edited != 0",
}

_BARE = "CASE WHEN m.outgoing THEN '' ELSE substr(m.sender, 1, instr(m.sender || '/', '/') - 1) END"


_IN_ROOM = f"m.kind = '{MessageKind.GROUPCHAT}' AND m.outgoing = 0"
_NICK = "substr(m.sender, instr(m.sender, '/') + 1)"


class Found(NamedTuple):
    """A part of what is found, newest first; ``next`` is where to look on, 0 where there is no more."""

    messages: list[Message]
    next: int


def find(
    cursor: Cursor, text: str, narrow: Narrow, profile: int, conversations: list[int], before: int, limit: int
) -> Found:
    """Messages with all the words that are what they must be; of these conversations, or of all. Looks at LOOKED_AT of
    those with the words, so that others need not wait long."""
    words = match_of(text, lambda beginning: words_with(cursor, beginning))
    if not words and narrow == ALL and (text.strip() or not conversations):
        return Found([], 0)
    looked_at = limit if narrow == ALL else max(limit, LOOKED_AT)
    spread = spread_of(cursor)
    first = spread.first(narrow.since) if narrow.since else 0
    end = min(before, spread.end(narrow.until)) if narrow.until else before
    scopes = [f"{MARK}c{each}" for each in conversations] or [f"{MARK}p{profile}"]
    query = f"scope : ({' OR '.join(chr(34) + each + chr(34) for each in scopes)})"
    if words:
        query += f" AND {{body subject}} : ({words})"
    cursor.execute(
        "SELECT rowid FROM message_text WHERE message_text MATCH ? AND rowid >= ? AND rowid < ?"
        " ORDER BY rowid DESC LIMIT ?",
        (query, first, end, looked_at),
    )
    rows = cursor.fetchall()
    if not rows:
        return Found([], 0)
    conditions = ["m.profile = ?", "m.retracted = 0", *(HAS[each] for each in sorted(narrow.has))]
    values: list[Any] = [profile]
    if conversations:
        conditions.append(f"m.conversation IN ({', '.join('?' * len(conversations))})")
        values += conversations
    if narrow.senders or narrow.nicks:
        nicks = {each.lower() for each in narrow.nicks}  # SQLite's lower() knows ASCII only
        conditions.append(
            f"({_BARE} IN ({', '.join('?' * len(narrow.senders))})"
            f" OR {_IN_ROOM} AND (lower({_NICK}) IN ({', '.join('?' * len(nicks))})"
            f" OR {_NICK} IN ({', '.join('?' * len(narrow.nicks))})))"
        )
        values += [*sorted(narrow.senders), *sorted(nicks), *sorted(narrow.nicks)]
    for condition, time in (("m.time >= ?", narrow.since), ("m.time < ?", narrow.until)):
        if time:
            conditions.append(condition)
            values.append(time)
    cursor.execute(
        f"SELECT {COLUMNS} FROM json_each(?) j CROSS JOIN message m ON m.id = j.value"  # noqa: S608 - the names in it are ours
        f" CROSS JOIN conversation c ON c.id = m.conversation WHERE {' AND '.join(conditions)}"
        " ORDER BY m.id DESC LIMIT ?",
        (json.dumps([row[0] for row in rows]), *values, limit),
    )
    messages = page_of(cursor)
    if may_go_on(messages, limit):
        return Found(messages, messages[-1].order)
    return Found(messages, rows[-1][0] if len(rows) == looked_at else 0)


def match_of(text: str, begun: Callable[[str], list[str]] = lambda _: []) -> str:
    """A person's words as an FTS5 expression: all of them, the last one as a beginning. Empty without any word.
    ``begun`` is asked for the words with a beginning; where it knows none, FTS5 looks for them."""
    words = _words(text[:_TEXT])[:_WORDS]
    if not words:
        return ""
    quoted = [f'"{word}"' for word in words]  # quoted, a word is never an operator
    # A single letter as a beginning would find nearly everything, slowly.
    if len(words[-1]) > 1 and not text[-1:].isspace():
        quoted[-1] = " OR ".join(f'"{word}"' for word in begun(words[-1])) or f"{quoted[-1]}*"
    return " AND ".join(f"({each})" if " OR " in each else each for each in quoted)


def _words(text: str) -> list[str]:
    """Split as FTS5's unicode61 does: letters and numbers, with the marks on them, are words."""
    kept = "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in text)
    return [word for word in kept.split() if any(unicodedata.category(char)[0] in "LN" for char in word)]


def is_broken_index(error: BaseException) -> bool:
    """Whether the index, and not the rest of the file, is damaged."""
    return is_damage(error) and getattr(error, "sqlite_errorname", "") == "SQLITE_CORRUPT_VTAB"
