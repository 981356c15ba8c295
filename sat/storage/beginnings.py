"""The words that begin with what a person has typed so far.

For beginnings of two and three letters the index has lists of its own (``message_text.py``). For longer ones FTS5 would
merge the lists of all words that begin so, whole, before the first hit: ten milliseconds and more in a long history.
Where they are few, it is asked for these words instead: it reads of each no more than the newest hits need.
"""

from __future__ import annotations

from sat.storage.database import Cursor

SHORTEST = 4
"""Letters of a beginning that has no list of its own."""

MOST = 64
"""Words that are worth a question each; with more, FTS5 merges."""

_TABLE = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.message_terms USING fts5vocab ('main', 'message_text', 'instance')"


def words_with(cursor: Cursor, beginning: str) -> list[str]:
    """The words of the index that begin so, as it writes them. None of them where the beginning is short, where there
    are too many, or where the index folds more than case (ASCII only)."""
    if len(beginning) < SHORTEST or not beginning.isascii():
        return []
    cursor.execute(_TABLE)
    first = beginning.lower()
    end = first[:-1] + chr(ord(first[-1]) + 1)
    found: list[str] = []
    # From word to word: to list them at once would read each place where they stand.
    while row := cursor.execute(
        "SELECT term FROM temp.message_terms WHERE term >= ? AND term < ? LIMIT 1", (first, end)
    ).fetchone():
        if len(found) == MOST:
            return []
        found.append(row[0])
        first = row[0] + "\x01"
    return found
