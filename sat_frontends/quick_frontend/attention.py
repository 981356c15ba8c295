"""What is said of messages that ask for attention (XEP-0224)."""

from __future__ import annotations

from sat.api.messages import Message


def asked(message: Message, name: str) -> str:
    """A sentence for a message that does; nothing for others. ``name`` is that of the contact."""
    if not message.extra.attention:
        return ""
    return f"You asked for the attention of {name}." if message.outgoing else f"{name} wants your attention."
