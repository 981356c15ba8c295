"""What a model needs of the frontend's event loop."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

Spawn = Callable[[Coroutine[Any, Any, Any]], object]
"""Run a coroutine in the background. Models catch every ``SatError`` themselves; what else comes out is a fault of the
program, and the frontend logs it."""

Cancel = Callable[[], object]
Later = Callable[[float, Callable[[], object]], Cancel]
"""Call a function once, after so many seconds; returns what cancels it."""


def never(seconds: float, function: Callable[[], object]) -> Cancel:
    """A ``Later`` for those who have no timers: nothing is ever called."""
    return lambda: None
