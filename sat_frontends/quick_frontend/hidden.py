"""What stands for a text that is hidden until somebody wants to see it (XEP-0382), or that cannot be read."""

from __future__ import annotations

from sat.api.messages import Message
from sat_frontends.quick_frontend.encryption_words import unreadable


def cover(message: Message) -> str:
    """What stands in the place of a spoiler; nothing for other messages."""
    if not message.extra.spoiler or message.retracted:
        return ""
    return f"Spoiler: {message.extra.hint}" if message.extra.hint else "Spoiler"


def preview(message: Message) -> str:
    """The text as it is shown in a list, or above an answer: what is hidden is hidden there, too. Of files without a
    text, their names."""
    files = ", ".join(each.name for each in message.attachments)
    return cover(message) or message.body or unreadable(message) or files
