"""Texts that are to leave."""

from __future__ import annotations

from sat.api.errors import MessageTooLong
from sat.plugins.messages.api import LONGEST


def sendable(body: str) -> str:
    """A text as it can be sent. Errors: MessageTooLong."""
    if (size := len(body.encode("utf-8", "replace"))) > LONGEST:
        raise MessageTooLong(size=size, limit=LONGEST)
    return body.encode("utf-8", "replace").decode()  # half a character (a lone surrogate) cannot be carried
