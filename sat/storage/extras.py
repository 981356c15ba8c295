"""What goes with a text beside it, as a column: JSON of what is not as usual, nothing where all is."""

from __future__ import annotations

import json

from sat.api.messages import PLAIN, Extra, LinkMetadata, Mark, Mention
from sat.api.values import JID


def column_of(extra: Extra) -> str:
    """How it is stored."""
    if extra == PLAIN:
        return ""
    usual = zip(extra._fields, extra, PLAIN, strict=True)
    return json.dumps({name: value for name, value, default in usual if value != default})


def extra_of(column: str) -> Extra:
    """The reverse. What cannot be is damage that no check can see: the rest of the message is worth showing."""
    if not column:
        return PLAIN
    try:
        extra = Extra(**json.loads(column))
        mentions = [Mention(begin, end, JID(jid), own) for begin, end, jid, own in extra.mentions]
        links = [LinkMetadata(*each) for each in extra.links]
        marks = [Mark(*each) for each in extra.marks]
        return extra._replace(mentions=mentions, links=links, marks=marks)
    except (ValueError, TypeError):
        return PLAIN
