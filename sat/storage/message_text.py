"""How the full-text index is made: by the migrations, and again when it is found broken."""

# Positions of words are kept for phrases: unicode61 splits what we take for one word in some scripts.
MESSAGE_TEXT = """CREATE VIRTUAL TABLE message_text USING fts5 (
    body, subject, scope, content = 'message_words', content_rowid = 'id', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 2')"""
