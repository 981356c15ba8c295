"""Who finds the files that others may fetch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from sat.api import JID
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.files.wire import About


class Served(NamedTuple):
    """A file that somebody may fetch: open, and what it is. ``encrypt`` is how it may go, in the words of ``Kept``."""

    descriptor: int
    path: str
    about: About
    encrypt: str = ""


Serve = Callable[[JID, About, Shared | None], Awaitable[Served | None]]
"""Finds what somebody asks for, if they may have it; ``about.proof`` is under that secret."""
