"""What a person has to know of the search (the daemon reads what they type)."""

from __future__ import annotations

FILTERS = (
    "Filters, among the words or alone: from:NAME (a contact, a nick in rooms, me), in:NAME (a contact or a room),"
    " after:DAY and before:DAY (2026-01-31, 2026-01, yesterday, 7d), has:link, has:file, has:picture, has:reaction,"
    " has:reply, has:correction."
)
