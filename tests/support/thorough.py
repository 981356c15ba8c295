"""How often a test repeats what chance decides: a few times usually, as often as the threats ask with SAT_THOROUGH=1.

That takes a quarter of an hour, so it is not for every run (docs/how-to/run-the-tests.md).
"""

from __future__ import annotations

import os

THOROUGH = bool(os.environ.get("SAT_THOROUGH"))


def times(usual: int, thorough: int) -> int:
    """One of the two numbers."""
    return thorough if THOROUGH else usual
