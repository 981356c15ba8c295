# Runs in Brython too (libervia's pages): plain Python, no import but of ``times``, which does too.
"""How messages of a conversation stand under each other: days, groups of one sender, the line above what is unread.

Pure functions. A message is anything with ``sender``, ``outgoing``, ``time`` (seconds since 1970 UTC), ``kind``.
"""

from sat_frontends.quick_frontend.times import day_of, no_offset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Written(Protocol):
        """What is looked at in a message."""

        @property
        def sender(self) -> str: ...
        @property
        def outgoing(self) -> bool: ...
        @property
        def time(self) -> float: ...
        @property
        def kind(self) -> str: ...


GROUP_GAP = 300  # seconds: who writes again within five minutes does not get a new heading


def starts_day(previous: "Written | None", message: "Written", offset: "Callable[[float], int]" = no_offset) -> bool:
    """Whether the line with the day stands above a message."""
    return previous is None or day_of(previous.time, offset) != day_of(message.time, offset)


def starts_group(previous: "Written | None", message: "Written", offset: "Callable[[float], int]" = no_offset) -> bool:
    """Whether a message gets a heading with time and sender, and is not drawn as a part of the one above."""
    return (
        previous is None
        or previous.outgoing != message.outgoing
        or author(previous) != author(message)
        or previous.kind != message.kind
        or not 0 <= message.time - previous.time <= GROUP_GAP
        or starts_day(previous, message, offset)
    )


def author(message: "Written") -> str:
    """The address of who wrote: without the resource, but in a room the resource is the person."""
    return message.sender if message.kind == "groupchat" else message.sender.partition("/")[0]
