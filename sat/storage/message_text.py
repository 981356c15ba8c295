"""How the full-text index is made: by the migrations, and again when it is found broken."""

# Positions of words are kept for phrases: unicode61 splits what we take for one word in some scripts.
# Beginnings of two and three letters have lists of their own: to merge those of all words that begin so takes
# tens of milliseconds in a long history.
MESSAGE_TEXT = """CREATE VIRTUAL TABLE message_text USING fts5 (
    body, subject, scope, content = 'message_words', content_rowid = 'id', columnsize = 0, prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2')"""

REMAKE = (
    "DELETE FROM unindexed",
    "UPDATE indexed SET up_to = 0",
    "DROP TABLE message_text",
    MESSAGE_TEXT,
)
"""Empties the index; it is made again from the messages, in slices."""
