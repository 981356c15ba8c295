"""What tests of the timeline and of posts have in common."""

from __future__ import annotations

from typing import Any

from world import Console

from sat.api import JID
from sat.api.posts import Place

TOWN = Place(JID("blogs.example.org"), "verona")


def made(fake: Any, name: str) -> list[tuple[Any, ...]]:
    """The calls of a method."""
    return [call for call in fake.calls if call[0] == name]


def column(console: Console, start: int, end: int) -> str:
    """What stands in these columns."""
    return "\n".join(line[start:end] for line in console.screen.last_text)
